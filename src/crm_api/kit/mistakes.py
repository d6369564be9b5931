"""What pydantic found wrong, as the `errors` of a problem: where, which, how to mend it.

Nothing of the input is repeated: what was sent may be personal, and answers are logged.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from .errors import FieldError
from .forms import WORDING
from .words import Words, say

PLACES = {"query": "?", "header": "header:", "path": "path:"}
MOST = 100
LIMITS = ("max_length", "min_length", "ge", "gt", "le", "lt")
PARAMS = (*LIMITS, "pattern", "expected", "allowed", "expected_tags")
WORDS = {
    "extra_forbidden": say("This field is not part of the contract."),
    "model_type": say("Send an object."),
    "missing": say("This field is required."),
    "union_tag_invalid": say("This kind is not one of those the contract knows."),
    "union_tag_not_found": say("Say of which kind it is."),
}
FORMLESS = say("The text does not have the form of this field.")
TAGS = ("union_tag_invalid", "union_tag_not_found")
LOST = ("missing", *TAGS)
OF_CODE = "is_instance_of"
"""Ids are taken as code holds them, too; what is wrong with the text of one is told beside it."""
MEMBER = re.compile("<[A-Za-z]+[.][a-z_]+: ('[^']*')>")
"""Of an enum, as Python shows it."""
PYDANTIC = "pydantic."
"""Its own words have their translations under the type of the mistake: `pydantic.too_long`."""


def mistakes(place: str, error: ValidationError, sent: Any = None) -> Iterable[FieldError]:
    """One entry per mistake, up to a hundred; `sent` is the parsed body, to find pointers in."""
    every = error.errors(include_url=False, include_input=False)
    for found in [one for one in every if one["type"] != OF_CODE][:MOST]:
        kind, context = found["type"], _plain(found.get("ctx", {}))
        loc = found["loc"] + ((_quoted(context),) if kind in TAGS else ())
        mistake: FieldError = {
            "pointer": _pointer(place, loc, sent, lost=kind in LOST),
            "code": kind,
            "message": _message(kind, context, MEMBER.sub(r"\1", found["msg"])),
        }
        if params := {name: context[name] for name in PARAMS if name in context}:
            mistake["params"] = params
        yield mistake


def _plain(context: Mapping[str, Any]) -> Mapping[str, Any]:
    """The choices that there are, as they are sent."""
    expected = context.get("expected")
    return {**context, "expected": MEMBER.sub(r"\1", expected)} if expected else context


def _quoted(context: Mapping[str, Any]) -> str:
    """The member that tells the kind: pydantic names it `'kind'`."""
    return str(context["discriminator"]).strip("'")


def _message(kind: str, context: Mapping[str, Any], said: str) -> Words:
    """People do not read regular expressions; programs find them in `params`."""
    if kind == "string_pattern_mismatch":
        return WORDING.get(context["pattern"], FORMLESS)
    if isinstance(words := context.get("words", WORDS.get(kind)), Words):
        return words
    return Words(said, PYDANTIC + kind, {**context, "expected": _choices(context)})


def _choices(context: Mapping[str, Any]) -> str:
    """`'a', 'b' or 'c'` without the English word."""
    return str(context.get("expected", "")).replace(" or ", ", ")


def _pointer(place: str, loc: Sequence[str | int], sent: Any, *, lost: bool) -> str:
    if place != "body":
        return f"{PLACES[place]}{loc[0] if loc else ''}"
    return "".join(step(str(name)) for name in _steps(loc, sent, lost))


def step(name: str) -> str:
    """One step of a JSON Pointer (RFC 6901)."""
    return "/" + name.replace("~", "~0").replace("/", "~1")


def _steps(loc: Sequence[str | int], sent: Any, lost: bool) -> Iterable[str | int]:
    """The names of union members stand in `loc` too; a pointer leads through what was sent, and
    to what is `lost`."""
    here = sent
    for number, name in enumerate(loc):
        last = number == len(loc) - 1
        if isinstance(here, dict) and (name in here or (last and lost)):
            here = here.get(name)
            yield name
        elif isinstance(here, list) and isinstance(name, int):
            here = here[name] if name < len(here) else None
            yield name
