"""What becomes of a record's external ids when some of them change."""

from collections.abc import Iterable, Mapping
from typing import Any

from crm_api.kit.errors import FieldError, Invalid
from crm_api.kit.words import say

Key = tuple[str, str]
MOST = {"external_ids": 20, "external_id_aliases": 50}


def merged(kept: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """RFC 7396 for one level: null removes."""
    return {name: value for name, value in {**kept, **patch}.items() if value is not None}


def identities(ids: Mapping[str, str], aliases: Iterable[Mapping[str, str]]) -> set[Key]:
    """All (system, id) pairs by which a record is found."""
    return {*ids.items(), *((alias["system"], alias["value"]) for alias in aliases)}


def check_number(values: Mapping[str, Any]) -> None:
    """What is added bit by bit has the same limits as what is sent at once. Raises Invalid."""
    wrong: list[FieldError] = [
        {
            "pointer": f"/{name}",
            "code": "too_long",
            "message": say("A record has {most} of these at most.", most=most),
            "params": {"max_length": most},
        }
        for name, most in MOST.items()
        if len(values[name]) > most
    ]
    if wrong:
        raise Invalid(say("The record would have too many external ids."), *wrong)


def renamed(
    ids: Mapping[str, str], aliases: Iterable[Mapping[str, str]], sent: Mapping[str, Any]
) -> dict[str, Any]:
    """External ids after a patch: an id that another one replaces becomes an alias."""
    after = merged(ids, sent.get("external_ids", {}))
    replaced = [(s, v) for s, v in ids.items() if s in after and after[s] != v]
    known = sent.get("external_id_aliases", aliases)
    pairs = dict.fromkeys([*((a["system"], a["value"]) for a in known), *replaced])
    rest = [{"system": s, "value": v} for s, v in pairs if after.get(s) != v]
    return {"external_ids": after, "external_id_aliases": rest}


def known_as(before: Mapping[str, Any], sent: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a record's external ids after what was sent of them, if anything was.

    Raises Invalid where they are too many.
    """
    if MOST.keys().isdisjoint(sent):
        return {}
    ids, aliases = before.get("external_ids", {}), before.get("external_id_aliases", ())
    after = renamed(ids, aliases, sent)
    check_number(after)
    return after
