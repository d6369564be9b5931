"""What the claims of a verified token mean here: who it is, and what he may do."""

import re
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

from .rules import NotTrusted, is_text

OF_WORDS = ("scope", "scp")
MOST_TEXT = 255
UNASKED = re.compile("[\\0\\ud800-\\udfff]")
Json = Mapping[str, Any]


def subject_of(claims: Json, claim: str) -> str:
    found = list(_found(claims, claim))
    if len(found) != 1 or not _names(found[0]):
        raise NotTrusted("it does not name its subject")
    return str(found[0])


def texts(claims: Json) -> list[str]:
    """Every text in the claims that could name the subject, or be the value of a rule: which ones
    are, its provider says. What no database can be asked for is no name, and no rule has it."""
    words = (word for claim in OF_WORDS for word in _values(claims, claim))
    found = (text for text in (*_leaves(claims), *words) if isinstance(text, str))
    return list(dict.fromkeys(text for text in found if _can_be_asked(text)))


def _can_be_asked(text: str) -> bool:
    return 0 < len(text) <= MOST_TEXT and not UNASKED.search(text)


def _names(value: Any) -> bool:
    return is_text(value) and len(value) <= MOST_TEXT


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _leaves(part)
    else:
        yield value


def subject_id(tenant: UUID, issuer: str, subject: str) -> UUID:
    """The same for the same person for ever; version 5 tells it from the ids of records."""
    return uuid5(tenant, f"{issuer}#{subject}")


def is_subject(id: UUID) -> bool:
    return id.version == 5


def issuer_digest(issuer: str, audience: str) -> bytes:
    """Neither has a space in it, so no other pair is the same text."""
    return sha256(f"{issuer} {audience}".encode()).digest()


def scopes_of(claims: Json, to_all: Iterable[str], rules: Iterable[Json]) -> frozenset[str]:
    """What everybody has, and what the rules give whose claim is their value, or holds it."""
    fitting = (rule for rule in rules if fits(claims, rule["claim"], rule["value"]))
    return frozenset(to_all).union(*(rule["scopes"] for rule in fitting))


def fits(claims: Json, claim: str, value: str) -> bool:
    """Whether a claim is a value, or holds it."""
    return value in _values(claims, claim)


def _values(claims: Json, claim: str) -> list[Any]:
    """Only claims that are made of words (RFC 8693, 4.2) are taken apart."""
    found = list(_found(claims, claim))
    if claim in OF_WORDS and len(found) == 1 and isinstance(found[0], str):
        return found[0].split(" ")
    return found


def _found(claims: Json, claim: str) -> Iterator[Any]:
    """The value of a claim, each one if there are several; `/` begins a JSON Pointer (RFC 6901)."""
    here: Any = claims
    for name in _steps(claim):
        here = here.get(name) if isinstance(here, dict) else None
    yield from here if isinstance(here, list) else [] if here is None else [here]


def _steps(claim: str) -> list[str]:
    if not claim.startswith("/"):
        return [claim]
    return [step.replace("~1", "/").replace("~0", "~") for step in claim[1:].split("/")]
