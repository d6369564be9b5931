"""Checklists as they are kept: each item has a key; pure functions."""

from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any

from crm_api.kit.errors import FieldError
from crm_api.kit.words import say

from .errors import WrongItems

Item = Mapping[str, Any]


def keyed(items: Sequence[Item]) -> list[dict[str, Any]]:
    """As they are kept; without a key an item gets its place, or the next that nobody has.

    Raises WrongItems.
    """
    said = [item["key"] for item in items if "key" in item]
    if len(set(said)) < len(said):
        raise WrongItems(*_repeated(items))
    kept: dict[str, Item] = {}
    for place, item in enumerate(items, start=1):
        kept[item.get("key") or _free(place, {*said, *kept})] = item
    return [{"key": key, "text": item["text"], "done": item["done"]} for key, item in kept.items()]


def ticked(items: Sequence[Item], keys: Sequence[str], *, done: bool) -> list[dict[str, Any]]:
    """With this mark at the items of these keys. Raises WrongItems."""
    known = {item["key"] for item in items}
    wrong = [
        FieldError(pointer=f"/keys/{n}", code="unknown_item", message=say("There is no such item."))
        for n, key in enumerate(keys)
        if key not in known
    ]
    if wrong:
        raise WrongItems(*wrong)
    return [{**item, "done": done if item["key"] in keys else item["done"]} for item in items]


def unticked(items: Sequence[Item]) -> list[dict[str, Any]]:
    return [{**item, "done": False} for item in items]


def _free(place: int, taken: Container[str]) -> str:
    while str(place) in taken:
        place += 1
    return str(place)


def _repeated(items: Sequence[Item]) -> Iterator[FieldError]:
    seen: set[str] = set()
    for number, item in enumerate(items):
        if (key := item.get("key")) in seen:
            message = say("Send each key once.")
            yield {"pointer": f"/checklist/{number}/key", "code": "repeated", "message": message}
        seen |= {key} if key else set()
