"""A request's body: of the right media type, strict JSON, and what the operation expects."""

import json
import re
from typing import Any

from fastapi import Request
from pydantic import TypeAdapter, ValidationError

from .errors import FieldError, Invalid, MalformedJson, Problem
from .languages import Headers
from .mistakes import mistakes, step
from .wire_errors import UnsupportedMediaType
from .words import Misread, say

JSON_TYPE = "application/json"
MERGE_PATCH = "application/merge-patch+json"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
MAX_MEMBERS = 1000


async def read_body(request: Request, adapter: TypeAdapter[Any]) -> Any:
    """The body as the operation's own type.

    Raises: UnsupportedMediaType, MalformedJson where it is not JSON (RFC 8259, one value per
    name), Invalid where it is not what the contract says.
    """
    _check_type(request)
    return read_json(await request.body(), adapter)


def read_json(sent: bytes, adapter: TypeAdapter[Any]) -> Any:
    """Text that is JSON as the adapter's type. Raises MalformedJson, Invalid."""
    parsed = _parse(sent)
    try:
        value = adapter.validate_json(sent, strict=True)
    except ValidationError as error:
        raise _unfit(error, parsed) from error
    if b"u0000" in sent and NUL.search(sent):
        raise Invalid(say("Text may not contain NUL."), *_nul_at(parsed, ""))
    return value


def _unfit(error: ValidationError, parsed: Any) -> Problem:
    """Pydantic reads no more than 200 levels, no lone surrogates and no numbers without end."""
    if error.error_count() == 1 and error.errors()[0]["type"] == "json_invalid":
        return MalformedJson(say("The body is not valid JSON, or nested too deeply."))
    return Invalid(say("The body does not fit the contract."), *mistakes("body", error, parsed))


def _check_type(request: Request) -> None:
    patch = request.method == "PATCH"
    accepted = (MERGE_PATCH, JSON_TYPE) if patch else (JSON_TYPE,)
    said, charset, plain = media_type(request.scope["headers"])
    if said not in accepted or charset not in ("", "utf-8") or not plain:
        raise UnsupportedMediaType(
            say("Send one of {types} in UTF-8, not compressed.", types=", ".join(accepted)),
            headers={"Accept-Patch" if patch else "Accept-Post": ", ".join(accepted)},
        )


def media_type(headers: Headers) -> tuple[str, str, bool]:
    """The type of a body and its charset, in lower case, and whether it is not compressed."""
    first = dict(reversed(list(headers)))
    kind = first.get(b"content-type", b"").decode("latin-1")
    said, _, parameters = kind.lower().partition(";")
    told = parameters.replace(" ", "").replace('"', "")
    charset = told.removeprefix("charset=") if told.startswith("charset=") else told
    plain = first.get(b"content-encoding", b"identity").lower() == b"identity"
    return said.strip(), charset, plain


def _parse(sent: bytes) -> Any:
    """Strict where Python is lax: no NaN, no name twice, no other encoding."""
    if sent.startswith(BYTE_ORDER_MARK):
        raise MalformedJson(say("Send the body in UTF-8 without a byte order mark."))
    try:
        return STRICT.decode(sent.decode())
    except Misread as error:
        raise MalformedJson(error.words) from error
    except json.JSONDecodeError as error:
        raise MalformedJson(
            say(
                "The body is not valid JSON at line {line}, column {column}.",
                line=error.lineno,
                column=error.colno,
            )
        ) from error
    except (ValueError, RecursionError) as error:
        raise MalformedJson(say("The body is not valid JSON in UTF-8.")) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MAX_MEMBERS:
        raise _too_many()
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Misread(say("The body names a member of an object twice."))
    return found


def _too_many() -> Invalid:
    """Each unknown member would be a mistake of its own, and a megabyte holds 80,000."""
    message = say("An object may have {most} members.", most=MAX_MEMBERS)
    return Invalid(message, {"pointer": "", "code": "too_many_members", "message": message})


def _refuse(_: str) -> Any:
    raise ValueError


STRICT = json.JSONDecoder(
    object_pairs_hook=_once, parse_constant=_refuse, parse_int=str, parse_float=str
)


def _nul_at(value: Any, path: str) -> list[FieldError]:
    if isinstance(value, dict):
        return [e for name, part in value.items() for e in _nul_at(part, path + step(name))]
    if isinstance(value, list):
        return [e for n, part in enumerate(value) for e in _nul_at(part, f"{path}/{n}")]
    if isinstance(value, str) and "\0" in value:
        return [{"pointer": path, "code": "nul", "message": say("Text may not contain NUL.")}]
    return []
