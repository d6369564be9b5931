"""What pydantic found wrong, as the `errors` of a problem: where, which, how to mend it.

Nothing of the input is repeated: what was sent may be personal, and answers are logged.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import ValidationError

from .errors import FieldError

PLACES = {"query": "?", "header": "header:", "path": "path:"}
PARAMS = ("max_length", "min_length", "ge", "gt", "le", "lt", "pattern", "expected", "allowed")
WORDS = {
    "extra_forbidden": "This field is not part of the contract.",
    "missing": "This field is required.",
    "union_tag_invalid": "This kind is not one of those the contract knows.",
    "union_tag_not_found": "Say of which kind it is.",
}


def mistakes(place: str, error: ValidationError, sent: Any = None) -> Iterable[FieldError]:
    """One entry per mistake; `sent` is the parsed body, to find the pointers in."""
    for found in error.errors(include_url=False, include_input=False):
        kind, context = found["type"], found.get("ctx", {})
        mistake: FieldError = {
            "pointer": _pointer(place, found["loc"], sent),
            "code": kind,
            "message": WORDS.get(kind, found["msg"]),
        }
        if params := {name: context[name] for name in PARAMS if name in context}:
            mistake["params"] = params
        yield mistake


def _pointer(place: str, loc: Sequence[str | int], sent: Any) -> str:
    if place != "body":
        return f"{PLACES[place]}{loc[0]}"
    return "".join(f"/{_escaped(str(step))}" for step in _steps(loc, sent))


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")


def _steps(loc: Sequence[str | int], sent: Any) -> Iterable[str | int]:
    """The names of union members stand in `loc` too; a pointer leads through what was sent."""
    here = sent
    for number, step in enumerate(loc):
        last = number == len(loc) - 1
        if isinstance(here, dict) and (step in here or last):
            here = here.get(step)
            yield step
        elif isinstance(here, list) and isinstance(step, int):
            here = here[step] if step < len(here) else None
            yield step
