"""What a customer's parts must be, as pure functions."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from crm_api.kit.errors import FieldError, Invalid
from crm_api.kit.phones import e164
from crm_api.kit.pinyin import sort_key

from .models import Customer, CustomerKind, KeyKind

Point = dict[str, Any]
Key = tuple[str, str]
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


def phone(text: str, region: str, pointer: str) -> str:
    """E.164. Raises Invalid, which names the place."""
    try:
        return e164(text, region)
    except ValueError as error:
        raise Invalid("A phone number is not valid.", _wrong_phone(pointer, error)) from error


def _wrong_phone(pointer: str, error: ValueError) -> FieldError:
    return {"pointer": pointer, "code": "phone_invalid", "message": str(error)}


def spelled(points: Sequence[Point], region: str) -> list[Point]:
    """Contact points in the one spelling that they are kept in."""
    return [
        point | {"value": _spelled(point, region, f"/contact_points/{number}/value")}
        for number, point in enumerate(points)
    ]


def _spelled(point: Point, region: str, pointer: str) -> str:
    if point["kind"] == KeyKind.phone:
        return phone(point["value"], region, pointer)
    text: str = point["value"]
    return text.lower() if point["kind"] == KeyKind.email else text


def with_primaries(points: list[Point]) -> list[Point]:
    """The last one marked is the primary of its kind; without any, the first one is."""
    chosen: dict[str, Point] = {}
    for point in points:
        if point["is_primary"] or point["kind"] not in chosen:
            chosen[point["kind"]] = point
    return [point | {"is_primary": point is chosen[point["kind"]]} for point in points]


def joined(kept: Sequence[Point], added: Sequence[Point]) -> list[Point]:
    """Each point once, as it was said last, in the order of its first mention."""
    return with_primaries(list({_key(point): point for point in (*kept, *added)}.values()))


def without(kept: Sequence[Point], removed: Sequence[Point]) -> list[Point]:
    gone = {_key(point) for point in removed}
    return with_primaries([point for point in kept if _key(point) not in gone])


def _key(point: Point) -> Key:
    return point["kind"], point["value"]


def each_once(tags: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(tags))


def keys_of(points: Iterable[Point], tags: Iterable[str]) -> set[Key]:
    """What a customer with these parts is found by."""
    return {_key(point) for point in points} | {(KeyKind.tag.value, tag) for tag in tags}


def merged(kept: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """RFC 7396 for one level: null removes."""
    return {name: value for name, value in {**kept, **patch}.items() if value is not None}


def complete(sent: Mapping[str, Any], region: str, now: datetime) -> dict[str, Any]:
    """All columns of a new customer, from what the caller sent."""
    derived = {
        "acquired_at": sent.get("acquired_at") or now,
        "contact_points": joined([], spelled(sent.get("contact_points", []), region)),
        "external_ids": sent.get("external_ids", {}),
        "tags": each_once(sent.get("tags", [])),
        "preferences": {**NO_PREFERENCES, **sent.get("preferences", {})},
        "sort_name": sorted_by(sent["name"], sent["kind"]),
    }
    return {**sent, **derived}


def revised(customer: Customer, sent: Mapping[str, Any], region: str) -> dict[str, Any]:
    """The columns that a merge patch gives new values."""
    values = dict(sent)
    if "contact_points" in sent:
        values["contact_points"] = joined([], spelled(sent["contact_points"], region))
    if "external_ids" in sent:
        values["external_ids"] = merged(customer.external_ids, sent["external_ids"])
    if "tags" in sent:
        values["tags"] = each_once(sent["tags"])
    if "preferences" in sent:
        values["preferences"] = {**customer.preferences, **sent["preferences"]}
    if "name" in sent:
        values["sort_name"] = sorted_by(sent["name"], customer.kind)
    return values


def sorted_by(name: str, kind: str) -> str:
    return sort_key(name, person=kind == CustomerKind.person)
