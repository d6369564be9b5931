from collections.abc import Collection
from datetime import date
from decimal import Decimal
from uuid import UUID

from pydantic_core import from_json
from sqlalchemy import ARRAY, Date, Text, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from crm_api.kit.alone import alone
from crm_api.kit.db import table_of
from crm_api.kit.repository import Repository
from crm_api.kit.statement import TENANT, in_tenant

from .models import TaxRate
from .queries import in_force
from .resource import TAX_RATE
from .rules import TaxRateInForce, regions
from .schemas import TaxRateRead

RATES = table_of(TaxRate)
ASKED = (
    select(RATES.c.tax_class, RATES.c.id, RATES.c.percent, RATES.c.name)
    .ext(distinct_on(RATES.c.tax_class))
    .where(
        RATES.c.tenant_id == TENANT,
        RATES.c.tax_class == bindparam("classes", type_=ARRAY(Text())).any_(),
        RATES.c.region == bindparam("regions", type_=ARRAY(Text())).any_(),
        in_force(RATES, bindparam("day", type_=Date())),
    )
    .order_by(RATES.c.tax_class, func.length(RATES.c.region).desc())
    .subquery("nearest")
)
TOLD = func.json_build_array(ASKED.c.id, cast(ASKED.c.percent, Text), ASKED.c.name)
IN_FORCE = in_tenant(
    select(cast(func.json_object_agg(ASKED.c.tax_class, TOLD), Text)).scalar_subquery()
)


class TaxRateRepository(Repository[TaxRate, TaxRateRead]):
    model = TaxRate
    noun = TAX_RATE
    read = TaxRateRead

    async def take_turns(self, tax_class: str, region: str) -> None:
        """Nobody else writes a rate of these until the commit."""
        await alone(self.ctx, RATES.name, tax_class, region)

    async def in_force(
        self, classes: Collection[str], region: str, day: date
    ) -> dict[str, TaxRateInForce]:
        """Of the region itself, else of its country; by the classes that have one."""
        asked = {"classes": list(classes), "regions": regions(region), "day": day}
        found: dict[str, tuple[str, str, str]] = from_json(
            await self.ctx.work.fetch(IN_FORCE, asked) or "{}"
        )
        return {
            of: TaxRateInForce(UUID(id), Decimal(percent), name)
            for of, (id, percent, name) in found.items()
        }
