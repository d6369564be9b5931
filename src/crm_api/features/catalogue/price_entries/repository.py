from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, bindparam, func, select

from crm_api.kit.alone import alone
from crm_api.kit.db import table_of
from crm_api.kit.repository import Repository
from crm_api.kit.statement import TENANT

from .models import PriceEntry
from .resource import PRICE_ENTRY
from .rules import Key
from .schemas import PriceEntryRead

ENTRIES = table_of(PriceEntry)
NAMES = ("price_book_id", "product_id", "min_quantity", "valid_from_on")
ASKED = func.unnest(*(bindparam(name, type_=ARRAY(ENTRIES.c[name].type)) for name in NAMES))
KEYS = ASKED.table_valued(*NAMES).render_derived()
OF_KEYS = select(ENTRIES.c.id).where(
    ENTRIES.c.tenant_id == TENANT,
    *(ENTRIES.c[name] == KEYS.c[name] for name in NAMES[:3]),
    ENTRIES.c.valid_from_on.is_not_distinct_from(KEYS.c.valid_from_on),
)


class PriceEntryRepository(Repository[PriceEntry, PriceEntryRead]):
    """Whoever writes entries takes turns with all others of the tenant, before any row."""

    model = PriceEntry
    noun = PRICE_ENTRY
    read = PriceEntryRead

    async def take_turns(self) -> None:
        """Two who write at once what overlaps would wait for each other."""
        await alone(self.ctx, ENTRIES.name)

    async def claim(self, keys: Sequence[Key]) -> dict[Key, PriceEntry]:
        """The entries of these keys, locked."""
        await self.take_turns()
        asked = {name: [key[n] for key in keys] for n, name in enumerate(NAMES)}
        ids: list[UUID] = [row.id for row in await self.ctx.work.rows(OF_KEYS, asked)]
        rows = await self.load_all(ids) if ids else []
        return {
            (row.price_book_id, row.product_id, row.min_quantity, row.valid_from_on): row
            for row in rows
        }
