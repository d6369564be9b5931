"""Values of custom fields as they are sent, held against the definitions; pure functions."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from crm_api.kit.definitions import Definition, Definitions
from crm_api.kit.errors import FieldError
from crm_api.kit.kinds import Kind, kept, read
from crm_api.kit.mistakes import step
from crm_api.kit.times import rfc3339
from crm_api.kit.unfit import Unfit, mistake, said
from crm_api.kit.words import say

from .rules import LONGEST, LONGEST_INDEXED

SPELLED: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.date: lambda day: day.isoformat(),
    Kind.datetime: rfc3339,
}
Values = Mapping[str, Any]


def spelled(field: Definition, value: Any, before: Any = None) -> Any:
    """A value as it is kept and shown; null for none. What the record has already may stay.

    Raises Unfit.
    """
    if value is None:
        return None
    if field.kind is not Kind.multi_select:
        return _one(field, value, (before,))
    if not isinstance(value, list):
        raise Unfit("", "list_type", say("Send a list."))
    members = [_one(field, one, before or (), f"/{n}") for n, one in enumerate(value)]
    return list(dict.fromkeys(members)) or None


def _one(field: Definition, value: Any, before: Iterable[Any], part: str = "") -> Any:
    try:
        known = read(field.kind, value)
    except ValidationError as error:
        raise Unfit(part, *said(error)) from error
    if field.kind is Kind.text:
        _check_length(field, value)
    offered = [option for option, choice in field.options.items() if not choice.retired]
    if field.options and value not in offered and value not in before:
        raise Unfit(part, "unknown_option", say("Send one of the options."), allowed=offered)
    return SPELLED[field.kind](known) if field.kind in SPELLED else value


def _check_length(field: Definition, value: str) -> None:
    most = field.max_length or (LONGEST_INDEXED if field.indexed else LONGEST)
    if len(value) > most:
        message = say("Send {most} characters at most.", most=most)
        raise Unfit("", "string_too_long", message, max_length=most)
    if not value:
        raise Unfit("", "string_too_short", say("Send null to clear the value."))


def read_all(fields: Definitions, before: Values, sent: Values) -> tuple[Values, list[FieldError]]:
    """What was sent, as it is kept, and all that is wrong with it."""
    values: dict[str, Any] = {}
    wrong: list[FieldError] = []
    for key, value in sent.items():
        try:
            values[key] = spelled(_known(fields, key), value, before.get(key))
        except Unfit as unfit:
            wrong.append(mistake(f"/custom{step(key)}{unfit.part}", unfit))
    return values, wrong


def _known(fields: Definitions, key: str) -> Definition:
    if key not in fields:
        raise Unfit("", "unknown_field", say("There is no such field: see /v1/custom-fields."))
    return fields[key]


def with_defaults(fields: Definitions, sent: Values) -> Values:
    defaults = {key: field.default for key, field in fields.items() if field.default is not None}
    return {**defaults, **sent}


def missing(fields: Definitions, keys: Iterable[str], values: Values) -> Iterator[FieldError]:
    """The required ones of these fields that have no value."""
    for key in keys:
        if fields[key].required and values.get(key) is None:
            message = say("This field is required.")
            yield {"pointer": f"/custom/{key}", "code": "missing", "message": message}


def references(fields: Definitions, before: Values, values: Values) -> Iterator[tuple[str, str]]:
    """The key and the id of each record that is newly referred to; ids may still be wrong."""
    for key, value in values.items():
        refers = key in fields and fields[key].kind is Kind.reference
        if refers and isinstance(value, str) and value != before.get(key):
            yield key, value


def merged(before: Values, patch: Values) -> dict[str, Any]:
    """RFC 7396: null removes."""
    return {key: value for key, value in {**before, **patch}.items() if value is not None}


def kept_values(field: Definition, value: Any) -> list[str]:
    """The texts that a value is found by."""
    members = value if isinstance(value, list) else [value]
    return [kept(field.kind, read(field.kind, member)) for member in members]
