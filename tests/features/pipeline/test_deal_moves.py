"""How deals go their way: what is in the way is told before, and by the move itself."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient, Response

from tests.conftest import NewClient, NewTenant, Unchanged
from tests.features.test_customers import refused
from tests.grouping import made

from .conftest import Shop, Told
from .selling import (
    act,
    acted,
    customer,
    later,
    money,
    pipeline,
    rate,
    seen,
    shop,
    stage,
    stays,
    unit,
    user,
    way,
    wrong,
)

Json = dict[str, Any]
State = Callable[[Shop], Awaitable[Json]]
BUDGET: Json = {"resource": "deal", "key": "budget", "kind": "number", "labels": {"en": "Budget"}}


def item(key: str, *, required: bool = True) -> Json:
    return {"key": key, "labels": {"en": key}, "required": required}


NOTE = item("note", required=False)
WAY = [
    stage("lead", 10, next=["talk", "offer"], checklist=[item("called"), NOTE]),
    stage("talk", 30, required_fields=["contacts", "custom.budget"]),
    stage("offer", 60, required_fields=["amount", "expected_close_on"], checklist=[item("sent")]),
    stage("close", 90, next=["won", "talk"], required_fields=["owner_id", "products"]),
    {"code": "won", "labels": {"en": "Won"}, "kind": "won", "required_fields": ["splits"]},
    {"code": "lost", "labels": {"en": "Lost"}, "kind": "lost", "required_fields": ["splits"]},
]


@pytest.fixture
async def strict(client: AsyncClient) -> Shop:
    """Where stages ask for much."""
    await made(client, "/custom-fields", BUDGET)
    return await shop(client, stages=WAY)


async def transitions(client: AsyncClient, deal: Json, **headers: str) -> Json:
    answer = await client.get(f"/deals/{deal['id']}/transitions", headers=headers)
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    return told


async def try_(client: AsyncClient, deal: Json, move: Json, **headers: str) -> Response:
    """What a front end sends when somebody chooses a move."""
    said: dict[str, Json] = {
        "moveDeal": {"stage": move["stage"]},
        "winDeal": {},
        "loseDeal": {"reason": "price"},
        "reopenDeal": {"reason": "They called", "stage": move["stage"]},
    }
    place = f"/deals/{deal['id']}/{move['verb']}"
    sent = {**seen(deal), **headers}
    return await client.post(place, json=said[move["operation"]], headers=sent)


async def bare(at: Shop) -> Json:
    return await at.deal()


async def called(at: Shop) -> Json:
    return await at.deal(checklist={"called": True})


async def known(at: Shop) -> Json:
    """With all that stages ask for, in the middle."""
    owner = await user(at.client)
    return await at.deal(
        stage="talk",
        owner_id=owner,
        contacts=[{"customer_id": at.customer}],
        custom={"budget": 5},
        products=[{"name": "P", "unit_price": money("5")}],
        expected_close_on="2026-12-31",
        splits=[{"user_id": owner, "percent": "100"}],
        checklist={"called": True, "sent": True},
    )


async def unsent(at: Shop) -> Json:
    """In the stage that is left when something is done."""
    return await acted(at.client, await known(at), "move", stage="offer")


async def unticked(at: Shop) -> Json:
    return await at.change(await unsent(at), checklist={"sent": False})


async def closing(at: Shop) -> Json:
    return await acted(at.client, await known(at), "move", stage="close")


async def in_pounds(at: Shop) -> Json:
    """Worth nobody knows what in the tenant's currency."""
    return await at.change(await known(at), products=[], amount=money("5", "GBP"))


async def free(at: Shop) -> Json:
    """Worth nothing: an amount of zero is one."""
    return await at.deal(stage="talk", amount=money("0"), expected_close_on="2026-12-31")


async def won(at: Shop) -> Json:
    return await acted(at.client, await known(at), "win")


