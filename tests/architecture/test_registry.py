"""One declaration per noun, and all registries agree with it."""

from typing import Any

from asyncpg import Connection as Admin

from crm_api.api import resources
from crm_api.kit.events import Event
from crm_api.kit.journal import EVENT
from crm_api.kit.resource import declared

TO_CUSTOMER = """
SELECT conrelid::regclass || '.' || a.attname AS reference
FROM pg_constraint JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = conkey[2]
WHERE contype = 'f' AND confrelid = 'customers'::regclass"""


def test_prefixes_have_three_letters_and_are_unique() -> None:
    prefixes = [EVENT.name, *(resource.prefix.name for resource in resources)]
    assert len(set(prefixes)) == len(prefixes)
    assert all(len(prefix) == 3 and prefix.isalpha() for prefix in prefixes)


def test_every_declared_noun_is_in_the_table_of_contents() -> None:
    assert declared == {resource.word: resource for resource in resources}


def test_states_lead_to_known_states() -> None:
    for resource in resources:
        followers = {state for after in resource.states.values() for state in after}
        assert followers <= set(resource.states), resource.noun


async def test_every_foreign_key_to_a_customer_says_what_a_merge_does(admin: "Admin[Any]") -> None:
    found = {row["reference"] for row in await admin.fetch(TO_CUSTOMER)}
    declared = {key for resource in resources for key in resource.merges}
    assert found == declared


def test_an_events_name_begins_with_its_noun() -> None:
    names = [event.type for event in Event.__subclasses__()]
    assert len(set(names)) == len(names)
    assert {name.partition(".")[0] for name in names} <= set(declared)
