"""What a customer's parts must be, as pure functions."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_api.kit.errors import FieldError, Invalid, UnknownReference
from crm_api.kit.pinyin import sort_key
from crm_api.kit.words import say
from crm_api.platform.external_ids.rules import MOST as MOST_IDS
from crm_api.platform.external_ids.rules import renamed
from crm_api.platform.parties.rules import Key, Point, joined, key_of, spelled

from .errors import CircularParent, IncompleteCustomer, OtherKind
from .models import Customer, CustomerKind, KeyKind

PERSON = frozenset(
    [
        "family_name",
        "given_name",
        "gender",
        "born_on",
        "language",
        "occupation",
        "education",
        "income_band",
        "title",
    ]
)
ORGANIZATION = frozenset(["legal_name", "uscc", "industry", "size_band", "website", "parent_id"])
MOST = {"tags": 100, "contact_points": 30, **MOST_IDS}
NOTHING = dict.fromkeys(["source", *sorted(PERSON | ORGANIZATION)])
FOUND_BY = (
    "name",
    "sort_name",
    "legal_name",
    "contact_points",
    "external_ids",
    "external_id_aliases",
)
NO_PREFERENCES: Mapping[str, Any] = {
    "channel": None,
    "not_before": None,
    "not_after": None,
    "language": None,
    "interests": [],
}


def foreign_fields(kind: CustomerKind, fields: Iterable[str]) -> list[str]:
    """Those that a customer of this kind does not have."""
    other = ORGANIZATION if kind == CustomerKind.person else PERSON
    return sorted(other.intersection(fields))


def each_once(tags: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(tags))


def keys_of(points: Iterable[Point], tags: Iterable[str]) -> set[Key]:
    """What a customer with these parts is found by."""
    return {key_of(point) for point in points} | {(KeyKind.tag.value, tag) for tag in tags}


def texts(customer: Mapping[str, Any]) -> Iterator[str | None]:
    """What `q=` looks at; `customer` has all of FOUND_BY."""
    yield from (customer[name] for name in ("name", "sort_name", "legal_name"))
    yield from (point["value"] for point in customer["contact_points"])
    yield from customer["external_ids"].values()
    yield from (alias["value"] for alias in customer["external_id_aliases"])


def check_kind(kind: CustomerKind, sent: Mapping[str, Any]) -> None:
    wrong = ["kind"] if sent.get("kind", kind) != kind else foreign_fields(kind, sent)
    if wrong:
        raise OtherKind(kind, wrong)


def check_complete(sent: Mapping[str, Any]) -> None:
    """What a customer that nobody knew must have."""
    if missing := [name for name in ("kind", "name") if name not in sent]:
        raise IncompleteCustomer(missing)
    check_kind(sent["kind"], sent)


def complete(sent: Mapping[str, Any], region: str, now: datetime) -> dict[str, Any]:
    """All columns of a new customer, from what the caller sent."""
    derived = {
        "acquired_at": sent.get("acquired_at") or now,
        "contact_points": joined([], spelled(sent.get("contact_points", []), region)),
        **renamed({}, (), sent),
        "tags": each_once(sent.get("tags", [])),
        "preferences": {**NO_PREFERENCES, **sent.get("preferences", {})},
        "sort_name": sorted_by(sent["name"], sent["kind"]),
    }
    return {**NOTHING, **derived, **{k: v for k, v in sent.items() if k not in derived}}


def revised(customer: Customer, sent: Mapping[str, Any], region: str) -> dict[str, Any]:
    """The columns that a merge patch gives new values."""
    values = dict(sent)
    if "contact_points" in sent:
        values["contact_points"] = joined([], spelled(sent["contact_points"], region))
    if "external_ids" in sent or "external_id_aliases" in sent:
        values |= renamed(customer.external_ids, customer.external_id_aliases, sent)
    if "tags" in sent:
        values["tags"] = each_once(sent["tags"])
    if "preferences" in sent:
        values["preferences"] = {**customer.preferences, **sent["preferences"]}
    if "name" in sent:
        values["sort_name"] = sorted_by(sent["name"], customer.kind)
    return values


def sorted_by(name: str, kind: str) -> str:
    return sort_key(name, person=kind == CustomerKind.person)


def check_sizes(values: Mapping[str, Any]) -> None:
    """What is added bit by bit has the same limits as what is sent at once."""
    wrong: list[FieldError] = [
        {
            "pointer": f"/{name}",
            "code": "too_long",
            "message": say("A customer has {most} of these at most.", most=most),
            "params": {"max_length": most},
        }
        for name, most in MOST.items()
        if len(values.get(name, ())) > most
    ]
    if wrong:
        raise Invalid(say("The customer would have too many parts."), *wrong)


def check_line(line: Iterable[tuple[UUID, str]], child: UUID | None) -> None:
    """`line` is the parent and all above it: organizations, and not the child itself."""
    ids = dict(line)
    if not ids:
        raise UnknownReference("/parent_id")
    if set(ids.values()) != {CustomerKind.organization} or child in ids:
        raise CircularParent
