"""How documents are numbered, as whoever settles it meets it."""

from typing import Any

from httpx import AsyncClient

from crm_api.kit.context import House
from crm_api.platform.journal.sequencer import Sequencer
from tests.conftest import NewClient, NewTenant, Unchanged
from tests.grouping import made

Json = dict[str, Any]
PATTERN: Json = {"noun": "order", "pattern": "SO-{unit}-{yyyy}{mm}-{n:5}", "restarts": "month"}


async def settle(client: AsyncClient, **said: Any) -> Json:
    return await made(client, "/number-patterns", PATTERN | said)


async def unit(client: AsyncClient, **said: Any) -> str:
    body = {"name": "East", "kind": "subsidiary", **said}
    return str((await made(client, "/business-units", body))["id"])


async def test_a_pattern_is_answered_as_it_was_made(client: AsyncClient) -> None:
    pattern = await settle(client)
    told = {**PATTERN, "object": "number_pattern", "business_unit_id": None, "version": 1}
    assert pattern.items() >= told.items()
    assert (await client.get(f"/number-patterns/{pattern['id']}")).json() == pattern
    assert (await client.get("/number-patterns")).json()["data"] == [pattern]


async def test_a_pattern_that_says_nothing_of_it_never_restarts(client: AsyncClient) -> None:
    made_ = await made(
        client, "/number-patterns", {"noun": "return", "pattern": "退货〔{yy}〕{n}号"}
    )
    assert (made_["pattern"], made_["restarts"]) == ("退货〔{yy}〕{n}号", "never")


