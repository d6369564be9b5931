from asyncio import sleep
from collections.abc import Sequence
from typing import Any

from crm_api.features.customers.resource import CUSTOMER
from crm_api.features.customers.service import CustomerService
from crm_api.kit.context import Context
from crm_api.kit.definitions import NONE, Definitions
from crm_api.kit.projection import Written
from crm_api.platform.external_ids.repository import ExternalIdRepository
from crm_api.platform.external_ids.service import Sent

from . import rules
from .errors import UnknownColumns

AT_ONCE = 100


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

    async def lines(self, columns: Sequence[str], documents: bytes) -> bytes:
        """`documents` stand one a line; others have their turn between some and the next."""
        every, written = documents.splitlines(), list[bytes]()
        for at in range(0, len(every), AT_ONCE):
            await sleep(0)
            written.append(rules.table(columns, every[at : at + AT_ONCE]))
        return b"".join(written)

    def header(self, columns: Sequence[str], *, marked: bool) -> bytes:
        return rules.header(columns, marked=marked)

    async def unknown(self, columns: Sequence[str]) -> list[str]:
        """Those of a table's columns that say nothing that a customer has."""
        fields = await self._fields()
        return [column for column in columns if not _known(column, list(fields))]

    async def records(
        self, columns: Sequence[str], lines: Sequence[Sequence[str]]
    ) -> list[dict[str, Any]]:
        """What the cells of each line say, as JSON."""
        fields = await self._fields()
        return [rules.record(columns, cells, fields) for cells in lines]

    async def _shown(self) -> list[str]:
        fields = await self._fields()
        hidden = fields.hidden(masked=self.ctx.actor.masked)
        return [key for key in fields if key not in hidden]

    async def _fields(self) -> Definitions:
        return (await self.ctx.learn()).get(CUSTOMER.word, NONE)


class SheetCustomers(CustomerService):
    """Customers as lines of a table tell of them: what they do not tell stays."""

    async def seen_first(self, sent: Sent) -> Written[Any]:
        return await super().seen_first(rules.with_contacts(sent, [], self.region))

    async def seen_again(self, row: Any, sent: Sent) -> Written[Any]:
        told = rules.with_contacts(sent, row.contact_points, self.region)
        return await super().seen_again(row, told)


def _known(column: str, shown: Sequence[str]) -> bool:
    map_, dot, key = column.partition(".")
    if not dot:
        return column in rules.FIXED
    return map_ == "external_ids" or (map_ == "custom" and key in shown)