async def lost(at: Shop) -> Json:
    return await acted(at.client, await bare(at), "lose", reason="price")


STATES = [bare, called, known, unsent, unticked, closing, in_pounds, free, won, lost]


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
async def test_what_is_told_of_a_move_is_what_becomes_of_it(
    strict: Shop, nothing_changes: Unchanged, state: State, language: str
) -> None:
    """Each is tried on another deal in the same state."""
    client, spoken = strict.client, {"Accept-Language": language}
    told = await transitions(client, deal := await state(strict), **spoken)
    assert (told["version"], told["stage"]) == (deal["version"], deal["stage"])
    allowed = [move["stage"] for move in told["moves"] if move["is_allowed"]]
    for move in told["moves"]:
        copy = await state(strict)
        assert move["is_allowed"] == (not move["obstacles"])
        if move["is_allowed"]:
            answer = await try_(client, copy, move, **spoken)
            assert (answer.status_code, answer.json()["stage"]) == (200, move["stage"])
            continue
        async with nothing_changes():
            problem = refused(await try_(client, copy, move, **spoken), 409, "invalid-transition")
        expected = [(one["code"], one["message"]) for one in move["obstacles"]]
        assert [(one["code"], one["message"]) for one in problem["errors"]] == expected
        assert (problem["current"], problem["allowed"]) == (deal["stage"], allowed)
    if deal["status"] == "open":
        others = {one["code"] for one in WAY} - {deal["stage"]}
        assert {move["stage"] for move in told["moves"]} == others
        here = {"stage": deal["stage"], "verb": "move", "operation": "moveDeal"}
        async with nothing_changes():
            found = wrong(await try_(client, deal, here, **spoken), 409)
        assert found[0] == ("/stage", "not_next")


async def obstacles(client: AsyncClient, deal: Json) -> dict[str, list[tuple[str, str | None]]]:
    found = (await transitions(client, deal))["moves"]
    return {
        move["stage"]: [(one["code"], one["field"]) for one in move["obstacles"]] for move in found
    }


async def test_what_is_in_the_way_is_what_the_stages_ask_for(strict: Shop) -> None:
    """So that the test above does not agree with what is wrong on both sides."""
    client, done = strict.client, ("item_open", "called")
    assert await obstacles(client, await bare(strict)) == {
        "talk": [("field_missing", "contacts"), ("field_missing", "custom.budget"), done],
        "offer": [("field_missing", "amount"), ("field_missing", "expected_close_on"), done],
        "close": [
            ("not_next", None),
            ("field_missing", "owner_id"),
            ("field_missing", "products"),
            done,
        ],
        "won": [("not_next", None), ("field_missing", "splits"), done],
        "lost": [],
    }
    sent = ("item_open", "sent")
    assert await obstacles(client, await unticked(strict)) == {
        "lead": [],
        "talk": [],
        "close": [sent],
        "won": [sent],
        "lost": [],
    }
    assert await obstacles(client, await closing(strict)) == {
        "lead": [("not_next", None)],
        "talk": [],
        "offer": [("not_next", None)],
        "won": [],
        "lost": [],
    }
    assert (await obstacles(client, await in_pounds(strict)))["won"] == [("rate_missing", "amount")]
    assert (await obstacles(client, await free(strict)))["offer"] == []
    free_ways: dict[str, Any] = {stage: [] for stage in ("lead", "talk", "offer", "close")}
    assert await obstacles(client, await won(strict)) == free_ways


