"""Ticket statuses: what a tenant calls how far tickets are."""

from httpx import AsyncClient, Response

from tests.conftest import NewClient, NewTenant, Unchanged
from tests.features.test_customers import refused
from tests.grouping import made

from .asking import Desk, Json, wrong

CATEGORIES = ["open", "waiting_customer", "waiting_third_party", "resolved", "closed"]


async def listed(client: AsyncClient, **asked: str) -> list[Json]:
    answer = await client.get("/ticket-statuses", params=asked)
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.json()["data"]
    return found


async def default(client: AsyncClient, category: str) -> Json:
    (found,) = (one for one in await listed(client, category=category) if one["is_default"])
    return found


async def status(client: AsyncClient, category: str, name: str, **said: object) -> Json:
    return await made(client, "/ticket-statuses", {"name": name, "category": category, **said})


async def test_each_category_has_a_status_from_the_beginning(
    caller: NewClient, new_tenant_: NewTenant
) -> None:
    chinese = await listed(await caller(tenant=await new_tenant_()))
    english = await listed(await caller(tenant=await new_tenant_(languages=["en"])))
    assert [one["category"] for one in chinese] == CATEGORIES
    assert [one["name"] for one in english] == [
        "Open",
        "Waiting for the customer",
        "Waiting for a third party",
        "Resolved",
        "Closed",
    ]
    assert chinese[0]["name"] != english[0]["name"]
    assert all(one["is_default"] and one["state"] == "live" for one in chinese)


async def test_a_tenant_adds_statuses_of_its_own(client: AsyncClient) -> None:
    made_ = await status(client, "waiting_third_party", "Waiting for spare parts", position=25)
    assert made_ == made_ | {"is_default": False, "state": "live", "position": 25}
    assert [one["position"] for one in await listed(client)] == [10, 20, 25, 30, 40, 50]
    renamed = await client.patch(f"/ticket-statuses/{made_['id']}", json={"name": "等待备件"})
    assert renamed.json()["name"] == "等待备件"


async def test_a_name_is_there_once(client: AsyncClient, nothing_changes: Unchanged) -> None:
    await status(client, "open", "In progress")
    async with nothing_changes():
        again = await client.post(
            "/ticket-statuses", json={"name": "In progress", "category": "open"}
        )
    assert wrong(again, 409) == [("/name", "duplicate_value")]


async def test_the_default_status_of_a_category_stays(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    one = await default(client, "resolved")
    async with nothing_changes():
        answer = await client.post(f"/ticket-statuses/{one['id']}/archive")
    refused(answer, 409, "conflict")
    renamed = await client.patch(f"/ticket-statuses/{one['id']}", json={"name": "Done"})
    assert renamed.json()["name"] == "Done"


async def test_tickets_keep_a_status_that_is_archived_and_none_gets_it(
    asking: Desk, nothing_changes: Unchanged
) -> None:
    client = asking.client
    mine, other = await status(client, "open", "In progress"), await asking.ticket()
    ticket = await asking.ticket()
    assert (await asking.put(ticket, status_id=mine["id"])).json()["status_id"] == mine["id"]
    assert (await client.post(f"/ticket-statuses/{mine['id']}/archive")).status_code == 200
    assert (await asking.now(ticket))["status_id"] == mine["id"]
    async with nothing_changes():
        answer = await asking.put(other, status_id=mine["id"])
    assert wrong(answer, 409) == [("/status_id", "ticket_status_archived")]
    shown = await asking.now(ticket, expand="status")
    assert shown["status"]["name"] == "In progress"
    assert await asking.found(status_id=mine["id"]) == [ticket["id"]]


def told(answer: Response) -> Json:
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def test_a_status_says_how_far_a_ticket_is_in_the_words_of_the_tenant(asking: Desk) -> None:
    parts = await status(asking.client, "waiting_third_party", "Waiting for parts")
    ticket = await asking.ticket()
    assert ticket["status_id"] == (await default(asking.client, "open"))["id"]
    waits = told(await asking.act(ticket, "wait", awaited="third_party", status_id=parts["id"]))
    assert (waits["category"], waits["status_id"]) == ("waiting_third_party", parts["id"])
    resumed = told(await asking.act(ticket, "resume", status_id=ticket["status_id"]))
    assert (resumed["category"], resumed["status_id"]) == ("open", ticket["status_id"])


async def test_a_status_of_another_category_is_refused(
    asking: Desk, nothing_changes: Unchanged
) -> None:
    ticket, done = await asking.ticket(), await default(asking.client, "resolved")
    async with nothing_changes():
        answers = [
            await asking.put(ticket, status_id=done["id"]),
            await asking.act(ticket, "wait", status_id=done["id"]),
            await asking.act(ticket, "close", status_id=done["id"]),
        ]
    for answer in answers:
        assert wrong(answer) == [("/status_id", "other_category")]
