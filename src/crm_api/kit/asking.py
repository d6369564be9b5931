"""From the filter that a caller sent to one that is understood, or to what is wrong with it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from . import tree
from .actor import Tenant
from .catalogue import Catalogue
from .conditions import Asked
from .context import Context
from .criteria import Criterion
from .errors import FieldError, Invalid
from .kinds import TIMES, Kind
from .matching import Group, Node, joined
from .moments import Ago, Unit, back, day_back, first_day, start
from .ops import NEGATED, PARTS, SEVERAL, Op
from .rights import ALL, Rights, rights_of
from .unfit import Unfit, mistake, said
from .words import Misfit, say

SPAN = '{"unit": "day", "ago": 30}'


@dataclass(slots=True)
class Asker:
    """Understands filters over one catalogue, for a tenant and at a time.

    What the caller has no `rights` to see is refused.
    """

    catalogue: Catalogue
    tenant: Tenant
    now: datetime
    rights: Rights = ALL
    mistakes: list[FieldError] = field(default_factory=list)

    def understand(self, filter: tree.Filter, pointer: str = "/filter") -> Node:
        """Raises Invalid with all mistakes; Forbidden for what the caller may not see."""
        tree.check_size(filter, pointer)
        node = self._node(filter, pointer)
        if self.mistakes:
            raise Invalid(say("The filter cannot be asked."), *self.mistakes)
        return joined(node)

    def meant(self, **filters: tree.Filter | None) -> dict[str, Node]:
        """What the filters say that were sent, by their names in the body."""
        sent = ((name, filter) for name, filter in filters.items() if filter is not None)
        return {name: self.understand(filter, f"/{name}") for name, filter in sent}

    def criterion(self, name: str, part: str = "field") -> Criterion:
        """Raises Unfit for an unknown field, Forbidden for a secret one."""
        found = self.catalogue.find(name)
        if found is None:
            raise Unfit(
                part, "unknown_field", say("There is no such field: see /v1/filter-fields.")
            )
        if refusal := self.rights.refusal(found):
            raise refusal
        return found.of_seen(self.rights.sees)

    def _node(self, filter: tree.Filter, pointer: str) -> Node:
        if not isinstance(filter, tree.Condition):
            parts = enumerate(filter.of)
            return Group(
                filter.kind, tuple(self._node(part, f"{pointer}/of/{n}") for n, part in parts)
            )
        try:
            return self._condition(filter)
        except Unfit as unfit:
            self.mistakes.append(mistake(f"{pointer}/{unfit.part}", unfit))
            return Group("all", ())

    def _condition(self, asked: tree.Condition) -> Node:
        criterion = self.criterion(asked.field)
        if asked.op not in criterion.ops:
            allowed = [op.value for op in criterion.ops]
            message = say("Of this field you may ask {operators}.", operators=", ".join(allowed))
            raise Unfit("op", "operator_not_allowed", message, allowed=allowed)
        if asked.op is Op.within_last:
            return self._within(criterion, asked.value)
        op, negated = NEGATED.get(asked.op, asked.op), asked.op in NEGATED
        if op is Op.exists:
            wanted = self._flag(asked.value)
            return Asked(criterion, op, not wanted, None)
        return Asked(criterion, op, negated, self._value(criterion, asked.op, asked.value))

    def _flag(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise Unfit("value", "bool_type", say("Send true or false."))
        return value

    def _value(self, criterion: Criterion, op: Op, value: Any) -> Any:
        if (op in SEVERAL) is not isinstance(value, list):
            wanted = say("Send a list.") if op in SEVERAL else say("Send one value, not a list.")
            raise Unfit("value", "filter_value", wanted)
        if isinstance(value, list):
            return [self._one(criterion, op, one, f"value/{n}") for n, one in enumerate(value)]
        return self._one(criterion, op, value, "value")

    def _one(self, criterion: Criterion, op: Op, value: Any, part: str) -> Any:
        if isinstance(value, Ago):
            return self._from_now(criterion, value)
        try:
            return criterion.read(value, self.tenant, whole=op not in PARTS)
        except (ValidationError, Misfit) as error:
            raise Unfit(part, *said(error)) from error

    def _from_now(self, criterion: Criterion, ago: Ago) -> Any:
        if criterion.kind not in TIMES:
            raise Unfit("value", "filter_value", say("Only dates and times are told from now."))
        return self._reckoned(criterion, ago, first_day, start)

    def _within(self, criterion: Criterion, value: Any) -> Node:
        if not isinstance(value, Ago):
            raise Unfit("value", "filter_value", say("Send a span such as {span}.", span=SPAN))
        first = self._reckoned(criterion, value, day_back, back)
        last = self.now.astimezone(self.zone).date() if criterion.kind is Kind.date else self.now
        bounds = (Op.gte, first), (Op.lte, last)
        return Group("all", tuple(Asked(criterion, op, False, at) for op, at in bounds))

    def _reckoned(self, criterion: Criterion, ago: Ago, day: Any, moment: Any) -> Any:
        if criterion.kind is Kind.date and ago.unit is Unit.hour:
            raise Unfit("value/unit", "filter_value", say("A date knows no hours."))
        reckon = day if criterion.kind is Kind.date else moment
        try:
            return reckon(ago, self.now, self.zone)
        except OverflowError as error:
            raise Unfit(
                "value/ago", "filter_value", say("That is before all calendars.")
            ) from error

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.tenant.time_zone)


def asker(ctx: Context, catalogue: Catalogue) -> Asker:
    return Asker(catalogue, ctx.tenant, ctx.now, rights_of(ctx))