async def test_what_makes_no_numbers_is_told_and_not_kept(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    for body, pointer, code in (
        ({"pattern": "SO-{unit}"}, "/pattern", "running_number_once"),
        ({"pattern": "{n}-{n:4}"}, "/pattern", "running_number_once"),
        ({"pattern": "SO-{month}-{n}"}, "/pattern", "token_unknown"),
        ({"pattern": "SO-{n:11}"}, "/pattern", "token_unknown"),
        ({"pattern": "SO-{n:0}"}, "/pattern", "token_unknown"),
        ({"pattern": "SO-{YYYY}-{n}"}, "/pattern", "token_unknown"),
        ({"pattern": "SO-{{n}}"}, "/pattern", "token_unknown"),
        ({"pattern": "SO}-{n}"}, "/pattern", "token_unknown"),
        ({"pattern": "SO-{}-{n}"}, "/pattern", "token_unknown"),
        ({"pattern": "SO {n}"}, "/pattern", "string_pattern_mismatch"),
        ({"pattern": "SO\u3000{n}"}, "/pattern", "string_pattern_mismatch"),
        ({"pattern": "SO\n{n}"}, "/pattern", "string_pattern_mismatch"),
        ({"pattern": "SÖ{n}"}, "/pattern", "string_pattern_mismatch"),
        ({"pattern": ""}, "/pattern", "string_pattern_mismatch"),
        ({"pattern": "x" * 52 + "{n}", "restarts": "never"}, "/pattern", "number_too_long"),
        ({"pattern": "x" * 12 + "{unit}{n:5}"}, "/pattern", "number_too_long"),
        ({"pattern": "SO{n}"}, "/pattern", "period_missing"),
        ({"pattern": "SO{mm}-{n}"}, "/pattern", "period_missing"),
        ({"pattern": "SO{yyyy}-{n}"}, "/pattern", "period_missing"),
        ({"restarts": "day"}, "/pattern", "period_missing"),
        ({"restarts": "weekly"}, "/restarts", "enum"),
        ({"noun": "deal"}, "/noun", "noun_unknown"),
        ({"noun": "Order"}, "/noun", "noun_unknown"),
        ({"next": 7}, "/next", "extra_forbidden"),
    ):
        async with nothing_changes():
            answer = await client.post("/number-patterns", json=PATTERN | body)
        assert answer.status_code == 422, body
        (mistake,) = answer.json()["errors"]
        assert (mistake["pointer"], mistake["code"]) == (pointer, code), body


async def test_a_mistake_says_how_to_mend_it(client: AsyncClient) -> None:
    for body, words in (
        ({"pattern": "SO-{month}-{n}"}, "{unit} {yyyy} {yy} {mm} {dd} {n} {n:1} … {n:10}"),
        ({"pattern": "SO-{unit}"}, "once, as {n} or {n:5}"),
        ({"restarts": "day"}, "Put {dd} into the pattern, or restart less often."),
        ({"noun": "deal"}, "Send one of order, receipt, return, shipment, ticket."),
    ):
        answer = await client.post("/number-patterns", json=PATTERN | body)
        assert words in answer.json()["errors"][0]["message"]


async def test_a_noun_has_one_pattern_in_a_unit_and_one_in_the_group(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    east = await unit(client)
    for of in (None, east):
        first = await settle(client, business_unit_id=of)
        async with nothing_changes():
            again = await client.post(
                "/number-patterns",
                json=PATTERN | {"business_unit_id": of, "pattern": "A{yy}{mm}{n}"},
            )
        assert (again.status_code, again.json()["code"]) == (409, "duplicate-value")
        assert again.json()["existing"] == {"object": "number_pattern", "id": first["id"]}
        assert again.json()["errors"][0]["pointer"] == "/business_unit_id"
        await settle(client, business_unit_id=of, noun="shipment")


async def test_a_pattern_is_for_a_live_unit(
    client: AsyncClient, caller: NewClient, nothing_changes: Unchanged
) -> None:
    gone = await unit(client)
    await client.post(f"/business-units/{gone}/archive")
    for of in (gone, await unit(await caller())):
        async with nothing_changes():
            answer = await client.post("/number-patterns", json=PATTERN | {"business_unit_id": of})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/business_unit_id"


async def test_a_pattern_is_changed_and_keeps_its_noun_and_unit(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    pattern = await settle(client)
    place = f"/number-patterns/{pattern['id']}"
    async with nothing_changes():
        same = await client.patch(place, json={"restarts": "month"})
        for body in ({"noun": "return"}, {"business_unit_id": None}, {"restarts": None}):
            assert (await client.patch(place, json=body)).status_code == 422, body
        stale = await client.patch(place, json={"restarts": "year"}, headers={"If-Match": '"7"'})
    assert (same.status_code, same.json()) == (200, pattern)
    assert stale.status_code == 412
    changed = (await client.patch(place, json={"restarts": "year"})).json()
    assert (changed["pattern"], changed["restarts"]) == (PATTERN["pattern"], "year")
    changed = (await client.patch(place, json={"pattern": "{yyyy}-{n}"})).json()
    assert (changed["pattern"], changed["restarts"]) == ("{yyyy}-{n}", "year")


async def test_a_change_too_must_say_of_which_period_a_number_is(
    client: AsyncClient, nothing_changes: Unchanged
) -> None:
    place = f"/number-patterns/{(await settle(client))['id']}"
    for body, token in (({"pattern": "SO{yyyy}{n}"}, "{mm}"), ({"restarts": "day"}, "{dd}")):
        async with nothing_changes():
            answer = await client.patch(place, json=body)
        assert answer.status_code == 422
        (mistake,) = answer.json()["errors"]
        assert (mistake["pointer"], mistake["code"]) == ("/pattern", "period_missing")
        assert token in mistake["message"]


async def test_the_history_of_a_pattern_tells_how_it_was_changed_and_deleted(
    client: AsyncClient, house: House
) -> None:
    place = f"/number-patterns/{(await settle(client))['id']}"
    await client.patch(place, json={"restarts": "never"})
    assert (await client.delete(place)).status_code == 204
    assert (await client.get(place)).status_code == 404
    await Sequencer(house.pool).number_all()
    changes = (await client.get(f"{place}/history")).json()["data"]
    assert [one["type"] for one in changes] == [
        "number_pattern.deleted",
        "number_pattern.updated",
        "number_pattern.created",
    ]
    assert changes[1]["changes"]["restarts"] == {"old": "month", "new": "never"}


async def test_patterns_are_found_by_noun_and_by_unit(client: AsyncClient) -> None:
    east = await unit(client)
    group = await settle(client)
    own = await settle(client, business_unit_id=east)
    other = await settle(client, business_unit_id=east, noun="receipt")
    for query, found in (
        ("", [other, own, group]),
        ("sort=created_at", [group, own, other]),
        ("noun=order", [own, group]),
        ("noun=order&noun=receipt", [other, own, group]),
        (f"business_unit_id={east}", [other, own]),
        (f"business_unit_id={east}&noun=receipt", [other]),
    ):
        answer = await client.get(f"/number-patterns?{query}")
        assert answer.json()["data"] == found, query
    assert (await client.get("/number-patterns?noun=deal")).status_code == 422


async def test_whoever_only_reads_patterns_settles_nothing(
    caller: NewClient, new_tenant_: NewTenant, nothing_changes: Unchanged
) -> None:
    tenant = await new_tenant_()
    pattern = await settle(await caller(tenant=tenant))
    reader = await caller("number_patterns:read", tenant=tenant)
    place = f"/number-patterns/{pattern['id']}"
    assert (await reader.get(place)).json() == pattern
    async with nothing_changes():
        for answer in (
            await reader.post("/number-patterns", json=PATTERN),
            await reader.patch(place, json={"restarts": "never"}),
            await reader.delete(place),
        ):
            assert answer.status_code == 403
