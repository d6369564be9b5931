"""The numbers that documents get: each once, in their order, and without gaps."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_api.cli.unit import operator
from crm_api.kit.actor import Tenant
from crm_api.kit.context import Context, House
from crm_api.kit.errors import UnknownReference
from crm_api.kit.words import Misfit
from crm_api.platform.business_units.schemas import BusinessUnitCreate
from crm_api.platform.business_units.service import BusinessUnitService
from crm_api.platform.number_patterns import rules
from crm_api.platform.number_patterns.errors import NoCode, NumbersTwice
from crm_api.platform.number_patterns.models import Restarts
from crm_api.platform.number_patterns.numbering import NumberService
from crm_api.platform.number_patterns.registry import BUILT_IN, Numbering
from crm_api.platform.number_patterns.schemas import NumberPatternCreate, NumberPatternUpdate
from crm_api.platform.number_patterns.service import NumberPatternService
from tests.conftest import NewTenant

NOON = datetime(2026, 11, 27, 4, tzinfo=UTC)
"""In Shanghai, where the tenants are."""


class Desk:
    """Somebody who settles how a tenant's documents are numbered, and numbers some."""

    def __init__(self, house: House, tenant: Tenant) -> None:
        self.house, self.tenant, self.now = house, tenant, NOON

    def open(self) -> Context:
        ctx = operator(self.house, self.tenant)
        ctx.now = self.now
        return ctx

    async def unit(self, code: str | None = None, above: UUID | None = None, **said: Any) -> UUID:
        ctx = self.open()
        body = {"name": "Unit", "kind": "shop", "code": code, "parent_id": above, **said}
        made = await BusinessUnitService(ctx).create(BusinessUnitCreate.model_validate(body))
        await ctx.finish()
        return made.id

    async def settle(self, pattern: str, restarts: str = "never", of: UUID | None = None) -> UUID:
        ctx = self.open()
        body = {
            "noun": "order",
            "pattern": pattern,
            "restarts": restarts,
            "business_unit_id": of,
        }
        data = NumberPatternCreate.model_validate(body)
        made = await NumberPatternService(ctx).create(data)
        await ctx.finish()
        return made.id

    async def resettle(self, id: UUID, **said: Any) -> None:
        ctx = self.open()
        await NumberPatternService(ctx).update(id, NumberPatternUpdate.model_validate(said))
        await ctx.finish()

    async def drop(self, id: UUID) -> None:
        ctx = self.open()
        await NumberPatternService(ctx).delete(id)
        await ctx.finish()

    async def next(self, unit: UUID, count: int = 1, noun: str = "order") -> list[str]:
        ctx = self.open()
        numbers = await NumberService(ctx).next(noun, unit, count)
        await ctx.finish()
        return numbers


NewDesk = Callable[..., Awaitable[Desk]]


@pytest.fixture
def desk_(house: House, new_tenant_: NewTenant) -> NewDesk:
    async def make(**settled: Any) -> Desk:
        return Desk(house, await new_tenant_(**settled))

    return make


async def test_where_nobody_says_anything_numbers_begin_at_one_each_day(desk_: NewDesk) -> None:
    desk = await desk_()
    shop = await desk.unit()
    assert await desk.next(shop) == ["SO20261127-0001"]
    assert await desk.next(shop, 2) == ["SO20261127-0002", "SO20261127-0003"]
    assert await desk.next(shop, noun="shipment") == ["SH20261127-0001"]
    assert await desk.next(shop, noun="return") == ["RT20261127-0001"]
    assert await desk.next(shop, noun="receipt") == ["RC20261127-0001"]
    desk.now = datetime(2026, 11, 28, tzinfo=UTC)
    assert await desk.next(shop) == ["SO20261128-0001"]


