"""Activities by the ids that other systems know them by, such as calls of a phone system."""

import asyncio
from typing import Any

from httpx import AsyncClient, Response

from crm_api.kit.context import House
from tests.conftest import Unchanged
from tests.features.test_customers import refused

from .desk import Desk, Json, ago, desk_of


def at(value: str) -> str:
    return f"/activities/external/pbx/{value}"


def call(desk: Desk, **said: Any) -> Json:
    body = {"kind": "call", "subject": "Incoming call", "customer_id": desk.customer}
    return {**body, "business_unit_id": desk.unit, **said}


async def batch(desk: Desk, *items: tuple[str, Json], **options: Any) -> Response:
    listed = [{"external_id": value, "data": data} for value, data in items]
    body = {"system": "pbx", "items": listed, **options}
    return await desk.client.post("/activities/batch-upsert", json=body)


async def test_a_call_is_written_down_and_completed_by_its_system(desk: Desk) -> None:
    await desk.profile()
    made = await desk.client.patch(at("1"), json=call(desk, starts_at=ago(hours=1)))
    assert made.status_code == 201, made.text
    assert made.headers["location"] == f"/v1/activities/{made.json()['id']}"
    assert (made.json()["state"], made.json()["external_ids"]) == ("planned", {"pbx": "1"})
    same = await desk.client.patch(at("1"), json=call(desk))
    assert (same.status_code, same.content) == (200, made.content)
    then = ago(minutes=30)
    done = await desk.client.patch(at("1"), json={"done_at": then, "outcome": "Bought"})
    assert (done.json()["state"], done.json()["done_at"], done.json()["version"]) == (
        "done",
        then,
        2,
    )
    assert await desk.last_contact() == then
    assert (await desk.client.get(at("1"))).content == done.content
    again = await desk.client.patch(at("1"), json={"state": "done", "done_at": then})
    assert again.content == done.content


async def test_a_system_says_by_the_state_alone_that_something_is_done(
    desk: Desk, house: House, nothing_changes: Unchanged
) -> None:
    made = await desk.client.patch(at("1"), json=call(desk, starts_at=ago(hours=1)))
    done = (await desk.client.patch(at("1"), json={"state": "done"})).json()
    assert (done["state"], done["done_at"]) == ("done", done["updated_at"])
    records = await desk.history(made.json(), house)
    assert [one["type"] for one in records] == ["activity.completed", "activity.created"]
    async with nothing_changes():
        back = await desk.client.patch(at("1"), json={"state": "planned"})
        refused(back, 409, "invalid-transition")


async def test_what_a_system_does_not_know_it_does_not_overwrite(
    desk: Desk, nothing_changes: Unchanged
) -> None:
    other = await desk_of(desk.client)
    async with nothing_changes():
        nameless = await desk.client.patch(at("9"), json={"business_unit_id": desk.unit})
        problem = refused(nameless, 422, "validation-failed")
        assert [e["pointer"] for e in problem["errors"]] == ["/kind", "/subject"]
        nowhere = await desk.client.patch(at("9"), json={"kind": "note", "subject": "S"})
        problem = refused(nowhere, 422, "validation-failed")
        assert [e["pointer"] for e in problem["errors"]] == ["/business_unit_id"]
        missing = await desk.client.patch(at("9"), json=call(desk), params={"if_missing": "fail"})
        refused(missing, 404, "not-found")
    await desk.client.patch(at("1"), json=call(desk, done_at=ago(days=2)))
    async with nothing_changes():
        moved = await desk.client.patch(at("1"), json={"business_unit_id": other.unit})
        assert refused(moved, 409, "conflict")["errors"][0]["pointer"] == "/business_unit_id"
        late = await desk.client.patch(at("1"), json={"outcome": "Bought"})
        assert refused(late, 422, "validation-failed")["errors"][0]["code"] == "reason_required"
    why = {"outcome": "Bought", "reason": "Written down late"}
    assert (await desk.client.patch(at("1"), json=why)).json()["outcome"] == "Bought"


