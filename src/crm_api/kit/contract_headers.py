"""The headers that no operation declares: what a caller may send, and what an answer tells."""

from collections.abc import Iterator
from typing import Any

from .actor import only_read
from .contract_parts import reference

Json = dict[str, Any]


def is_conditional(path: str, method: str, versioned: bool) -> bool:
    """A write to one record that is there already."""
    return method == "delete" or (
        method != "get" and versioned and ("{" in path or method == "patch")
    )


def is_write(method: str, operation: Json) -> bool:
    """A POST may be a mere read: then its scopes say so."""
    scopes = [scope for needed in operation.get("security", ()) for scope in needed["bearer"]]
    return method != "get" and not only_read(scopes)


def add_parameters(operation: Json, method: str, *, conditional: bool, versioned: bool) -> None:
    writes = is_write(method, operation)
    sent = {
        "IfMatch": conditional,
        "IfNoneMatch": method == "get" and versioned,
        "IdempotencyKey": writes,
        "DryRun": writes,
    }
    names = [name for name, is_sent in sent.items() if is_sent]
    if names:
        references = [reference("parameters", name) for name in names]
        operation["parameters"] = [*operation.get("parameters", []), *references]


def told(status: str, properties: Json, writes: bool) -> Iterator[str]:
    """The names of an answer's headers."""
    if "version" in properties:
        yield "ETag"
    if status == "201":
        yield "Location"
    if "next_cursor" in properties:
        yield "Link"
    if writes:
        yield from ("Idempotent-Replayed", "Crm-Dry-Run", "Crm-Dry-Run-Events")
