from typing import Any
from uuid import UUID

from crm_api.kit.context import Context
from crm_api.platform.business_units.rules import midnight, today

from .queries import MOST
from .repository import SatisfactionRepository
from .schemas import Satisfaction, SatisfactionAsked, SatisfactionGroup, days

IDS = ("business_unit_id", "assignee_id")


class SatisfactionService:
    """How satisfied customers are, from what they were asked and have said."""

    def __init__(self, ctx: Context) -> None:
        self.ctx, self.zone = ctx, ctx.tenant.time_zone

    async def satisfaction(self, asked: SatisfactionAsked) -> Satisfaction:
        first, until = days(asked, today(self.ctx.now, self.zone))
        told = {
            "begins": midnight(first, self.zone),
            "ends": midnight(until, self.zone),
            "zone": self.zone,
        }
        listed = asked.model_dump(include={"business_unit_id", "under", "assignee_id", "type"})
        told |= {name: values for name, values in listed.items() if values}
        by = tuple(dict.fromkeys(asked.by))
        found = await SatisfactionRepository(self.ctx).groups(by, asked.period, told)
        return Satisfaction(
            object="satisfaction",
            from_on=first,
            until_on=until,
            groups=[_group(row) for row in found[:MOST]],
            more_groups=len(found) > MOST,
        )


def _group(row: dict[str, Any]) -> SatisfactionGroup:
    ids = {name: UUID(row[name]) for name in IDS if row[name]}
    return SatisfactionGroup.model_validate({**row, **ids})