async def test_a_batch_of_calls_is_written_down_at_once(desk: Desk) -> None:
    """What follows from all of them follows once, at the end: and the versions say so."""
    other = await desk_of(desk.client)
    await desk.profile()
    await other.profile()
    nobody = {"customer_id": f"cus_{'f' * 32}"}
    first = await batch(
        desk,
        ("1", call(desk, done_at=ago(hours=9), next_contact_at=ago(hours=1))),
        ("2", call(desk, done_at=ago(hours=8))),
        ("3", call(other, done_at=ago(hours=7), next_contact_at=ago(minutes=1))),
        ("4", call(desk, done_at=ago(hours=1), **nobody)),
        ("5", call(desk, starts_at=ago(hours=2), records=[other.customer])),
    )
    assert first.status_code == 207, first.text
    told = first.json()["data"]
    assert [one["outcome"] for one in told] == [*["created"] * 3, "failed", "created"]
    assert [one["version"] for one in told] == [2, 1, 1, None, 1]
    assert told[3]["problem"]["errors"][0]["pointer"] == "/data/customer_id"
    for one in (told[0], told[2]):
        read = await desk.client.get(f"/activities/{one['id']}", headers={"If-None-Match": '"0"'})
        assert read.headers["etag"] == f'"{one["version"]}"'
    due = await desk.client.get("/activities/due")
    assert [one["id"] for one in due.json()["data"]] == [told[4]["id"], told[2]["id"]]
    second = await batch(desk, ("3", {"outcome": "Bought"}), ("5", {"state": "done"}), ("2", {}))
    told = second.json()["data"]
    assert [one["outcome"] for one in told] == ["updated", "updated", "unchanged"]
    assert await desk.last_contact() == (await desk.client.get(at("5"))).json()["done_at"]


async def test_an_atomic_batch_is_written_as_a_whole_or_not_at_all(
    desk: Desk, nothing_changes: Unchanged
) -> None:
    await desk.profile()
    good, bad = call(desk, done_at=ago(hours=1)), call(desk, done_at="2099-01-01T00:00:00Z")
    async with nothing_changes():
        answer = await batch(desk, ("1", good), ("2", bad), atomic=True)
        problem = refused(answer, 422, "validation-failed")
    assert problem["errors"][0]["pointer"] == "/items/1/data/done_at"


async def test_what_a_failed_item_would_have_said_stamps_nothing(desk: Desk) -> None:
    """Its external id is another record's: only the database knows, after all was reckoned."""
    profile = await desk.profile()
    taken: Json = {"external_ids": {"erp": "4711"}}
    await desk.plan(**taken)
    answer = await batch(
        desk,
        ("1", call(desk, done_at=ago(hours=1), **taken)),
        ("2", call(desk, starts_at=ago(hours=1))),
    )
    assert [one["outcome"] for one in answer.json()["data"]] == ["failed", "created"]
    assert (await desk.client.get(desk.place)).json() == profile


async def test_an_activity_has_so_many_ids_elsewhere_however_they_come(
    desk: Desk, nothing_changes: Unchanged
) -> None:
    planned = await desk.plan(external_ids={f"s{n}": "1" for n in range(20)})
    more = {"external_ids": {"more": "1"}}
    async with nothing_changes():
        answer = await desk.client.patch(f"/activities/{planned['id']}", json=more)
        problem = refused(answer, 422, "validation-failed")
    assert problem["errors"][0]["pointer"] == "/external_ids"


async def test_fifty_who_bring_the_same_call_make_one(desk: Desk) -> None:
    await desk.profile()
    body = call(desk, done_at=ago(minutes=5))
    answers = await asyncio.gather(*(desk.client.patch(at("7"), json=body) for _ in range(50)))
    assert sorted({answer.status_code for answer in answers}) == [200, 201]
    assert len({answer.json()["id"] for answer in answers}) == 1


async def test_batches_that_name_the_same_customers_do_not_stop_each_other(
    client: AsyncClient,
) -> None:
    desks = [await desk_of(client) for _ in range(4)]
    for one in desks:
        await one.profile()
    answers = await asyncio.gather(
        *(
            batch(
                desks[0],
                *(
                    (f"{n}-{k}", call(one, done_at=ago(minutes=9 * n + k), next_contact_at=ago()))
                    for k, one in enumerate(desks[::way])
                ),
            )
            for n, way in enumerate((1, -1, 1, -1))
        )
    )
    assert [answer.status_code for answer in answers] == [200] * 4, answers[0].text
    for one in desks:
        last = await one.last_contact()
        page = await client.get("/activities", params={"customer_id": one.customer})
        assert last == max(told["done_at"] for told in page.json()["data"])
        due = (await client.get("/activities/due", params={"customer_id": one.customer})).json()
        assert [told["done_at"] for told in due["data"]] == [last]