async def test_problems_point_to_what_is_to_be_filled_in(
    strict: Shop, nothing_changes: Unchanged
) -> None:
    client, deal = strict.client, await bare(strict)
    async with nothing_changes():
        assert wrong(await act(client, deal, "move", stage="talk"), 409) == [
            ("/contacts", "field_missing"),
            ("/custom/budget", "field_missing"),
            ("/checklist/called", "item_open"),
        ]
        chinese = {**seen(deal), "Accept-Language": "zh-CN"}
        place = f"/deals/{deal['id']}/win"
        problem = (await client.post(place, json={}, headers=chinese)).json()
    assert not any(letter.isascii() and letter.isalpha() for letter in problem["title"])
    assert problem["errors"][1]["message"] != "The deal must have this first: splits."
    filled = {"contacts": [{"customer_id": strict.customer}], "custom": {"budget": 0}}
    ready = await strict.change(deal, **filled, checklist={"called": True})
    assert (await acted(client, ready, "move", stage="talk"))["probability"] == 30


async def test_a_field_that_the_tenant_has_retired_is_asked_of_no_deal(strict: Shop) -> None:
    """Nobody could fill it in any more."""
    client, named = strict.client, {"contacts": [{"customer_id": strict.customer}]}
    deal = await strict.deal(checklist={"called": True}, **named)
    assert (await obstacles(client, deal))["talk"] == [("field_missing", "custom.budget")]
    (field,) = (await client.get("/custom-fields")).json()["data"]
    assert (await client.post(f"/custom-fields/{field['id']}/retire")).status_code == 200
    assert (await obstacles(client, deal))["talk"] == []
    assert (await acted(client, deal, "move", stage="talk"))["stage"] == "talk"


async def test_an_archived_deal_goes_nowhere_and_neither_does_one_of_an_archived_pipeline(
    selling: Shop, nothing_changes: Unchanged
) -> None:
    client, deal = selling.client, await selling.deal()
    other = await selling.other_way("a")
    gone = await acted(client, await selling.deal(pipeline_id=other["id"]), "win")
    archived = (await client.post(f"/deals/{deal['id']}/archive")).json()
    await client.post(f"/pipelines/{other['id']}/archive")
    for of, code in ((archived, "deal_archived"), (gone, "pipeline_archived")):
        moves = (await transitions(client, of))["moves"]
        assert moves
        for move in moves:
            assert move["obstacles"][0]["code"] == code
            async with nothing_changes():
                refused(await try_(client, of, move), 409, "conflict")


async def test_a_move_says_where_the_deal_is_and_how_likely_from_now_on(
    selling: Shop, told: Told
) -> None:
    client, first = selling.client, await selling.deal(probability=77)
    await later(client, 60)
    moved = await acted(client, first, "move", stage="proposal")
    stage_of = {one["code"]: one for one in selling.pipeline["stages"]}
    assert moved == first | {
        "version": 2,
        "updated_at": moved["updated_at"],
        "stage": "proposal",
        "stage_id": stage_of["proposal"]["id"],
        "stage_since": moved["updated_at"],
        "probability": 60,
    }
    back = await acted(client, moved, "move", stage="needs")
    history = await stays(client, first)
    names = {one["id"]: code for code, one in stage_of.items()}
    assert [(names[one["stage_id"]], one["skipped"]) for one in history] == [
        ("contact", False),
        ("needs", True),
        ("proposal", False),
        ("needs", False),
    ]
    assert [names.get(one["from_stage_id"]) for one in history] == [
        None,
        "contact",
        "contact",
        "proposal",
    ]
    records = await told(back)
    assert [record["type"] for record in records] == ["deal.created", "deal.moved", "deal.moved"]
    assert records[1]["changes"]["stage"] == {"old": "contact", "new": "proposal"}


async def test_winning_goes_past_the_stages_between_and_losing_does_not(selling: Shop) -> None:
    client, names = selling.client, {}
    for verb, said, skipped in (
        ("win", {}, ["proposal", "contract"]),
        ("lose", {"reason": "price"}, []),
    ):
        deal = await selling.deal(stage="needs")
        closed = await acted(client, deal, verb, note="So it was", **said)
        names = {one["id"]: one["code"] for one in selling.pipeline["stages"]}
        history = await stays(client, deal)
        assert [names[one["stage_id"]] for one in history if one["skipped"]] == skipped
        assert [one["left_at"] is None for one in history] == [False] * len(history)
        last = history[-1]
        assert (last["kind"], last["entered_at"], last["left_at"]) == (
            closed["status"],
            closed["closed_at"],
            closed["closed_at"],
        )
        assert closed["closing_note"] == "So it was"
        assert closed["probability"] == {"won": 100, "lost": 0}[closed["status"]]


