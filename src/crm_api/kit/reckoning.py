"""What is to be counted, understood: over which fields, in which groups."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from .asking import Asker
from .criteria import Criterion
from .errors import Invalid
from .figures import Aggregate, Metric, Period, Reckon
from .kinds import TIMES, Kind
from .unfit import Unfit, mistake
from .words import say

NUMBERS = (Kind.number, Kind.decimal)
OF_METRIC: Mapping[Reckon, Collection[Kind]] = {
    Reckon.count_: tuple(Kind),
    Reckon.count_distinct: tuple(Kind),
    Reckon.sum: NUMBERS,
    Reckon.avg: NUMBERS,
    Reckon.min: (*NUMBERS, *TIMES),
    Reckon.max: (*NUMBERS, *TIMES),
}


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A metric that is understood."""

    op: Reckon
    criterion: Criterion | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What the SQL depends on."""

    groups: tuple[Criterion, ...]
    metrics: tuple[Reckoned, ...]
    period: Period | None

    def fields(self) -> Iterator[tuple[str, Criterion]]:
        """Each field, by the name that its parameters begin with."""
        for n, group in enumerate(self.groups):
            yield f"group_{n}", group
        for n, metric in enumerate(self.metrics):
            if metric.criterion:
                yield f"metric_{n}", metric.criterion

    def bound(self) -> dict[str, Any]:
        """What the parameters of the SQL are bound to."""
        bound: dict[str, Any] = {}
        for name, criterion in self.fields():
            bound |= criterion.located(name)
        return bound


def understood(asker: Asker, sent: Aggregate) -> Asked:
    """Raises Invalid with the first mistake, Forbidden for what the caller may not see."""
    groups = []
    for n, name in enumerate(sent.group_by):
        with _told_at(f"/group_by/{n}"):
            groups.append(_group(asker, name))
    metrics = []
    for n, metric in enumerate(sent.metrics):
        with _told_at(f"/metrics/{n}"):
            metrics.append(_metric(asker, metric))
    with _told_at("/period"):
        _check_period(groups, sent.period)
    return Asked(tuple(groups), tuple(metrics), sent.period)


@contextmanager
def _told_at(place: str) -> Iterator[None]:
    try:
        yield
    except Unfit as unfit:
        pointer = f"{place}/{unfit.part}" if unfit.part else place
        raise Invalid(say("This cannot be counted."), mistake(pointer, unfit)) from unfit


def _group(asker: Asker, name: str) -> Criterion:
    criterion = asker.criterion(name, "")
    if not criterion.grouped:
        raise Unfit("", "not_groupable", say("Records have no one value of it to be grouped by."))
    return criterion


def _metric(asker: Asker, metric: Metric) -> Reckoned:
    if metric.field is None:
        if metric.op is Reckon.count_:
            return Reckoned(metric.op, None)
        raise Unfit(
            "field", "missing", say("Say of which field you want the {metric}.", metric=metric.op)
        )
    criterion = asker.criterion(metric.field)
    if not criterion.grouped or criterion.kind not in OF_METRIC[metric.op]:
        raise Unfit(
            "op", "operator_not_allowed", say("This field has no {metric}.", metric=metric.op)
        )
    return Reckoned(metric.op, criterion)


def _check_period(groups: list[Criterion], period: Period | None) -> None:
    timed = any(group.kind in TIMES for group in groups)
    if timed and period is None:
        raise Unfit("", "missing", say("Say by which period the times are gathered."))
    if period and not timed:
        raise Unfit("", "period_without_time", say("A period needs a date or time in `group_by`."))
