"""What follows from a contact with a customer: the unit's profile tells when it was."""

import asyncio

import pytest
from httpx import AsyncClient

from crm_api.kit.context import House
from crm_api.platform.journal.sequencer import Sequencer
from tests.conftest import Unchanged, WithKey
from tests.features.test_customers import refused
from tests.grouping import grown

from .desk import Desk, ago


async def test_a_contact_stamps_the_profile_of_its_unit_and_no_other(desk: Desk) -> None:
    await desk.profile()
    other = Desk(desk.client, (await elsewhere(desk)), desk.customer)
    await other.profile()
    plan = await desk.plan()
    assert await desk.last_contact() is None
    done = await desk.told(plan, "complete")
    assert await desk.last_contact() == done["done_at"]
    assert await other.last_contact() is None
    profile = (await desk.client.get(desk.place)).json()
    assert (profile["version"], profile["updated_at"]) == (2, done["updated_at"])


async def elsewhere(desk: Desk) -> str:
    made = await desk.client.post("/business-units", json={"name": "Other", "kind": "shop"})
    return str(made.json()["id"])


async def test_a_last_contact_never_goes_back(desk: Desk, house: House) -> None:
    await desk.profile()
    done = await desk.done(ago(minutes=10))
    await desk.done(ago(hours=5))
    assert await desk.last_contact() == done["done_at"]
    earlier = await desk.patch(done, done_at=ago(hours=2))
    assert earlier.status_code == 200, earlier.text
    assert await desk.last_contact() == done["done_at"]
    later = (await desk.patch(done, done_at=ago(minutes=5))).json()
    assert await desk.last_contact() == later["done_at"]


async def test_what_was_no_contact_stamps_nothing(desk: Desk, nothing_changes: Unchanged) -> None:
    profile = await desk.profile()
    note = await desk.done(kind="note")
    await desk.told(await desk.plan(), "cancel")
    await desk.told(await desk.plan(), "miss")
    await desk.done(customer_id=None)
    assert (await desk.client.get(desk.place)).json() == profile
    assert (await desk.patch(note, kind="call")).status_code == 200
    assert await desk.last_contact() == note["done_at"]
    async with nothing_changes():
        assert (await desk.patch(note, kind="call")).status_code == 200


async def test_a_customer_without_a_profile_is_contacted_all_the_same(desk: Desk) -> None:
    await desk.done()
    assert (await desk.client.get(desk.place)).status_code == 404
    await desk.profile()
    assert await desk.last_contact() is None


async def test_a_call_that_was_with_somebody_else_is_put_right(desk: Desk) -> None:
    other = await desk.client.post("/customers", json={"kind": "person", "name": "李娜"})
    right = Desk(desk.client, desk.unit, other.json()["id"])
    await desk.profile()
    await right.profile()
    due = await right.done(ago(hours=3), next_contact_at=ago(hours=1))
    wrong = await desk.done(ago(hours=2))
    assert await desk.due() == [due["id"]]
    assert (await desk.patch(wrong, customer_id=right.customer)).status_code == 200
    assert await right.last_contact() == wrong["done_at"]
    assert await desk.due() == []
    assert (await desk.patch(wrong, customer_id=desk.customer)).status_code == 200
    assert await desk.due() == [due["id"]]


async def test_who_may_not_change_profiles_stamps_them_by_what_he_does(
    client: AsyncClient, with_key: WithKey, house: House, nothing_changes: Unchanged
) -> None:
    """The rule is the product's: his roles let him neither see nor change that field."""
    group = await grown(client, with_key)
    role = await group.role(
        ("customers:read", "unit"),
        ("activities:read", "own"),
        ("activities:write", "own"),
        ("unit_profiles:read", "unit"),
        fields=[{"resource": "unit_profiles", "field": "last_contact_at", "access": "mask"}],
    )
    agent, shanghai = await group.hire(role), group.units["shanghai"]
    customer = await group.customer("shanghai")
    profile = await group.profile(customer, "shanghai")
    desk = Desk(agent.client, shanghai, customer)
    async with nothing_changes():
        edit = await agent.client.patch(desk.place, json={"last_contact_at": ago(hours=1)})
        refused(edit, 403, "forbidden")
    done = await desk.done()
    after = (await group.admin.get(desk.place)).json()
    assert (after["last_contact_at"], after["version"]) == (done["done_at"], 2)
    assert await desk.last_contact() is None
    await Sequencer(house.pool).number_all()
    records = (await group.admin.get(f"/unit-profiles/{profile['id']}/history")).json()["data"]
    cause = (await group.admin.get("/audit-records", params={"object_id": done["id"]})).json()
    assert records[0]["type"] == "unit_profile.updated"
    assert (records[0]["user_id"], records[0]["causation_id"]) == (agent.id, cause["data"][0]["id"])


@pytest.mark.parametrize("times", [(1, 2), (2, 1)])
async def test_of_two_completions_at_once_the_later_one_stays(
    desk: Desk, times: tuple[int, int]
) -> None:
    for _ in range(5):
        await desk.profile()
        plans = [await desk.plan() for _ in times]
        at = [ago(seconds=30 * back) for back in times]
        done = await asyncio.gather(
            *(
                desk.told(plan, "complete", done_at=then, next_contact_at=ago(seconds=1))
                for plan, then in zip(plans, at, strict=True)
            )
        )
        assert await desk.last_contact() == max(at)
        last = max(done, key=lambda one: str(one["done_at"]))
        assert await desk.due() == [last["id"]]


async def test_completions_corrections_and_cancellations_at_once_wait_for_each_other(
    desk: Desk,
) -> None:
    """None of them locks what another one waits for."""
    await desk.profile()
    done = [await desk.done(ago(hours=n), next_contact_at=ago(minutes=n)) for n in range(1, 9)]
    answers = await asyncio.gather(
        *(desk.patch(one, next_contact_at=ago(seconds=n)) for n, one in enumerate(done)),
        *(desk.patch(one, done_at=ago(minutes=30 + n)) for n, one in enumerate(done)),
        *(desk.patch(one, notes=f"{n}") for n, one in enumerate(done)),
        *(desk.post(done_at=ago(minutes=n)) for n in range(1, 9)),
        *(desk.client.patch(desk.place, json={"credit_days": n}) for n in range(4)),
    )
    assert {a.status_code for a in answers} <= {200, 201}, [a.text for a in answers]
    assert await desk.due() == []
    told = (await desk.client.get("/activities", params={"limit": 200})).json()["data"]
    assert await desk.last_contact() >= max(one["done_at"] for one in told)


async def test_a_customer_is_not_archived_beneath_a_stamp(desk: Desk) -> None:
    """Whichever comes first: a profile never changes after its customer has been archived."""
    await desk.profile()
    plans = [await desk.plan() for _ in range(6)]
    answers = await asyncio.gather(
        *(desk.tell(plan, "complete") for plan in plans),
        desk.client.post(f"/customers/{desk.customer}/archive"),
    )
    assert {a.status_code for a in answers} == {200}
    profile = (await desk.client.get(desk.place)).json()
    assert profile["updated_at"] <= answers[-1].json()["updated_at"]
