from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import ARRAY, Date, Text, bindparam, func, select

from crm_api.kit.alone import alone
from crm_api.kit.repository import Repository
from crm_api.kit.statement import TENANT, in_tenant

from .criteria import RATES, rate_on
from .models import ExchangeRate
from .schemas import ExchangeRateRead

Key = tuple[str, str, date]
"""Currency, base currency, and the day from which on."""
IN_FORCE = in_tenant(
    select(
        rate_on(
            bindparam("currency", type_=Text()),
            bindparam("day", type_=Date()),
            bindparam("base", type_=Text()),
        )
    ).scalar_subquery()
)
NAMES = ("currency", "base_currency", "valid_from_on")
ASKED = func.unnest(*(bindparam(name, type_=ARRAY(RATES.c[name].type)) for name in NAMES))
KEYS = ASKED.table_valued(*NAMES).render_derived()
OF_KEYS = select(RATES.c.id).where(
    RATES.c.tenant_id == TENANT, *(RATES.c[name] == KEYS.c[name] for name in NAMES)
)


class ExchangeRateRepository(Repository[ExchangeRate, ExchangeRateRead]):
    model = ExchangeRate
    read = ExchangeRateRead

    async def in_force(self, currency: str, base: str, day: date) -> Decimal | None:
        asked = {"currency": currency, "base": base, "day": day}
        rate: Decimal | None = await self.ctx.work.fetch(IN_FORCE, asked)
        return rate

    async def claim(self, keys: Sequence[Key]) -> dict[Key, ExchangeRate]:
        """The rates of these keys, locked. Batches of a tenant come one after the other."""
        await alone(self.ctx, "exchange rates")
        asked = {name: [key[n] for key in keys] for n, name in enumerate(NAMES)}
        ids = [row.id for row in await self.ctx.work.rows(OF_KEYS, asked)]
        rows = await self.load_all(ids) if ids else []
        return {(row.currency, row.base_currency, row.valid_from_on): row for row in rows}
