from decimal import Decimal
from typing import Any
from uuid import UUID

from crm_api.features.pipeline.quotas.schemas import begins, next_of
from crm_api.kit.context import Context
from crm_api.kit.money import MoneySum
from crm_api.platform.business_units.rules import midnight, today

from .queries import MOST
from .repository import ForecastRepository
from .schemas import Forecast, ForecastAsked, ForecastRow, Unconverted

FILTERS = {"pipeline_id", "owner_id", "business_unit_id", "under"}


class ForecastService:
    """What open deals may bring, beside what was won and what was to be won."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.zone, self.base = ctx.tenant.time_zone, ctx.tenant.base_currency
        self.today = today(ctx.now, self.zone)

    async def forecast(self, asked: ForecastAsked) -> Forecast:
        listed = asked.model_dump(include=FILTERS)
        told = self._told(asked) | {name: values for name, values in listed.items() if values}
        found = await ForecastRepository(self.ctx).forecast(tuple(asked.by), asked.period, told)
        rows = found["rows"] or []
        return Forecast(
            object="forecast",
            period=asked.period,
            as_of_on=self.today,
            rows=[self._row(row) for row in rows[:MOST]],
            more_rows=len(rows) > MOST,
            undated_deals=found["undated_deals"],
            unconverted=[_unconverted(one) for one in found["unconverted"] or ()],
        )

    def _told(self, asked: ForecastAsked) -> dict[str, Any]:
        """From which day, and until before which; days begin where the tenant is."""
        first = begins(asked.period, asked.from_on or self.today)
        until = next_of(asked.period, first, asked.periods)
        return {
            "first": first,
            "until": until,
            "begins": midnight(first, self.zone),
            "ends": midnight(until, self.zone),
            "today": self.today,
            "zone": self.zone,
            "base": self.base,
        }

    def _row(self, row: dict[str, Any]) -> ForecastRow:
        ids = {name: UUID(row[name]) for name in ("owner_id", "business_unit_id") if row[name]}
        sums = {name: Decimal(row[name]) for name in ("open", "weighted", "closed")}
        sums["forecast"] = sums["weighted"] + sums["closed"]
        money = {name: MoneySum.of(value, self.base) for name, value in sums.items()}
        quota = row["quota"] and MoneySum.of(Decimal(row["quota"]), self.base)
        return ForecastRow.model_validate({**row, **ids, **money, "quota": quota})


def _unconverted(row: dict[str, Any]) -> Unconverted:
    amount = MoneySum.of(Decimal(row["amount"]), row["currency"])
    return Unconverted(deals=row["deals"], amount=amount)