async def test_a_unit_counts_with_the_nearest_above_that_has_a_pattern(desk_: NewDesk) -> None:
    desk = await desk_()
    group = await desk.unit("G")
    east, west = await desk.unit("E", group), await desk.unit("W", group)
    shop = await desk.unit("S-1", east)
    await desk.settle("EAST-{n:3}", of=east)
    assert await desk.next(shop) == ["EAST-001"]
    assert await desk.next(east) == ["EAST-002"]
    assert await desk.next(west) == ["SO20261127-0001"]
    await desk.settle("ALL-{n}")
    assert await desk.next(west) == ["ALL-1"]
    assert await desk.next(shop) == ["EAST-003"]
    own = await desk.settle("{unit}/{n}", of=shop)
    assert await desk.next(shop) == ["S-1/1"]
    assert await desk.next(east) == ["EAST-004"]
    await desk.drop(own)
    assert await desk.next(shop) == ["EAST-005"]


async def test_a_number_names_the_unit_of_its_document(desk_: NewDesk) -> None:
    desk = await desk_()
    east = await desk.unit("E")
    shop, nameless = await desk.unit("S.1/a", east), await desk.unit(None, east)
    await desk.settle("SO-{unit}-{yy}-{n:5}", "year", of=east)
    assert await desk.next(shop) == ["SO-S.1/a-26-00001"]
    assert await desk.next(east) == ["SO-E-26-00002"]
    with pytest.raises(NoCode) as refused:
        await desk.next(nameless)
    (mistake,) = refused.value.errors
    assert (mistake["pointer"], mistake["code"]) == ("/business_unit_id", "unit_without_code")
    assert await desk.next(east) == ["SO-E-26-00003"]


async def test_nobody_numbers_for_a_unit_that_is_not_there(desk_: NewDesk) -> None:
    desk, other = await desk_(), await desk_()
    theirs = await other.unit()
    with pytest.raises(UnknownReference):
        await desk.next(theirs)
    assert await other.next(theirs) == ["SO20261127-0001"]


@pytest.mark.parametrize(
    ("restarts", "pattern", "expected"),
    [
        ("never", "{n}", ["1", "2", "3", "4", "5"]),
        ("year", "{yy}-{n}", ["26-1", "26-2", "26-3", "26-4", "27-1"]),
        ("month", "{yy}{mm}-{n}", ["2611-1", "2611-2", "2611-3", "2612-1", "2701-1"]),
        ("day", "{mm}{dd}{yy}-{n}", ["112726-1", "112726-2", "112826-1", "121026-1", "010127-1"]),
    ],
)
async def test_numbers_begin_again_when_their_period_does(
    desk_: NewDesk, restarts: str, pattern: str, expected: list[str]
) -> None:
    desk = await desk_()
    shop = await desk.unit()
    await desk.settle(pattern, restarts)
    found = []
    for day in ((2026, 11, 27), (2026, 11, 27), (2026, 11, 28), (2026, 12, 10), (2027, 1, 1)):
        desk.now = datetime(*day, 1, tzinfo=UTC)
        found += await desk.next(shop)
    assert found == expected


async def test_a_day_is_one_of_the_units_time_zone(desk_: NewDesk) -> None:
    """It is already tomorrow in Shanghai, still today in Zurich, and yesterday in Honolulu."""
    desk = await desk_(time_zone="Pacific/Honolulu")
    east = await desk.unit(time_zone="Asia/Shanghai")
    shop, zurich = await desk.unit(above=east), await desk.unit(time_zone="Europe/Zurich")
    bare = await desk.unit()
    desk.now = datetime(2026, 11, 27, 17, tzinfo=UTC)
    assert await desk.next(shop) == ["SO20261128-0001"]
    assert await desk.next(zurich) == ["SO20261127-0001"]
    desk.now = datetime(2026, 11, 28, 1, tzinfo=UTC)
    assert await desk.next(bare) == ["SO20261127-0002"]
    assert await desk.next(zurich) == ["SO20261128-0002"]


async def test_thirty_who_ask_at_once_get_thirty_numbers_that_follow_each_other(
    desk_: NewDesk,
) -> None:
    """And those who fail give theirs back."""
    desk = await desk_()
    shop = await desk.unit()

    async def take(fails: bool) -> list[str]:
        ctx = desk.open()
        numbers = await NumberService(ctx).next("order", shop)
        await asyncio.sleep(0.001)
        if fails:
            await ctx.work.abandon(ValueError())
            return []
        await ctx.finish()
        return numbers

    taken = await asyncio.gather(*(take(n % 4 == 3) for n in range(40)))
    numbers = sorted(number for each in taken for number in each)
    assert numbers == [f"SO20261127-{n:04}" for n in range(1, 31)]
    assert await desk.next(shop) == ["SO20261127-0031"]


