"""Contact points: one spelling, each once, one primary of each kind."""

from collections.abc import Sequence
from typing import Any

from crm_api.kit.errors import FieldError, Invalid
from crm_api.kit.phones import e164
from crm_api.kit.words import Misread, Words, say

Point = dict[str, Any]
Key = tuple[str, str]


def phone(text: str, region: str, pointer: str) -> str:
    """E.164. Raises Invalid, which names the place."""
    try:
        return e164(text, region)
    except Misread as error:
        raise Invalid(
            say("A phone number is not valid."), _wrong_phone(pointer, error.words)
        ) from error


def _wrong_phone(pointer: str, words: Words) -> FieldError:
    return {"pointer": pointer, "code": "phone_invalid", "message": words}


def spelled(points: Sequence[Point], region: str) -> list[Point]:
    """Contact points in the one spelling that they are kept in."""
    return [
        point | {"value": _spelled(point, region, f"/contact_points/{number}/value")}
        for number, point in enumerate(points)
    ]


def _spelled(point: Point, region: str, pointer: str) -> str:
    if point["kind"] == "phone":
        return phone(point["value"], region, pointer)
    text: str = point["value"]
    return text.lower() if point["kind"] == "email" else text


def with_primaries(points: list[Point]) -> list[Point]:
    """The last one marked is the primary of its kind; without any, the first one is."""
    chosen: dict[str, Point] = {}
    for point in points:
        if point["is_primary"] or point["kind"] not in chosen:
            chosen[point["kind"]] = point
    return [point | {"is_primary": point is chosen[point["kind"]]} for point in points]


def joined(kept: Sequence[Point], added: Sequence[Point]) -> list[Point]:
    """Each point once, as it was said last, in the order of its first mention."""
    return with_primaries(list({key_of(point): point for point in (*kept, *added)}.values()))


def without(kept: Sequence[Point], removed: Sequence[Point]) -> list[Point]:
    gone = {key_of(point) for point in removed}
    return with_primaries([point for point in kept if key_of(point) not in gone])


def key_of(point: Point) -> Key:
    return point["kind"], point["value"]
