"""Rating policies: whether customers are asked, when, and how often."""

import pytest
from httpx import AsyncClient
from hypothesis import given
from hypothesis import strategies as st

from crm_api.features.desk.rating_policies.rules import (
    BAD,
    GOOD,
    SCALES,
    is_detractor,
    is_score,
)
from crm_api.features.desk.rating_policies.schemas import RatingKind
from tests.conftest import Unchanged
from tests.features.pipeline.selling import unit
from tests.features.test_customers import refused

from .asking import Json, wrong

BARE = {
    "object": "rating_policy",
    "business_unit_id": None,
    "enabled": False,
    "kind": "csat",
    "delay_hours": 0,
    "expires_after_days": 14,
    "fatigue_days": 30,
    "detractors": "flag",
}


async def policy(client: AsyncClient, **said: object) -> Json:
    answer = await client.post("/rating-policies", json=said)
    assert answer.status_code == 201, answer.text
    told: Json = answer.json()
    return told


async def test_a_policy_begins_disabled(client: AsyncClient) -> None:
    made = await policy(client)
    assert made == made | BARE
    read = await client.get(f"/rating-policies/{made['id']}")
    assert read.json() == made


async def test_a_policy_is_changed_and_deleted(client: AsyncClient) -> None:
    made = await policy(client)
    place = f"/rating-policies/{made['id']}"
    sent = {"enabled": True, "kind": "nps", "delay_hours": 24, "detractors": "reopen"}
    changed = (await client.patch(place, json=sent)).json()
    assert changed == changed | {**BARE, **sent, "version": 2}
    assert (await client.delete(place)).status_code == 204
    assert (await client.get(place)).status_code == 404
    assert (await client.get("/rating-policies")).json()["data"] == []


async def test_policies_are_found_by_their_unit(client: AsyncClient) -> None:
    shop = await unit(client)
    mine, group = await policy(client, business_unit_id=shop), await policy(client)
    listed = (await client.get("/rating-policies")).json()["data"]
    assert [one["id"] for one in listed] == [group["id"], mine["id"]]
    found = await client.get("/rating-policies", params={"business_unit_id": shop})
    assert [one["id"] for one in found.json()["data"]] == [mine["id"]]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "stars"),
        ("delay_hours", -1),
        ("delay_hours", 721),
        ("expires_after_days", 0),
        ("expires_after_days", 366),
        ("fatigue_days", -1),
        ("fatigue_days", 3651),
        ("detractors", "call"),
        ("enabled", None),
        ("business_unit_id", f"bun_{'f' * 32}"),
    ],
)
async def test_what_no_policy_can_be_is_refused(
    client: AsyncClient, nothing_changes: Unchanged, field: str, value: object
) -> None:
    async with nothing_changes():
        answer = await client.post("/rating-policies", json={field: value})
    assert [place for place, _ in wrong(answer)] == [f"/{field}"]


async def test_who_has_not_seen_the_policy_as_it_is_is_told_so(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    place = f"/rating-policies/{(await policy(client))['id']}"
    await client.patch(place, json={"fatigue_days": 7})
    old = {"If-Match": '"1"'}
    async with nothing_changes():
        refused(await client.patch(place, json={}, headers=old), 412, "precondition-failed")
        refused(await client.delete(place, headers=old), 412, "precondition-failed")


@given(st.sampled_from(RatingKind), st.integers(-20, 20))
def test_a_score_is_on_its_scale_and_bad_good_or_neither(kind: RatingKind, score: int) -> None:
    lowest, highest = SCALES[kind]
    assert is_score(kind, score) == (score in range(lowest, highest + 1))
    assert lowest <= BAD[kind] < GOOD[kind] <= highest
    assert is_detractor(kind, score) == (score < BAD[kind] + 1)
    assert not (is_detractor(kind, score) and score >= GOOD[kind])