async def test_what_is_only_rehearsed_uses_no_number_up(desk_: NewDesk) -> None:
    desk = await desk_()
    shop = await desk.unit()
    for _ in range(2):
        ctx = desk.open()
        assert await NumberService(ctx).next("order", shop, 5) == [
            f"SO20261127-000{n}" for n in range(1, 6)
        ]
        await ctx.work.rehearse()
    assert await desk.next(shop) == ["SO20261127-0001"]


async def test_documents_of_several_units_are_numbered_at_once(desk_: NewDesk) -> None:
    desk = await desk_()
    group = await desk.unit("G")
    east, west = await desk.unit("E", group), await desk.unit("W", group)
    shop = await desk.unit("S", east)
    await desk.settle("{unit}-{n}", of=group)
    await desk.settle("W{n:2}", of=west)
    wanted = {shop: 2, west: 1, group: 1, east: 3}
    ctx = desk.open()
    numbers = await NumberService(ctx).next_of_each("order", wanted)
    await ctx.finish()
    assert numbers == {
        shop: ["S-1", "S-2"],
        west: ["W01"],
        group: ["G-3"],
        east: ["E-4", "E-5", "E-6"],
    }
    assert await desk.next(east) == ["E-7"]


async def test_batches_of_several_units_do_not_wait_for_each_other_for_ever(
    desk_: NewDesk,
) -> None:
    desk = await desk_()
    units = [await desk.unit() for _ in range(4)]
    for number, of in enumerate(units):
        await desk.settle(f"{'DBCA'[number]}{{n}}", of=of)

    async def take(turn: int) -> list[str]:
        ctx = desk.open()
        wanted = dict.fromkeys((units[turn:] + units[:turn])[:3], 1)
        numbers = await NumberService(ctx).next_of_each("order", wanted)
        await ctx.finish()
        return [number for each in numbers.values() for number in each]

    taken = await asyncio.gather(*(take(n % 4) for n in range(16)))
    numbers = [number for each in taken for number in each]
    assert sorted(numbers) == sorted(f"{letter}{n}" for letter in "ABCD" for n in range(1, 13))


async def test_what_is_written_alike_is_counted_together(desk_: NewDesk) -> None:
    """Whoever's pattern it is, to however many digits it is filled up: no number comes twice."""
    desk = await desk_()
    east, west = await desk.unit("E"), await desk.unit("W")
    own = await desk.settle("SO{yyyy}-{n:4}", of=east)
    await desk.settle("SO{yyyy}-{n:4}", of=west)
    assert await desk.next(east) == ["SO2026-0001"]
    assert await desk.next(west) == ["SO2026-0002"]
    await desk.resettle(own, pattern="SO{yyyy}-{n:6}")
    assert await desk.next(east) == ["SO2026-000003"]
    await desk.resettle(own, pattern="PO{yyyy}-{n:6}")
    assert await desk.next(east) == ["PO2026-000001"]
    await desk.resettle(own, pattern="SO{yyyy}-{n:6}")
    assert await desk.next(east) == ["SO2026-000004"]
    await desk.drop(own)
    await desk.settle("SO{yyyy}-{n:4}", of=east)
    assert await desk.next(east) == ["SO2026-0005"]


async def test_a_pattern_that_restarts_at_other_times_gives_no_number_again(
    desk_: NewDesk,
) -> None:
    desk = await desk_()
    shop = await desk.unit()
    id = await desk.settle("{yyyy}{mm}{dd}-{n}", "year")
    assert await desk.next(shop, 2) == ["20261127-1", "20261127-2"]
    await desk.resettle(id, restarts="day")
    assert await desk.next(shop) == ["20261127-3"]
    await desk.resettle(id, restarts="never")
    assert await desk.next(shop) == ["20261127-4"]
    await desk.resettle(id, restarts="year")
    assert await desk.next(shop) == ["20261127-5"]
    desk.now = datetime(2026, 11, 28, 1, tzinfo=UTC)
    await desk.resettle(id, restarts="day")
    assert await desk.next(shop) == ["20261128-1"]
    await desk.resettle(id, restarts="month")
    assert await desk.next(shop) == ["20261128-6"]
    desk.now = datetime(2027, 1, 1, 1, tzinfo=UTC)
    assert await desk.next(shop) == ["20270101-1"]