VERBS: list[tuple[str, Json]] = [
    ("move", {"stage": "needs"}),
    ("win", {"note": "Signed"}),
    ("lose", {"reason": "price"}),
    ("reopen", {"reason": "They called"}),
]
each_verb = pytest.mark.parametrize(("verb", "said"), VERBS, ids=[verb for verb, _ in VERBS])


async def ready(selling: Shop, verb: str) -> Json:
    """A deal with which it can be done."""
    deal = await selling.deal()
    return await acted(selling.client, deal, "win") if verb == "reopen" else deal


@each_verb
async def test_who_has_not_seen_a_deal_as_it_is_does_not_move_it(
    selling: Shop, nothing_changes: Unchanged, verb: str, said: Json
) -> None:
    client, deal = selling.client, await ready(selling, verb)
    now = await selling.change(deal, name="Renamed", source="fair")
    place = f"/deals/{deal['id']}/{verb}"
    async with nothing_changes():
        refused(await client.post(place, json=said), 428, "precondition-required")
        late = await client.post(place, json=said, headers=seen(deal))
        problem = refused(late, 412, "precondition-failed")
        never = await client.post(place, json=said, headers={"If-Match": '"99"'})
        assert refused(never, 412, "precondition-failed")["changed"] is None
    assert problem["current_version"] == now["version"]
    changed = {one["pointer"]: (one["base"], one["theirs"]) for one in problem["changed"]}
    assert changed == {
        "/name": ("Packaging line", "Renamed"),
        "/source": (None, "fair"),
    }
    assert (await client.post(place, json=said, headers=seen(now))).status_code == 200


@each_verb
async def test_a_move_that_is_repeated_is_done_once_and_a_rehearsal_never(
    selling: Shop, nothing_changes: Unchanged, verb: str, said: Json
) -> None:
    client, deal = selling.client, await ready(selling, verb)
    place, event = f"/deals/{deal['id']}/{verb}", {"move": "moved", "win": "won", "lose": "lost"}
    async with nothing_changes():
        dry = {**seen(deal), "Crm-Dry-Run": "true"}
        rehearsed = await client.post(place, json=said, headers=dry)
        refused(
            await client.post(place, json=said, headers={"Crm-Dry-Run": "true"}),
            428,
            "precondition-required",
        )
    assert rehearsed.headers["crm-dry-run-events"] == f"deal.{event.get(verb, 'reopened')}"
    keyed = {**seen(deal), "Idempotency-Key": str(uuid4())}
    first = await client.post(place, json=said, headers=keyed)
    times = ("updated_at", "stage_since", "closed_at")
    assert {n: v for n, v in first.json().items() if n not in times} == {
        n: v for n, v in rehearsed.json().items() if n not in times
    }
    async with nothing_changes():
        again = await client.post(place, json=said, headers=keyed)
        refused(await client.post(place, json=said, headers=seen(deal)), 412, "precondition-failed")
    assert (again.content, again.headers["idempotent-replayed"]) == (first.content, "true")


