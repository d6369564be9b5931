"""Customers as lines of a table: one cell for each column, as pure functions."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic_core import from_json

from crm_api.kit.cells import guarded, listed, unguarded, unlisted
from crm_api.kit.definitions import Definitions
from crm_api.kit.kinds import Kind
from crm_api.platform.parties.rules import Point, key_of, phone

CONTACTS = ("email", "phone", "wechat")
FIRST = ("kind", "state", "name", *CONTACTS, "tags")
PLAIN = tuple(
    "source acquired_at family_name given_name gender born_on language occupation education "
    "income_band title legal_name uscc industry size_band website parent_id".split()
)
TEXTS = frozenset(
    "name family_name given_name occupation education income_band title legal_name industry".split()
)
"""Blanks around them belong to them (RFC 4180): what was exported comes back as it was."""
LAST = ("version", "created_at", "updated_at")
FIXED = frozenset(("id", *FIRST, *PLAIN, *LAST))
MAPS = ("external_ids", "custom")
UNREAD = frozenset(("id", "state", *LAST))
"""What a table tells and nobody changes by a table."""
WHOLE = re.compile("-?[0-9]{1,18}")
FLAGS = {"true": True, "false": False}
Document = Mapping[str, Any]


def all_columns(systems: Iterable[str], keys: Iterable[str]) -> list[str]:
    ids = [f"external_ids.{system}" for system in systems]
    return ["id", *ids, *FIRST, *PLAIN, *(f"custom.{key}" for key in keys), *LAST]


def table(columns: Sequence[str], documents: Iterable[bytes]) -> bytes:
    """RFC 4180, a line for each document."""
    written = io.StringIO()
    lines = csv.writer(written)
    for document in map(from_json, documents):
        lines.writerow([cell(document, column) for column in columns])
    return written.getvalue().encode()


def header(columns: Sequence[str], *, marked: bool) -> bytes:
    """With `marked` it begins with a byte order mark, by which Excel knows UTF-8."""
    return (b"\xef\xbb\xbf" if marked else b"") + (",".join(columns) + "\r\n").encode()


def cell(document: Document, column: str) -> str:
    map_, _, key = column.partition(".")
    if map_ in MAPS:
        return _said(document[map_].get(key))
    return _said(_primary(document, column) if column in CONTACTS else document[column])


def _primary(document: Document, kind: str) -> str | None:
    points = (p for p in document["contact_points"] if p["kind"] == kind and p["is_primary"])
    return next((point["value"] for point in points), None)


def _said(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return guarded(listed(value) if isinstance(value, list) else str(value))


def record(columns: Sequence[str], cells: Sequence[str], fields: Definitions) -> dict[str, Any]:
    """What the cells of a line say, as JSON; blank ones say nothing."""
    told: dict[str, Any] = {}
    for column, sent in zip(columns, cells, strict=True):
        text = unguarded(sent)
        if text.strip() and column not in UNREAD:
            map_, dot, key = column.partition(".")
            if dot:
                known = fields.get(key) if map_ == "custom" else None
                told.setdefault(map_, {})[key] = _typed(known.kind, text) if known else text.strip()
            else:
                told[column] = _plain(column, text)
    return told


def _plain(column: str, text: str) -> Any:
    if column == "tags":
        return unlisted(text)
    return text if column in TEXTS else text.strip()


def _typed(kind: Kind, text: str) -> Any:
    """What cannot be such a value stays text, and is refused where values are looked at."""
    if kind is Kind.text:
        return text
    text = text.strip()
    if kind is Kind.number and WHOLE.fullmatch(text):
        return int(text)
    if kind is Kind.boolean:
        return FLAGS.get(text.lower(), text)
    return unlisted(text) if kind is Kind.multi_select else text


def with_contacts(sent: Mapping[str, Any], points: Iterable[Point], region: str) -> dict[str, Any]:
    """The cells of contact points as the ones to use first among those that there are.

    Raises Invalid, which names the column.
    """
    named = {kind: sent[kind] for kind in CONTACTS if kind in sent}
    rest = {name: value for name, value in sent.items() if name not in CONTACTS}
    if not named:
        return rest
    listed_ = [dict(point) for point in points]
    for kind, value in named.items():
        listed_ = _first(listed_, kind, _spelled(kind, value, region))
    return {**rest, "contact_points": listed_}


def _first(points: list[Point], kind: str, value: str) -> list[Point]:
    others = [p | {"is_primary": False} if p["kind"] == kind else p for p in points]
    if (kind, value) not in map(key_of, others):
        others.append({"kind": kind, "value": value, "label": None})
    return [p | {"is_primary": True} if key_of(p) == (kind, value) else p for p in others]


def _spelled(kind: str, value: str, region: str) -> str:
    if kind == "phone":
        return phone(value, region, "/phone")
    return value.lower() if kind == "email" else value
