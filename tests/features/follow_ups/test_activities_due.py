"""What is due, by whatever has happened: as a front end meets it, and beside a naive model."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from os import environ
from typing import Any

import pytest
from httpx import AsyncClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from crm_api.kit.context import House
from tests.conftest import NewClient, Unchanged
from tests.features.profiles.test_unit_profiles import later, user
from tests.features.test_customers import refused
from tests.platform.test_business_units import unit

from .desk import Desk, Json, ago, desk_of


async def test_what_is_planned_is_due_from_its_start_on(desk: Desk) -> None:
    first, second = await desk.plan(ago(hours=2)), await desk.plan(ago(hours=5))
    tomorrow = await desk.plan(later(days=1))
    assert await desk.due() == [second["id"], first["id"]]
    assert await desk.due(until=later(days=2)) == [second["id"], first["id"], tomorrow["id"]]
    assert await desk.due(until=ago(hours=3)) == [second["id"]]
    await desk.told(second, "miss")
    await desk.told(first, "reschedule", starts_at=later(hours=1))
    assert await desk.due() == []
    await desk.wait(days=1, hours=1)
    assert await desk.due() == [first["id"], tomorrow["id"]]
    await desk.told(first, "cancel")
    await desk.told(tomorrow, "complete")
    assert await desk.due(until=later(days=9)) == []


async def test_what_is_done_is_due_until_the_customer_is_contacted_again(
    desk: Desk, house: House
) -> None:
    call = await desk.done(ago(days=3), next_contact_at=ago(hours=1))
    assert (await desk.due(), call["due_at"]) == ([call["id"]], call["next_contact_at"])
    await desk.done(kind="note")
    await desk.done(ago(days=4))
    await desk.done(customer_id=None)
    plan = await desk.plan(later(hours=1))
    assert await desk.due() == [call["id"]]
    done = await desk.told(plan, "complete", next_contact_at=later(days=7))
    assert await desk.due() == []
    after = await desk.read(call)
    assert (after["due_at"], after["version"]) == (None, 2)
    assert after["next_contact_at"] == call["next_contact_at"]
    assert await desk.due(until=later(days=8)) == [plan["id"]]
    record = (await desk.history(call, house))[0]
    cause = (await desk.history(done, house))[0]
    assert (record["type"], record["causation_id"]) == ("activity.due_changed", cause["id"])
    assert record["changes"] == {"due_at": {"old": call["due_at"], "new": None}}


async def test_another_unit_looks_after_what_it_has_to_do_itself(desk: Desk) -> None:
    other = Desk(desk.client, (await unit(desk.client, "West"))["id"], desk.customer)
    ours = await desk.done(ago(days=3), next_contact_at=ago(hours=2))
    theirs = await other.done(ago(days=2), next_contact_at=ago(hours=1))
    assert await desk.due() == [ours["id"], theirs["id"]]
    await other.done()
    assert await desk.due() == [ours["id"]]


async def test_what_is_written_down_late_is_not_due_where_somebody_has_called_since(
    desk: Desk,
) -> None:
    await desk.done(ago(hours=1))
    late = await desk.done(ago(hours=2), next_contact_at=ago(minutes=5))
    assert (late["due_at"], late["version"]) == (None, 1)
    plan = await desk.plan()
    late = await desk.told(plan, "complete", done_at=ago(hours=3), next_contact_at=ago(minutes=5))
    assert (late["due_at"], late["version"]) == (None, 2)
    assert await desk.due() == []


async def test_a_contact_that_is_corrected_makes_what_was_before_due_again(desk: Desk) -> None:
    call = await desk.done(ago(hours=5), next_contact_at=ago(hours=1))
    again = await desk.done(ago(hours=2))
    assert await desk.due() == []
    for wrong, right in (
        ({"done_at": ago(hours=6)}, {"done_at": ago(hours=2)}),
        ({"kind": "note"}, {"kind": "call"}),
        ({"customer_id": None}, {"customer_id": desk.customer}),
    ):
        assert (await desk.patch(again, **wrong)).status_code == 200
        assert await desk.due() == [call["id"]]
        assert (await desk.read(call))["due_at"] == call["due_at"]
        assert (await desk.patch(again, **right)).status_code == 200
        assert await desk.due() == []
    put_off = await desk.patch(call, next_contact_at=later(hours=1))
    assert put_off.json()["due_at"] is None


async def test_whoever_clears_the_next_contact_has_nothing_to_do(desk: Desk) -> None:
    call = await desk.done(ago(hours=5), next_contact_at=ago(hours=1))
    moved = await desk.patch(call, next_contact_at=ago(hours=2))
    assert moved.json()["due_at"] == moved.json()["next_contact_at"]
    assert (await desk.patch(call, next_contact_at=None)).json()["due_at"] is None
    assert await desk.due() == []


async def test_what_is_due_is_narrowed_and_read_page_by_page(
    desk: Desk, nothing_changes: Unchanged
) -> None:
    owner = await user(desk.client, "李娜")
    other = await desk_of(desk.client)
    mine = [await desk.plan(ago(hours=n), owner_id=owner) for n in range(5, 0, -1)]
    theirs = await other.plan(ago(hours=9))
    ids = [one["id"] for one in mine]
    assert await desk.due() == [theirs["id"], *ids]
    assert await desk.due(owner_id=owner) == ids
    assert await desk.due(business_unit_id=other.unit) == [theirs["id"]]
    assert await desk.due(customer_id=[desk.customer, other.customer], limit=2) == [
        theirs["id"],
        ids[0],
    ]
    asked: Json = {"owner_id": owner, "limit": 2}
    found: list[str] = []
    while "cursor" not in asked or asked["cursor"]:
        page = (await desk.client.get("/activities/due", params=asked)).json()
        found += [one["id"] for one in page["data"]]
        asked["cursor"] = page["next_cursor"]
    assert found == ids
    first = (await desk.client.get("/activities/due", params={"limit": 1})).json()
    wrong = {"limit": 1, "owner_id": owner, "cursor": first["next_cursor"]}
    async with nothing_changes():
        refused(await desk.client.get("/activities/due", params=wrong), 400, "invalid-cursor")


KINDS = ("call", "visit", "note")
DEEDS = ("plan", "do", "complete", "cancel", "miss", "reschedule", "patch", "sync")
LEADS: dict[str, tuple[str, ...]] = {
    "complete": ("planned", "missed"),
    "cancel": ("planned",),
    "miss": ("planned",),
    "reschedule": ("planned", "missed"),
}
REACHED = {"complete": "done", "cancel": "cancelled", "miss": "missed", "reschedule": "planned"}


@dataclass
class Kept:
    """An activity, as anybody would write it down; times are minutes of one morning."""

    kind: str
    customer: int | None
    unit: int
    state: str
    starts: int | None = None
    done: int | None = None
    next: int | None = None

    @property
    def is_contact(self) -> bool:
        return self.state == "done" and self.kind != "note" and self.customer is not None


@dataclass
class Book:
    """The naive model: nothing is remembered but the activities themselves and the stamps."""

    kept: list[Kept] = field(default_factory=list)
    stamps: dict[tuple[int, int], int] = field(default_factory=dict)

    def write(self, n: int, one: Kept) -> None:
        self.kept[n:] = [one, *self.kept[n + 1 :]]
        if one.is_contact:
            assert one.customer is not None
            assert one.done is not None
            pair = one.customer, one.unit
            self.stamps[pair] = max(self.stamps.get(pair, one.done), one.done)

    def due(self, one: Kept) -> int | None:
        if one.state == "planned":
            return one.starts
        return one.next if one.state == "done" and not any(self.after(one)) else None

    def after(self, one: Kept) -> Iterator[Kept]:
        """The contacts with the customer, for the unit, since it was done."""
        assert one.done is not None
        for other in self.kept:
            same = (other.customer, other.unit) == (one.customer, one.unit)
            if same and other.is_contact and (other.done or 0) > one.done:
                yield other


def moment(minute: int | None) -> str | None:
    return None if minute is None else f"2026-03-01T00:{minute:02}:00.000Z"


@st.composite
def steps(draw: st.DrawFn) -> tuple[Any, ...]:
    minutes, few = st.integers(0, 6), st.integers(0, 1)
    return (
        draw(st.sampled_from(DEEDS)),
        draw(st.integers(0, 5)),
        draw(st.sampled_from(KINDS)),
        draw(st.none() | few),
        draw(few),
        draw(minutes),
        draw(st.none() | minutes),
        draw(st.sets(st.sampled_from(["kind", "customer", "done", "next"]), min_size=1)),
    )


class Acting:
    """Does what a history says, through the API and in the book."""

    def __init__(self, client: AsyncClient, customers: list[str], units: list[str]) -> None:
        self.client, self.customers, self.units = client, customers, units
        self.ids: list[str] = []
        self.book = Book()

    async def act(self, step: tuple[Any, ...]) -> None:
        deed, which, kind, customer, unit, at, following, changed = step
        if deed in ("plan", "do", "sync") or not self.ids:
            planned = deed == "plan" and kind != "note"
            one = Kept(kind, customer, unit, "planned" if planned else "done", next=following)
            one = replace(one, starts=at) if planned else replace(one, done=at)
            await (self._sync if deed == "sync" else self._begin)(one)
            return
        n = which % len(self.ids)
        before = self.book.kept[n]
        if deed == "patch":
            await self._patch(
                n, before, Kept(kind, customer, unit, "", None, at, following), changed
            )
            return
        body = {
            "complete": {"done_at": moment(at), "next_contact_at": moment(following)},
            "reschedule": {"starts_at": moment(at)},
        }.get(deed, {})
        sent = None if deed == "miss" else body
        answer = await self.client.post(f"/activities/{self.ids[n]}/{deed}", json=sent)
        if before.state not in LEADS[deed]:
            refused(answer, 409, "invalid-transition")
            return
        assert answer.status_code == 200, answer.text
        after = replace(before, state=REACHED[deed])
        if deed == "complete":
            after = replace(after, done=at, next=following)
        self.book.write(n, replace(after, starts=at) if deed == "reschedule" else after)

    async def _begin(self, one: Kept) -> None:
        answer = await self.client.post("/activities", json=self._body(one))
        assert answer.status_code == 201, answer.text
        self.ids.append(answer.json()["id"])
        self.book.write(len(self.book.kept), one)

    async def _sync(self, one: Kept) -> None:
        """As another system sends them: two at once, the second of them a minute later."""
        two = [one, replace(one, kind="call", done=(one.done or 0) + 1)]
        items = [
            {"external_id": f"{len(self.ids) + n}-{self.customers[0]}", "data": self._body(sent)}
            for n, sent in enumerate(two)
        ]
        batch = {"system": "pbx", "items": items}
        answer = await self.client.post("/activities/batch-upsert", json=batch)
        assert answer.status_code == 200, answer.text
        for sent, told in zip(two, answer.json()["data"], strict=True):
            self.ids.append(told["id"])
            self.book.write(len(self.book.kept), sent)
            read = await self.client.get(f"/activities/{told['id']}")
            assert read.json()["version"] == told["version"]

    async def _patch(self, n: int, before: Kept, wanted: Kept, changed: set[str]) -> None:
        if before.state != "done":
            changed = changed - {"done"}
        body = self._body(wanted)
        names = {"customer": "customer_id", "done": "done_at", "next": "next_contact_at"}
        sent = {names.get(name, name): body[names.get(name, name)] for name in changed}
        place, why = f"/activities/{self.ids[n]}", {"reason": "It was otherwise"}
        answer = await self.client.patch(place, json={**sent, **why})
        assert answer.status_code == 200, answer.text
        self.book.write(n, replace(before, **{name: getattr(wanted, name) for name in changed}))

    def _body(self, one: Kept) -> Json:
        customer = None if one.customer is None else self.customers[one.customer]
        state = {"state": "done"} if one.state == "done" else {}
        return {
            "kind": one.kind,
            "subject": "S",
            "customer_id": customer,
            "business_unit_id": self.units[one.unit],
            "starts_at": moment(one.starts),
            "next_contact_at": moment(one.next),
            **({"done_at": moment(one.done)} if one.done is not None else {}),
            **state,
        }

    async def check(self) -> None:
        dues = [self.book.due(one) for one in self.book.kept]
        found = {}
        for id, due in zip(self.ids, dues, strict=True):
            told = (await self.client.get(f"/activities/{id}")).json()
            assert told["due_at"] == moment(due), (id, told, self.book)
            found[id] = due
        for until in (0, 3, 9):
            asked = {"until": moment(until), "limit": 200, "customer_id": self.customers}
            page = (await self.client.get("/activities/due", params=asked)).json()
            of_customers = [
                id
                for id, one in zip(self.ids, self.book.kept, strict=True)
                if one.customer is not None and (due := found[id]) is not None and due <= until
            ]
            listed = [one["id"] for one in page["data"]]
            assert listed == sorted(of_customers, key=lambda id: (found[id], id))
        for (customer, of), at in self.book.stamps.items():
            place = f"/customers/{self.customers[customer]}/unit-profiles/{self.units[of]}"
            assert (await self.client.get(place)).json()["last_contact_at"] == moment(at)


@pytest.fixture
async def units(caller: NewClient) -> tuple[AsyncClient, list[str]]:
    client = await caller()
    return client, [(await unit(client, name))["id"] for name in ("East", "West")]


CALL_THEN_NOTE = [
    ("do", 0, "call", 0, 0, 1, 3, {"kind"}),
    ("do", 0, "call", 0, 0, 2, None, {"kind"}),
    ("patch", 1, "note", 0, 0, 2, None, {"kind"}),
]


@settings(
    max_examples=int(environ.get("CRM_TEST_FOLLOW_UPS", "40")),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=st.lists(steps(), min_size=1, max_size=12))
@example(history=CALL_THEN_NOTE)
async def test_what_is_due_is_what_a_naive_model_says(
    units: tuple[AsyncClient, list[str]], history: list[tuple[Any, ...]]
) -> None:
    client, of = units
    desks = [await desk_of(client) for _ in range(2)]
    customers = [one.customer for one in desks]
    for customer in customers:
        for one in of:
            await Desk(client, one, customer).profile()
    acting = Acting(client, customers, of)
    for step in history:
        await acting.act(step)
    await acting.check()