async def test_what_a_won_deal_is_worth_never_changes(
    selling: Shop, nothing_changes: Unchanged
) -> None:
    client, euro = selling.client, await rate(selling.client, "EUR", "7.8")
    deal = await selling.deal(amount=money("100", "EUR"))
    today = (await client.get("/sandbox/clock")).json()["now"][:10]
    newer = await rate(client, "EUR", "8", on=today)
    won = await acted(client, deal, "win")
    assert (won["base_amount"], won["exchange_rate"]) == (money("800.00"), "8")
    await client.patch(f"/exchange-rates/{newer['id']}", json={"rate": "9"})
    for gone in (newer, euro):
        assert (await client.delete(f"/exchange-rates/{gone['id']}")).status_code == 204
    renamed = await selling.change(won, name="B")
    assert (renamed["base_amount"], renamed["exchange_rate"]) == (money("800.00"), "8")
    last = (await stays(client, deal))[-1]
    assert (last["amount"], last["base_amount"]) == (money("100.00", "EUR"), money("800.00"))


async def test_a_deal_of_which_no_rate_is_known_is_not_won_and_may_be_lost(
    selling: Shop, nothing_changes: Unchanged
) -> None:
    client, deal = selling.client, await selling.deal(amount=money("100", "EUR"))
    async with nothing_changes():
        assert wrong(await act(client, deal, "win"), 409) == [("/amount", "rate_missing")]
    lost = await acted(client, deal, "lose", reason="price")
    assert (lost["base_amount"], lost["exchange_rate"]) == (None, None)
    back = await acted(client, lost, "reopen", reason="They called")
    await rate(client, "EUR", "8")
    assert (await acted(client, back, "win"))["base_amount"] == money("800.00")
    nothing = await selling.deal()
    assert (await acted(client, nothing, "win"))["base_amount"] is None


async def test_a_deal_is_lost_for_a_reason_of_its_pipeline(
    selling: Shop, nothing_changes: Unchanged
) -> None:
    client, deal = selling.client, await selling.deal()
    few = [{"code": "timing", "labels": {"en": "Timing"}}]
    await client.patch(f"/pipelines/{selling.pipeline['id']}", json={"loss_reasons": few})
    async with nothing_changes():
        for reason in ("price", "ghost"):  # one that was retired
            answer = await act(client, deal, "lose", reason=reason)
            assert wrong(answer) == [("/reason", "unknown_reason")]
            assert "timing" in answer.text
        assert wrong(await act(client, deal, "lose")) == [("/reason", "missing")]
        assert wrong(await act(client, deal, "lose", reason=None)) == [("/reason", "string_type")]
    lost = await acted(client, deal, "lose", reason="timing", note="Next year")
    assert (lost["status"], lost["loss_reason"], lost["closing_note"]) == (
        "lost",
        "timing",
        "Next year",
    )


async def test_what_is_closed_is_reopened_before_it_goes_on(
    selling: Shop, nothing_changes: Unchanged
) -> None:
    client, deal = selling.client, await selling.deal()
    async with nothing_changes():
        problem = refused(await act(client, deal, "reopen", reason="x"), 409, "invalid-transition")
    assert problem["current"] == "open"
    for closed in (
        await acted(client, deal, "win"),
        await acted(client, await selling.deal(), "lose", reason="price"),
    ):
        async with nothing_changes():
            for verb, said in VERBS[:3]:
                answer = await act(client, closed, verb, **said)
                problem = refused(answer, 409, "invalid-transition")
                assert problem["current"] == closed["status"]


async def test_a_reopened_deal_is_where_it_was_last_and_its_history_keeps_both_ends(
    selling: Shop, told: Told, nothing_changes: Unchanged
) -> None:
    client = selling.client
    first = await acted(client, await selling.deal(), "move", stage="proposal")
    lost = await acted(client, first, "lose", reason="price", note="Too dear")
    async with nothing_changes():
        assert wrong(await act(client, lost, "reopen")) == [("/reason", "missing")]
        answer = await act(client, lost, "reopen", reason="x", stage="won")
        assert wrong(answer) == [("/stage", "unknown_stage")]
    back = await acted(client, lost, "reopen", reason="They called")
    assert (back["stage"], back["status"], back["probability"]) == ("proposal", "open", 60)
    gone = ("closed_at", "loss_reason", "closing_note")
    assert [back[name] for name in gone] == [None] * 3
    assert back["reopening_reason"] == "They called"
    won = await acted(client, back, "win")
    again = await acted(client, won, "reopen", reason="A mistake", stage="needs")
    assert (again["stage"], again["reopening_reason"]) == ("needs", "A mistake")
    assert [one["kind"] for one in await stays(client, first) if not one["skipped"]] == [
        "open",
        "open",
        "lost",
        "open",
        "won",
        "open",
    ]
    types = [record["type"].removeprefix("deal.") for record in await told(first)]
    assert types == ["created", "moved", "lost", "reopened", "won", "reopened"]


