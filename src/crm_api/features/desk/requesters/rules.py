"""Who writes, as far as it is known where something comes in: pure functions."""

from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from crm_api.platform.parties.schemas import Email

LONGEST_NAME = 200
EMAIL: TypeAdapter[str] = TypeAdapter(Email)
Point = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Writer:
    """`points` are the kinds and values by which a customer is found, the surest first; `address`
    is what the channel calls him."""

    name: str
    address: str
    points: tuple[Point, ...]


def by_mail(name: str, address: str) -> Writer:
    """An address that customers cannot have is none by which they are found."""
    try:
        points: Iterable[Point] = [("email", EMAIL.validate_python(address).lower())]
    except ValidationError:
        points = []
    return by_points(name, address, points)


def by_points(name: str, address: str, points: Iterable[Point]) -> Writer:
    """Without those that have no value, and with a name in any case."""
    called = one_line(name, LONGEST_NAME) or one_line(address, LONGEST_NAME) or "?"
    return Writer(called, address, tuple(point for point in points if point[1]))


def one_line(text: str, most: int) -> str:
    shown = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(shown.split())[:most].strip()
