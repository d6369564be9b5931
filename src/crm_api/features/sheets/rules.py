"""Customers as lines of a table: one cell for each column, as pure functions."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic_core import from_json

from crm_api.kit.cells import guarded, listed

CONTACTS = ("email", "phone", "wechat")
FIRST = ("kind", "state", "name", *CONTACTS, "tags")
PLAIN = tuple(
    "source acquired_at family_name given_name gender born_on language occupation education "
    "income_band title legal_name uscc industry size_band website parent_id".split()
)
LAST = ("version", "created_at", "updated_at")
FIXED = frozenset(("id", *FIRST, *PLAIN, *LAST))
MAPS = ("external_ids", "custom")
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