async def test_only_who_may_reopens(
    caller: NewClient, new_tenant_: NewTenant, nothing_changes: Unchanged
) -> None:
    tenant = await new_tenant_()
    selling = await shop(await caller(tenant=tenant))
    won = await acted(selling.client, await selling.deal(), "win")
    seller = await caller("deals:read", "deals:write", "pipelines:read", tenant=tenant)
    async with nothing_changes():
        problem = refused(await act(seller, won, "reopen", reason="x"), 403, "forbidden")
    assert problem["missing_scope"] == ["deals:reopen"]
    manager = await caller("deals:write", "deals:reopen", tenant=tenant)
    assert (await act(manager, won, "reopen", reason="x")).status_code == 200


async def test_a_deal_goes_on_in_another_pipeline(
    selling: Shop, told: Told, nothing_changes: Unchanged
) -> None:
    client = selling.client
    other = await selling.other_way("x", "y", y={"required_fields": ["amount"], "next": ["x"]})
    deal = await acted(client, await selling.deal(), "move", stage="needs")
    there = {"pipeline_id": other["id"]}
    async with nothing_changes():
        answer = await act(client, deal, "move", stage="proposal", **there)
        assert wrong(answer) == [("/stage", "unknown_stage")]
        answer = await act(client, deal, "move", stage="y", **there)
        assert wrong(answer, 409) == [("/amount", "field_missing")]
        assert answer.json()["allowed"] == ["x", "won", "lost"]
    rich = await selling.change(deal, amount=money("5"))
    moved = await acted(client, rich, "move", stage="y", **there)
    assert (moved["pipeline_id"], moved["stage"]) == (other["id"], "y")
    assert moved["stage_id"] == other["stages"][1]["id"]
    history = await stays(client, deal)
    assert [one["pipeline_id"] for one in history[-2:]] == [
        selling.pipeline["id"],
        other["id"],
    ]
    assert [one["skipped"] for one in history] == [False] * 3
    assert history[-1]["from_stage_id"] == deal["stage_id"]
    assert (await obstacles(client, moved))["won"] == [("not_next", None)]
    lost = await acted(client, moved, "lose", reason="other")
    assert (await acted(client, lost, "reopen", reason="x"))["stage"] == "y"
    assert (await told(deal))[3]["changes"]["pipeline_id"]["new"] == other["id"]


async def test_a_deal_goes_on_in_its_pipeline_when_its_unit_has_another_place_in_the_tree(
    selling: Shop, nothing_changes: Unchanged
) -> None:
    client = selling.client
    east, west = await unit(client, "East"), await unit(client, "West")
    office = await unit(client, "Office", parent_id=east)
    theirs = await pipeline(client, is_default=False, business_unit_id=east)
    there = {"business_unit_id": office, "pipeline_id": theirs["id"]}
    named = {"name": "A", "customer_id": selling.customer}
    deals = [await made(client, "/deals", {**named, **there}) for _ in range(3)]
    moved = await client.post(f"/business-units/{office}/move", json={"parent_id": west})
    assert moved.status_code == 200, moved.text
    async with nothing_changes():
        answer = await client.post("/deals", json={**named, **there})
        assert wrong(answer) == [("/pipeline_id", "other_unit")]
    first, second, third = deals
    assert (await acted(client, first, "move", stage="needs"))["stage"] == "needs"
    won = await acted(client, second, "win")
    assert (await acted(client, won, "reopen", reason="x"))["stage"] == "contact"
    assert (await acted(client, third, "lose", reason="price"))["status"] == "lost"


