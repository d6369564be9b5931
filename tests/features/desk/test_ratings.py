"""Ratings: who is asked how satisfied he is, what he says, and what follows from that."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asyncpg import Connection as Admin
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from crm_api.features.desk.ratings.service import RatingService
from crm_api.kit.actor import OPERATOR, Actor
from crm_api.kit.context import Context, House
from crm_api.kit.whole import whole
from crm_api.platform.journal.sequencer import Sequencer
from crm_api.platform.organization.registry import TenantRegistry
from tests.conftest import NewClient, Unchanged
from tests.features.test_customers import refused

from .asking import Json, later, user, wrong
from .rating import Ratings, answer, ratings

DAY = 86_400


@pytest.fixture
async def asks(client: AsyncClient, house: House) -> Ratings:
    return await ratings(client, house)


@pytest.fixture
async def customer(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """Somebody without a key."""
    transport = ASGITransport(app)
    async with AsyncClient(transport=transport, base_url="http://test/v1") as client:
        yield client


async def told(asks: Ratings, rating: Json) -> list[str]:
    await Sequencer(asks.house.pool).number_all()
    answer = await asks.client.get(f"/ratings/{rating['id']}/history", params={"limit": 200})
    assert answer.status_code == 200, answer.text
    return [record["type"] for record in answer.json()["data"]][::-1]


async def test_who_is_asked_answers_by_the_link(asks: Ratings, customer: AsyncClient) -> None:
    policy = await asks.policy(kind="csat")
    worker = await user(asks.client)
    ticket = await asks.resolved(type="problem", assignee_id=worker)
    queued = await asks.of(ticket)
    assert queued == queued | {
        "ticket_id": ticket["id"],
        "customer_id": asks.asking.customer,
        "business_unit_id": asks.asking.unit,
        "assignee_id": worker,
        "type": "problem",
        "policy_id": policy["id"],
        "kind": "csat",
        "state": "queued",
        "asked_at": None,
    }
    await asks.work()
    sent = await asks.of(ticket)
    assert sent == sent | {"state": "sent", "score": None, "is_flagged": False}
    assert sent["asked_at"] is not None
    token = await asks.token(sent)
    shown = (await customer.get(f"/ratings/by-token/{token}")).json()
    assert shown == shown | {
        "object": "rating_link",
        "asked_by": "Sunrise Group",
        "number": ticket["number"],
        "subject": ticket["subject"],
        "kind": "csat",
        "lowest": 1,
        "highest": 5,
        "expires_at": sent["expires_at"],
    }
    said = await answer(customer, token, score=5, comment="很快")
    assert (said.status_code, said.content) == (204, b"")
    rating = await asks.of(ticket)
    assert rating == rating | {
        "state": "answered",
        "answered_by": "link",
        "score": 5,
        "comment": "很快",
        "is_flagged": False,
        "user_id": None,
    }
    assert await told(asks, rating) == [
        "rating.queued",
        "rating.requested",
        "rating.link_made",
        "rating.answered",
    ]
    assert (await asks.asking.now(ticket))["category"] == "resolved"


async def test_what_is_answered_is_answered(
    asks: Ratings, customer: AsyncClient, nothing_changes: Unchanged
) -> None:
    await asks.policy()
    rating = await asks.asked()
    one, other = await asks.token(rating), await asks.token(rating)
    assert one != other
    assert (await answer(customer, one, score=4)).status_code == 204
    async with nothing_changes():
        for token in (one, other):
            refused(await answer(customer, token, score=1), 409, "conflict")
            refused(await customer.get(f"/ratings/by-token/{token}"), 409, "conflict")
        refused(await asks.client.post(f"/ratings/{rating['id']}/link"), 409, "conflict")
        refused(await asks.rate({"id": rating["ticket_id"]}, score=1), 409, "conflict")


async def test_of_many_who_answer_at_once_one_does(asks: Ratings, customer: AsyncClient) -> None:
    await asks.policy()
    rating = await asks.asked()
    tokens = [await asks.token(rating) for _ in range(5)]
    said = await asyncio.gather(
        *(answer(customer, token, score=n % 5 + 1) for n, token in enumerate(tokens * 4))
    )
    assert sorted(one.status_code for one in said) == [204, *[409] * 19]
    assert (await told(asks, rating)).count("rating.answered") == 1


async def test_unknown_links_lead_nowhere(
    asks: Ratings, customer: AsyncClient, nothing_changes: Unchanged
) -> None:
    await asks.policy()
    token = await asks.token(await asks.asked())
    twisted = token[:-1] + ("A" if token[-1] != "A" else "B")
    nobodys = "crm_rating_" + "A" * 64
    async with nothing_changes():
        for unknown in (twisted, nobodys, "crm_rating_", "x", token + "A", token.upper(), "%00"):
            refused(await customer.get(f"/ratings/by-token/{unknown}"), 404, "not-found")
            refused(await answer(customer, unknown, score=5), 404, "not-found")


async def test_an_answer_is_taken_for_some_days(
    asks: Ratings, customer: AsyncClient, nothing_changes: Unchanged
) -> None:
    await asks.policy(expires_after_days=3)
    rating = await asks.asked()
    token = await asks.token(rating)
    await later(asks.client, 3 * DAY)
    async with nothing_changes():
        refused(await answer(customer, token, score=5), 410, "gone")
        refused(await customer.get(f"/ratings/by-token/{token}"), 410, "gone")
        refused(await asks.client.post(f"/ratings/{rating['id']}/link"), 410, "gone")
    await asks.work()
    assert (await asks.all())[0]["state"] == "expired"
    refused(await answer(customer, token, score=5), 410, "gone")
    assert (await told(asks, rating))[-1] == "rating.expired"


@pytest.mark.parametrize(
    ("kind", "score"), [("csat", 0), ("csat", 6), ("csat", 10), ("nps", 11), ("nps", -1)]
)
async def test_a_score_stands_on_its_scale(
    asks: Ratings, customer: AsyncClient, nothing_changes: Unchanged, kind: str, score: int
) -> None:
    await asks.policy(kind=kind)
    token = await asks.token(await asks.asked())
    async with nothing_changes():
        said = await answer(customer, token, score=score)
    assert [place for place, _ in wrong(said)] == ["/score"]


@pytest.mark.parametrize(
    "body", [{}, {"score": "5"}, {"score": 5.5}, {"score": 5, "state": "answered"}, {"score": None}]
)
async def test_what_is_no_answer_is_refused(
    asks: Ratings, customer: AsyncClient, nothing_changes: Unchanged, body: Json
) -> None:
    await asks.policy()
    token = await asks.token(await asks.asked())
    async with nothing_changes():
        said = await customer.post(f"/ratings/by-token/{token}", json=body)
    refused(said, 422, "validation-failed")


async def test_a_customer_is_asked_once_in_some_days(asks: Ratings) -> None:
    await asks.policy(fatigue_days=30)
    await asks.asked()
    ticket = await asks.resolved()
    await asks.work()
    second = await asks.of(ticket)
    assert second == second | {
        "state": "suppressed",
        "reason": "asked_lately",
        "asked_at": None,
    }
    await later(asks.client, 30 * DAY)
    await asks.asked()


async def test_without_rest_a_customer_is_asked_each_time(asks: Ratings) -> None:
    await asks.policy(fatigue_days=0)
    for _ in range(3):
        await asks.asked()


async def test_of_tickets_resolved_at_once_one_is_asked_about(
    asks: Ratings, admin: "Admin[Any]"
) -> None:
    """Each by a connection of its own, all at the same time."""
    await asks.policy(fatigue_days=1)
    tickets = [await asks.asking.ticket() for _ in range(20)]
    await asyncio.gather(*(asks.asking.acted(ticket, "resolve") for ticket in tickets))
    queued = [rating["id"] for rating in await asks.all(state="queued")]
    assert len(queued) == 20
    rows = await admin.fetch(
        "SELECT tenant_id, id FROM ratings WHERE replace(id::text, '-', '') = ANY($1)",
        [id.removeprefix("rat_") for id in queued],
    )
    tenant = await TenantRegistry(asks.house).settled(rows[0]["tenant_id"])

    async def come(id: Any) -> None:
        actor = Actor(OPERATOR, tenant, frozenset())
        async with whole(Context.open(asks.house, actor, f"cmd_{id.hex}")) as ctx:
            await RatingService(ctx).come(id)

    await asyncio.gather(*(come(row["id"]) for row in rows))
    states = [rating["state"] for rating in await asks.all()]
    assert sorted(states) == ["sent", *["suppressed"] * 19]


async def test_a_ticket_that_is_open_again_is_not_asked_about(asks: Ratings) -> None:
    await asks.policy(delay_hours=24)
    ticket = await asks.resolved()
    await later(asks.client, DAY - 60)
    await asks.work()
    assert (await asks.of(ticket))["state"] == "queued"
    await asks.asking.acted(ticket, "reopen")
    await later(asks.client, 120)
    await asks.work()
    rating = await asks.of(ticket)
    assert (rating["state"], rating["reason"]) == ("suppressed", "not_resolved")
    await asks.asking.acted(ticket, "resolve")
    await later(asks.client, DAY)
    await asks.work()
    again = await asks.of(ticket)
    assert (again["state"], again["resolution"]) == ("sent", 2)


async def test_who_is_not_asked_any_more_is_not_asked(asks: Ratings) -> None:
    policy = await asks.policy(delay_hours=1)
    ticket = await asks.resolved()
    await asks.client.patch(f"/rating-policies/{policy['id']}", json={"enabled": False})
    await later(asks.client, 3600)
    await asks.work()
    assert (await asks.of(ticket))["reason"] == "disabled"


@pytest.mark.parametrize(("reason", "asked"), [("resolved", 1), ("spam", 0)])
async def test_what_is_closed_at_once_is_asked_about_if_it_is_done(
    asks: Ratings, reason: str, asked: int
) -> None:
    await asks.policy()
    await asks.asking.acted(await asks.asking.ticket(), "close", reason=reason)
    await asks.work()
    assert [rating["state"] for rating in await asks.all()] == ["sent"] * asked


async def test_what_is_closed_after_it_was_resolved_is_asked_about_once(asks: Ratings) -> None:
    await asks.policy()
    await asks.asking.acted(await asks.resolved(), "close")
    await asks.work()
    assert [rating["state"] for rating in await asks.all()] == ["sent"]


async def test_without_a_policy_nobody_is_asked(asks: Ratings) -> None:
    await asks.resolved()
    await asks.policy(enabled=False)
    await asks.resolved()
    await asks.policy(business_unit_id=(await other_unit(asks)))
    await asks.resolved()
    assert await asks.all() == []


async def other_unit(asks: Ratings) -> str:
    body = {"name": "Elsewhere", "code": "elsewhere", "kind": "branch"}
    made = await asks.client.post("/business-units", json=body)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def test_a_unit_follows_its_own_policy(asks: Ratings, nothing_changes: Unchanged) -> None:
    await asks.policy(kind="csat")
    own = await asks.policy(kind="nps", business_unit_id=asks.asking.unit)
    rating = await asks.asked()
    assert (rating["policy_id"], rating["kind"]) == (own["id"], "nps")
    async with nothing_changes():
        for unit in (None, asks.asking.unit):
            body = {"business_unit_id": unit}
            refused(await asks.client.post("/rating-policies", json=body), 409, "duplicate-value")


@pytest.mark.parametrize(("kind", "score"), [("csat", 2), ("csat", 1), ("nps", 6), ("nps", 0)])
async def test_a_detractor_opens_the_ticket_again(
    asks: Ratings, customer: AsyncClient, kind: str, score: int
) -> None:
    await asks.policy(kind=kind, detractors="reopen")
    ticket = await asks.resolved()
    await asks.work()
    rating = await asks.of(ticket)
    await answer(customer, await asks.token(rating), score=score)
    opened = await asks.asking.now(ticket)
    assert opened == opened | {"category": "open", "reopened_count": 1}
    rating = await asks.of(ticket)
    assert rating["is_flagged"]
    assert (await told(asks, rating))[-2:] == ["rating.answered", "rating.detractor"]
    assert [one["id"] for one in await asks.all(is_flagged=True)] == [rating["id"]]


async def test_a_detractor_is_flagged_where_the_ticket_stays_as_it_is(
    asks: Ratings, customer: AsyncClient
) -> None:
    await asks.policy(detractors="reopen", fatigue_days=0, expires_after_days=60)
    late, closed = await asks.asked(), await asks.asked()
    tokens = {one["id"]: await asks.token(one) for one in (late, closed)}
    await asks.asking.acted({"id": closed["ticket_id"]}, "close")
    await later(asks.client, 8 * DAY)
    for rating, category in ((late, "resolved"), (closed, "closed")):
        assert (await answer(customer, tokens[rating["id"]], score=1)).status_code == 204
        assert (await asks.asking.now({"id": rating["ticket_id"]}))["category"] == category
    assert len(await asks.all(is_flagged=True)) == 2


@pytest.mark.parametrize(
    ("detractors", "score", "flagged"),
    [("flag", 2, True), ("flag", 3, False), ("nothing", 1, False), ("reopen", 3, False)],
)
async def test_a_rating_is_flagged_as_the_policy_says(
    asks: Ratings, customer: AsyncClient, detractors: str, score: int, flagged: bool
) -> None:
    await asks.policy(detractors=detractors)
    rating = await asks.asked()
    await answer(customer, await asks.token(rating), score=score)
    assert (await asks.all())[0]["is_flagged"] is flagged
    ticket = await asks.asking.now({"id": rating["ticket_id"]})
    assert ticket["category"] == "resolved"


async def test_what_is_said_by_telephone_is_written_down(
    asks: Ratings, customer: AsyncClient
) -> None:
    policy = await asks.policy(kind="nps", detractors="reopen")
    asked = await asks.asked()
    token = await asks.token(asked)
    said = await asks.rate({"id": asked["ticket_id"]}, score=9)
    assert said.status_code == 200, said.text
    rating = said.json()
    assert rating == rating | {
        "id": asked["id"],
        "state": "answered",
        "answered_by": "phone",
        "score": 9,
        "asked_at": asked["asked_at"],
    }
    refused(await answer(customer, token, score=1), 409, "conflict")
    await asks.client.patch(f"/rating-policies/{policy['id']}", json={"enabled": False})
    ticket = await asks.resolved()
    said = await asks.rate(ticket, score=3, comment="Slow.")
    assert said.status_code == 201, said.text
    assert said.headers["location"] == f"/v1/ratings/{said.json()['id']}"
    assert said.json() == said.json() | {"kind": "nps", "state": "answered", "is_flagged": True}
    assert (await asks.asking.now(ticket))["category"] == "open"


async def test_who_was_asked_by_telephone_is_not_asked_again_at_once(asks: Ratings) -> None:
    await asks.policy(delay_hours=1, fatigue_days=10)
    said = await asks.rate(await asks.resolved(), score=4)
    assert (said.status_code, said.json()["state"]) == (200, "answered")
    ticket = await asks.resolved()
    await later(asks.client, 3600)
    await asks.work()
    assert (await asks.of(ticket))["reason"] == "asked_lately"
    assert [rating["state"] for rating in await asks.all()] == ["suppressed", "answered"]


async def test_a_rating_by_telephone_needs_a_resolved_ticket(
    asks: Ratings, nothing_changes: Unchanged
) -> None:
    ticket = await asks.asking.ticket()
    spam = await asks.asking.acted(await asks.asking.ticket(), "close", reason="spam")
    resolved = await asks.resolved()
    async with nothing_changes():
        refused(await asks.rate(ticket, score=5), 409, "conflict")
        refused(await asks.rate(spam, score=5), 409, "conflict")
        assert [p for p, _ in wrong(await asks.rate(resolved, score=6))] == ["/score"]
        unknown = {"id": f"tic_{'f' * 32}"}
        refused(await asks.rate(unknown, score=5), 404, "not-found")
    said = await asks.rate(resolved, score=6, kind="nps")
    assert said.status_code == 201, said.text


async def test_who_may_read_ratings_is_given_no_link(
    asks: Ratings, caller: NewClient, nothing_changes: Unchanged
) -> None:
    await asks.policy()
    rating = await asks.asked()
    reader = await caller("ratings:read", "tickets:read", "tickets:write")
    async with nothing_changes():
        said = await reader.post(f"/ratings/{rating['id']}/link")
    refused(said, 403, "forbidden")


async def test_a_token_is_told_to_nobody_else(asks: Ratings, admin: "Admin[Any]") -> None:
    """Neither the journal nor a kept answer has it as it is, nor any other row."""
    await asks.policy()
    rating = await asks.asked()
    path, headers = f"/ratings/{rating['id']}/link", {"Idempotency-Key": "k" * 20}
    first = await asks.client.post(path, headers=headers)
    again = await asks.client.post(path, headers=headers)
    assert "token" in first.json()
    secret = first.json()["token"].removeprefix("crm_rating_")[-30:]
    assert again.json() == first.json()
    for table in ("events", "event_values", "idempotency_keys", "rating_links", "ratings"):
        found = await admin.fetchval(
            f"SELECT count(*) FROM {table} t WHERE strpos(t::text, $1) > 0", secret
        )
        assert found == 0, table


async def test_links_are_made_while_a_customer_is_asked(
    asks: Ratings, nothing_changes: Unchanged
) -> None:
    await asks.policy(delay_hours=2)
    rating = await asks.of(await asks.resolved())

    async def link() -> Response:
        return await asks.client.post(f"/ratings/{rating['id']}/link")

    async with nothing_changes():
        refused(await link(), 409, "conflict")
        unknown = await asks.client.post(f"/ratings/rat_{'f' * 32}/link")
    refused(unknown, 404, "not-found")
