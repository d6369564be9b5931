"""What becomes of a record's external ids when some of them change."""

from collections.abc import Iterable, Mapping
from typing import Any

Key = tuple[str, str]


def merged(kept: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """RFC 7396 for one level: null removes."""
    return {name: value for name, value in {**kept, **patch}.items() if value is not None}


def identities(ids: Mapping[str, str], aliases: Iterable[Mapping[str, str]]) -> set[Key]:
    """All (system, id) pairs by which a record is found."""
    return {*ids.items(), *((alias["system"], alias["value"]) for alias in aliases)}


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
