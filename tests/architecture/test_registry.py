"""One declaration per noun, and all registries agree with it."""

from types import NoneType
from typing import Any, get_args

from asyncpg import Connection as Admin

from crm_api.api import resources
from crm_api.features.overviews.queries import PARTS
from crm_api.kit.columns import personal
from crm_api.kit.db import Base, table_of
from crm_api.kit.events import Event
from crm_api.kit.journal import EVENT
from crm_api.kit.keepers import keeper, updated
from crm_api.kit.overviews import read_of, shown
from crm_api.kit.places import with_id
from crm_api.kit.resource import declared
from crm_api.platform.handovers.rules import every
from crm_api.platform.users.belongings import Shared, belongings

REFERENCES = """
SELECT conrelid::regclass || '.' || a.attname AS reference
FROM pg_constraint JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = conkey[2]
WHERE contype = 'f' AND confrelid = $1::text::regclass"""
STAYS_WITH_A_USER: dict[str, str] = {
    "role_assignments.user_id": "rights are given to people, not inherited",
    "api_keys.user_id": "a key of somebody else would do what nobody gave it for",
    "access_requests.requester_id": "who asked is a fact, and who else works there asks himself",
    "access_requests.decider_id": "who decided is a fact",
    "access_grants.user_id": "who asked is a fact; the unit goes on seeing the customer",
    "quotas.user_id": "what somebody was to win he did or did not; others get quotas of their own",
    "tasks.creator_id": "who made it is a fact",
    "agents.user_id": "what one can do others cannot; who leaves is offline, and given nothing",
    "ticket_messages.user_id": "who wrote it is a fact",
    "ratings.assignee_id": "who was rated is a fact",
    "ratings.user_id": "who wrote it down is a fact",
}
"""Foreign keys to users that a handover leaves alone, and why."""


def test_prefixes_have_three_letters_and_are_unique() -> None:
    prefixes = [EVENT.name, *(resource.prefix.name for resource in resources)]
    assert len(set(prefixes)) == len(prefixes)
    assert all(len(prefix) == 3 and prefix.isalpha() for prefix in prefixes)


def test_every_declared_noun_is_in_the_table_of_contents() -> None:
    assert declared == {resource.word: resource for resource in resources}


async def test_every_foreign_key_to_a_customer_says_what_a_merge_does(admin: "Admin[Any]") -> None:
    """And so does every column with ids of records of any noun."""
    tables = Base.metadata.tables.items()
    found = {row["reference"] for row in await admin.fetch(REFERENCES, "customers")}
    found |= {f"{name}.{of.info['links']}" for name, of in tables if "links" in of.info}
    declared = {key for resource in resources for key in resource.merges}
    assert found == declared


async def test_every_foreign_key_to_a_user_is_handed_over_or_says_why_not(
    admin: "Admin[Any]",
) -> None:
    found = {row["reference"] for row in await admin.fetch(REFERENCES, "users")}
    handed_over = {role.reference for _, _, role in every()}
    assert found == handed_over | STAYS_WITH_A_USER.keys()
    assert not handed_over & STAYS_WITH_A_USER.keys()
    assert all(STAYS_WITH_A_USER.values())


def test_what_belongs_to_users_can_be_changed_and_told_of() -> None:
    for word, of in belongings.items():
        assert word == of.noun.word
        assert (keeper(of.noun).model, updated(of.noun).type) == (of.noun.model, f"{word}.updated")
        kinds = [isinstance(role, Shared) for role in of.roles]
        assert kinds == sorted(kinds), "those that one user has come first"


def test_an_overview_has_a_place_for_what_nouns_show_in_it_and_they_an_index() -> None:
    """What is not counted is read in the order of the index, and no further than is shown."""
    assert shown.keys() == PARTS.keys()
    for name, of in shown.items():
        shape, table = PARTS[name], table_of(of.noun.model)
        assert read_of(shape).table is of.noun.model
        counted = "count" in shape.model_fields
        assert shape.model_fields.keys() == {"data", "count" if counted else "has_more", *of.sums}
        columns = [key.removeprefix("-") for key in with_id(of.sort)]
        wanted = ["tenant_id", of.by, *(() if counted else columns)]
        indexes = [[column.name for column in index.columns] for index in table.indexes]
        assert any(found[: len(wanted)] == wanted for found in indexes), name


def test_what_roles_may_hide_of_records_is_not_told_by_their_sums() -> None:
    for name, of in shown.items():
        shape = PARTS[name]
        for member, summed in of.sums.items():
            may_be_hidden = summed in read_of(shape).ruled
            nullable = NoneType in get_args(shape.model_fields[member].annotation)
            assert nullable == may_be_hidden, f"{name}.{member}"
            assert summed not in personal(read_of(shape))


def test_an_events_name_begins_with_its_noun() -> None:
    names = [event.type for event in Event.__subclasses__()]
    assert len(set(names)) == len(names)
    assert {name.partition(".")[0] for name in names} <= set(declared)