async def test_items_of_another_pipeline_are_not_ticked_and_old_ones_are_kept(
    client: AsyncClient,
) -> None:
    selling = await shop(client, stages=way("a", a={"checklist": [item("called")]}))
    other = await selling.other_way("x", x={"checklist": [item("legal")]})
    deal = await selling.deal(checklist={"called": True})
    moved = await acted(client, deal, "move", stage="x", pipeline_id=other["id"])
    answer = await client.patch(f"/deals/{deal['id']}", json={"checklist": {"called": True}})
    assert wrong(answer) == [("/checklist/called", "unknown_item")]
    both = await selling.change(moved, checklist={"legal": True})
    assert both["checklist"] == {"called": True, "legal": True}
    assert (await acted(client, both, "win"))["status"] == "won"


async def test_a_stay_tells_what_the_deal_was_as_it_came(selling: Shop) -> None:
    client, owner = selling.client, await user(selling.client)
    said = {"amount": money("5"), "expected_close_on": "2026-12-31", "owner_id": owner}
    deal = await selling.deal(**said)
    await selling.change(deal, amount=money("7"), owner_id=None, expected_close_on=None)
    moved = await acted(client, await selling.now(deal), "move", stage="proposal")
    first, *rest = await stays(client, deal)
    told = ("amount", "base_amount", "expected_close_on", "owner_id")
    assert [first[name] for name in told] == [money("5.00"), money("5.00"), "2026-12-31", owner]
    assert first["left_at"] == moved["stage_since"]
    for stay in rest:
        assert [stay[name] for name in told] == [money("7.00"), money("7.00"), None, None]
        assert stay["user_id"] is None


async def test_a_history_is_paged_and_told_from_either_end(selling: Shop) -> None:
    client, deal = selling.client, await selling.deal()
    for stage_ in ("needs", "contact") * 3:
        deal = await acted(client, deal, "move", stage=stage_)
    place = f"/deals/{deal['id']}/stage-history"
    for sort, numbers in (("number", [*range(1, 8)]), ("-number", [*range(7, 0, -1)])):
        found: list[int] = []
        asked: Json = {"sort": sort, "limit": 3}
        while True:
            page = (await client.get(place, params=asked)).json()
            found += [one["number"] for one in page["data"]]
            if not page["has_more"]:
                break
            asked["cursor"] = page["next_cursor"]
        assert found == numbers


async def test_who_brought_a_deal_there_is_told(selling: Shop) -> None:
    """The user whom a key acts for."""
    client = selling.client
    who = await user(client)
    await made(client, f"/users/{who}/activate", None, 200)
    admin = (await client.get("/roles", params={"code": "group_administrator"})).json()
    await made(client, "/role-assignments", {"user_id": who, "role_id": admin["data"][0]["id"]})
    deal = await selling.deal()
    headers = {**seen(deal), "Crm-On-Behalf-Of": who}
    place = f"/deals/{deal['id']}/move"
    assert (await client.post(place, json={"stage": "needs"}, headers=headers)).status_code == 200
    assert [one["user_id"] for one in await stays(client, deal)] == [None, who]


async def test_a_customer_who_is_archived_does_not_keep_a_deal_from_ending(selling: Shop) -> None:
    client = selling.client
    person = await customer(client, "王芳")
    deal = await selling.deal(contacts=[{"customer_id": person}])
    for gone in (person, selling.customer):
        assert (await client.post(f"/customers/{gone}/archive")).status_code == 200
    moved = await acted(client, deal, "move", stage="needs")
    assert (await acted(client, moved, "lose", reason="other"))["status"] == "lost"