DAYS = st.dates(date(1800, 1, 1), date(2199, 12, 31))
CODES = st.from_regex("[0-9A-Za-z]([0-9A-Za-z_./-]{0,38}[0-9A-Za-z])?", fullmatch=True)
SIGNS = st.text("SO-/.|~!z京〔〕号（", max_size=6)
SAID = ["{unit}", "{yyyy}", "{yy}", "{mm}", "{dd}"]
RUNNING = st.sampled_from(["{n}", *(f"{{n:{digits}}}" for digits in range(1, 11))])


@st.composite
def patterns(draw: st.DrawFn) -> list[str]:
    """As parts: signs, tokens, and the running number somewhere among them."""
    parts = draw(st.lists(SIGNS | st.sampled_from(SAID), max_size=6))
    parts.insert(draw(st.integers(0, len(parts))), draw(RUNNING))
    return parts


def naive(part: str, code: str, day: date, number: int) -> str:
    year, month, of_month = day.isoformat().split("-")
    said = dict(zip(SAID, (code, year, year[2:], month, of_month), strict=True))
    if part.startswith("{n"):
        return str(number).rjust(int(part[3:-1] or 1), "0")
    return said.get(part, part)


def wrong_with(pattern: str) -> str | None:
    try:
        rules.check_tokens(pattern)
    except Misfit as wrong:
        return wrong.type
    return None


@given(parts=patterns(), code=CODES, day=DAYS, number=st.integers(1, 999_999_999))
def test_a_number_is_its_pattern_with_what_the_tokens_stand_for(
    parts: list[str], code: str, day: date, number: int
) -> None:
    pattern = "".join(parts)
    written = rules.way(Numbering(pattern, Restarts.never), code, day).number(number)
    assert written == "".join(naive(part, code, day, number) for part in parts)
    assert len(written) <= rules.longest_of(pattern)
    assert wrong_with(pattern) == ("number_too_long" if rules.longest_of(pattern) > 60 else None)


@given(st.text("{}nuyimtd:1-", max_size=14))
def test_a_text_is_a_pattern_if_and_only_if_each_part_of_it_is_known(text: str) -> None:
    rest = text
    for token in (*SAID, "{n}", "{n:1}"):
        rest = rest.replace(token, "#")
    fits = text.count("{n}") + text.count("{n:1}") == 1 and not set(rest) & set("{}")
    assert (wrong_with(text) is None) == fits


@given(
    restarts=st.sampled_from(list(Restarts)),
    parts=patterns(),
    of=st.sampled_from(["", "{yy}", "{mm}-{yyyy}", "{dd}{mm}{yy}"]),
    one=DAYS,
    other=DAYS,
)
def test_numbers_of_two_periods_are_never_the_same(
    restarts: Restarts, parts: list[str], of: str, one: date, other: date
) -> None:
    """Within a hundred years, which is what `{yy}` tells apart."""
    numbering = Numbering("".join(parts) + of, restarts)
    other = other.replace(year=one.year // 100 * 100 + other.year % 100, day=min(other.day, 28))
    ways = [rules.way(numbering, "E", day) for day in (one, other)]
    with suppress(NumbersTwice):
        rules.check_restarts(numbering)
        assert (ways[0].counter == ways[1].counter) or (ways[0].text != ways[1].text)


@given(day=DAYS, restarts=st.sampled_from(list(Restarts)))
def test_a_period_holds_its_day_and_follows_the_one_before_it(
    day: date, restarts: Restarts
) -> None:
    begins, ends = rules.period(restarts, day)
    assert begins <= day < ends
    if restarts != Restarts.never:
        assert rules.period(restarts, begins) == (begins, ends)
        assert rules.period(restarts, ends)[0] == ends


def test_what_is_built_in_makes_numbers() -> None:
    for noun, numbering in BUILT_IN.items():
        assert rules.check_tokens(numbering.pattern), noun
        rules.check_restarts(numbering)
