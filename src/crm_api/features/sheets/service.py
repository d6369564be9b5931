from collections.abc import Sequence

from crm_api.features.customers.resource import CUSTOMER
from crm_api.kit.context import Context
from crm_api.kit.definitions import NONE, Definitions
from crm_api.platform.external_ids.repository import ExternalIdRepository

from . import rules
from .errors import UnknownColumns


class SheetService:
    """Customers as tables that people open in a spreadsheet."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def columns(self) -> list[str]:
        """All that there are for this caller: with the systems and fields of the tenant."""
        systems = await ExternalIdRepository(self.ctx, CUSTOMER.word).systems()
        return rules.all_columns(systems, await self._shown())

    async def check(self, columns: Sequence[str]) -> None:
        """Raises UnknownColumns."""
        shown = await self._shown()
        places = [f"/columns/{n}" for n, one in enumerate(columns) if not _known(one, shown)]
        if places:
            raise UnknownColumns(places)

    def lines(self, columns: Sequence[str], documents: bytes) -> bytes:
        """`documents` stand one a line."""
        return rules.table(columns, documents.splitlines())

    def header(self, columns: Sequence[str], *, marked: bool) -> bytes:
        return rules.header(columns, marked=marked)

    async def _shown(self) -> list[str]:
        fields: Definitions = (await self.ctx.learn()).get(CUSTOMER.word, NONE)
        hidden = fields.hidden(masked=self.ctx.actor.masked)
        return [key for key in fields if key not in hidden]


def _known(column: str, shown: Sequence[str]) -> bool:
    map_, dot, key = column.partition(".")
    if not dot:
        return column in rules.FIXED
    return map_ == "external_ids" or (map_ == "custom" and key in shown)
