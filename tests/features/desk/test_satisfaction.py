"""Satisfaction: how many were asked, how many have answered, and what."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from asyncpg import Connection as Admin
from httpx import AsyncClient

from crm_api.features.desk.ratings.resource import RATING
from crm_api.features.desk.satisfaction.queries import FILTERS, satisfaction
from crm_api.kit.actor import Actor, Reach, Tenant
from crm_api.kit.context import House
from crm_api.kit.sight import seen_by
from tests.conftest import WithKey
from tests.contract.test_plans import check, plan
from tests.features.pipeline.selling import customer
from tests.grouping import grown, made

from .asking import Json, later, user, wrong
from .rating import Ratings, answer, ratings

DAY = 86_400
EVERY = ("period", "business_unit_id", "assignee_id", "type")


@pytest.fixture
async def asks(client: AsyncClient, house: House) -> Ratings:
    return await ratings(client, house)


async def figures(asks: Ratings, **asked: Any) -> list[Json]:
    answer = await asks.client.get("/satisfaction", params=asked)
    assert answer.status_code == 200, answer.text
    groups: list[Json] = answer.json()["groups"]
    return groups


async def said(asks: Ratings, score: int | None = None, **ticket: Any) -> None:
    """Somebody is asked, and answers unless he says nothing."""
    rating = await asks.asked(**ticket)
    if score is not None:
        token = await asks.token(rating)
        assert (await answer(asks.client, token, score=score)).status_code == 204


async def test_figures_tell_who_was_asked_and_what_he_said(asks: Ratings) -> None:
    policy = await asks.policy(kind="csat", fatigue_days=0)
    for score in (5, 4, 3, None, None):
        await said(asks, score)
    await asks.client.patch(f"/rating-policies/{policy['id']}", json={"kind": "nps"})
    for score in (10, 9, 9, 8, 6, 0, None, None):
        await said(asks, score)
    await asks.client.patch(f"/rating-policies/{policy['id']}", json={"fatigue_days": 30})
    await asks.resolved()
    await asks.work()
    assert await figures(asks) == [
        {
            "period_on": None,
            "business_unit_id": None,
            "assignee_id": None,
            "type": None,
            "asked": 13,
            "answered": 9,
            "response_rate": "0.6923",
            "rated": 3,
            "csat": "0.6667",
            "recommended": 6,
            "nps": "16.7",
        }
    ]


async def test_where_nobody_was_asked_there_are_no_figures(asks: Ratings) -> None:
    assert await figures(asks) == []
    await asks.policy()
    await asks.asked()
    (all,) = await figures(asks)
    assert (all["response_rate"], all["csat"], all["nps"]) == ("0.0000", None, None)


async def test_figures_are_gathered_by_unit_assignee_and_type(asks: Ratings) -> None:
    await asks.policy(fatigue_days=0)
    one, unit = await user(asks.client), asks.asking.unit
    await said(asks, 5, assignee_id=one, type="problem")
    await said(asks, 1, type="problem")
    await said(asks, None, type="question")
    groups = await figures(asks, by=["assignee_id", "type", "business_unit_id"])
    told = [(g["business_unit_id"], g["assignee_id"], g["type"], g["csat"]) for g in groups]
    assert told == [
        (unit, one, "problem", "1.0000"),
        (unit, None, "problem", "0.0000"),
        (unit, None, "question", None),
    ]
    by_type = await figures(asks, by="type")
    assert [(g["type"], g["asked"]) for g in by_type] == [("problem", 2), ("question", 1)]
    for asked, count in (
        ({"type": "problem"}, 2),
        ({"assignee_id": one}, 1),
        ({"under": unit}, 3),
        ({"business_unit_id": unit, "type": "question"}, 1),
    ):
        (group,) = await figures(asks, **asked)
        assert group["asked"] == count
    assert await figures(asks, type="complaint") == []


async def test_a_rating_counts_when_the_customer_was_asked(
    asks: Ratings, client: AsyncClient
) -> None:
    await asks.policy(fatigue_days=0, expires_after_days=60)
    await said(asks, 5)
    now = date.fromisoformat((await asks.all())[0]["asked_at"][:10])
    await later(asks.client, 40 * DAY)
    asks.asking.customer = await customer(client)
    await said(asks, 3)
    groups = await figures(asks, by="period", until_on=date.fromordinal(now.toordinal() + 80))
    assert [(g["asked"], g["csat"]) for g in groups] == [(1, "1.0000"), (1, "0.0000")]
    assert [g["period_on"][8:] for g in groups] == ["01", "01"]
    early = await figures(asks, until_on=date.fromordinal(now.toordinal() + 20))
    assert [g["csat"] for g in early] == ["1.0000"]


async def test_a_year_ends_after_it_begins(asks: Ratings) -> None:
    asked = {"from_on": "2026-02-01", "until_on": "2026-02-01"}
    answer = await asks.client.get("/satisfaction", params=asked)
    assert [code for _, code in wrong(answer)] == ["until_before_from"]


MANY = """
SET session_replication_role = replica;
INSERT INTO ratings (tenant_id, id, ticket_id, resolution, customer_id, business_unit_id, type,
  kind, state, asked_at, expires_at, created_at, updated_at)
SELECT md5((n % 20)::text)::uuid, gen_random_uuid(), gen_random_uuid(), 1, gen_random_uuid(),
  md5((n % 50)::text)::uuid, 'question', 'csat', 'sent', now() - n * interval '1 hour',
  now(), now(), now()
FROM generate_series(1, 40000) n;
SET session_replication_role = origin;
ANALYZE ratings"""


async def test_figures_walk_an_index(house: House, admin: "Admin[Any]") -> None:
    await admin.execute(MANY)
    scopes, viewers = frozenset({"ratings:read"}), {"ratings:read": frozenset({UUID(int=1)})}
    tenant = Tenant(UUID(int=1), "", False, "", "", "", (), frozenset())
    limited = Actor(UUID(int=1), tenant, scopes, reach=Reach(True, viewers))
    for seen in (None, seen_by(limited, RATING.model)):
        for used in ((), tuple(FILTERS)):
            check(await plan(house, satisfaction(EVERY, "month", used, seen).sql))


async def test_everybody_sees_figures_of_the_ratings_that_are_there_for_him(
    client: AsyncClient, with_key: WithKey, house: House
) -> None:
    group = await grown(client, with_key)
    agent = await group.hire("service_agent", "shanghai")
    seller = await group.hire("sales", "shanghai")
    for unit, score in (("shanghai", 5), ("hangzhou", 1)):
        named = {"requester_id": await group.customer(unit), "subject": "The filler leaks"}
        ticket = await made(
            group.admin, "/tickets", {**named, "business_unit_id": group.units[unit]}
        )
        await made(group.admin, f"/tickets/{ticket['id']}/resolve", {}, 200)
        await made(group.admin, f"/tickets/{ticket['id']}/rate", {"score": score})
    told = {}
    for name, reader in (("all", group.admin), ("agent", agent.client), ("seller", seller.client)):
        answer = await reader.get("/satisfaction")
        assert answer.status_code == 200, answer.text
        told[name] = [(group["asked"], group["csat"]) for group in answer.json()["groups"]]
    assert told == {"all": [(2, "0.5000")], "agent": [(1, "1.0000")], "seller": []}
