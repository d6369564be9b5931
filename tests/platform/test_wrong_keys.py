"""Whoever guesses keys is soon told to stop, and nobody else is."""

import asyncio

from crm_api.kit.context import House
from crm_api.platform.access.keys import new_key as made_up
from crm_api.platform.access.strangers import FEW, Strangers
from crm_api.settings import Settings
from tests.features.test_customers import refused
from tests.serving import applications, client_of, figure, tenant_and_key

ATTACKER, ELSEWHERE = "203.0.113.7", "198.51.100.2"


async def test_after_some_wrong_keys_an_address_is_refused_and_others_are_not(
    settings: Settings, house: House
) -> None:
    _, key = await tenant_and_key(house)
    _, new = await tenant_and_key(house)
    async with (
        applications(settings, wrong_keys=20) as (app,),
        client_of(app, key, ATTACKER) as neighbour,
        client_of(app, new, ELSEWHERE) as stranger,
    ):
        assert (await neighbour.get("/me")).status_code == 200
        statuses = []
        for number in range(100):
            wrong = made_up(sandbox=True) if number % 2 else "nonsense"
            headers = {"Authorization": f"Bearer {wrong}", "X-Forwarded-For": f"10.0.0.{number}"}
            answer = await neighbour.get("/me", headers=headers)
            statuses.append(answer.status_code)
        assert statuses == [401] * 20 + [429] * 80
        problem = refused(answer, 429, "rate-limited")
        assert problem["violated-policies"] == ["address"]
        assert 1 <= int(answer.headers["retry-after"]) <= 60
        assert figure(app, "crm_refusals_total", reason="address") == 80
        assert (await stranger.get("/me")).status_code == 200
        assert (await neighbour.get("/me")).status_code == 200, "it was right a moment ago"
        async with client_of(app, new, ATTACKER) as late:
            assert (await late.get("/me")).status_code == 200, "it was right elsewhere"


async def test_a_request_without_a_key_is_no_wrong_key(settings: Settings) -> None:
    async with applications(settings, wrong_keys=1) as (app,), client_of(app, "") as client:
        for _ in range(5):
            answer = await client.get("/me", headers={"Authorization": ""})
            refused(answer, 401, "unauthorized")


async def test_one_look_up_serves_all_who_come_with_a_key_at_once(
    settings: Settings, house: House
) -> None:
    _, key = await tenant_and_key(house)
    async with applications(settings) as (app,), client_of(app, key) as client:
        answers = await asyncio.gather(*(client.get("/me") for _ in range(60)))
        assert {answer.status_code for answer in answers} == {200}
        assert figure(app, "crm_statements_total") == 4  # the key, its fields, and quotas


def test_addresses_of_ipv6_are_counted_by_their_network(house: House) -> None:
    strangers = Strangers(1, house.metrics)
    strangers.missed("2001:db8::1")
    assert list(strangers._wrong) == ["2001:db8::/64"]
    strangers.missed("2001:db8::ffff:1%eth0")
    assert strangers._wrong["2001:db8::/64"][0] == 2


def test_only_so_many_addresses_are_remembered(house: House) -> None:
    strangers = Strangers(1, house.metrics)
    for number in range(FEW + 10):
        strangers.missed(f"host {number}")
    assert len(strangers._wrong) <= FEW
