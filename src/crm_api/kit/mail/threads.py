"""Which conversation a mail belongs to."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from .letters import Letter

OURS = re.compile(r"thread\.([0-9a-f]{32})\.([0-9a-f]{32})@\S+")
TOKEN = re.compile(r"\[#?([^\[\]]{2,64})\]")
DIGIT = re.compile(r"\d")
MOST_TOKENS = 3
MOST_IDS, MOST_SEARCHED = 100, 1_000_000


@dataclass(frozen=True, slots=True)
class Answered:
    """A message of ours, by whose id a mail says that it answers it. Who has the id has the
    message: it holds for whoever sends it, once the message is known."""

    thread: UUID
    message: UUID


@dataclass(frozen=True, slots=True)
class Mentioned:
    """A number in the subject. Anybody can write one: it holds only for who takes part."""

    number: str


def message_id(thread: UUID, message: UUID, domain: str) -> str:
    """Of a message that we send, without angle brackets."""
    return f"thread.{thread.hex}.{message.hex}@{domain}"


def answered(id: str) -> Answered | None:
    found = OURS.fullmatch(id.lower())
    return Answered(UUID(found[1]), UUID(found[2])) if found else None


def inside(raw: bytes) -> list[UUID]:
    """The messages of ours whose ids stand anywhere in a mail: what did not arrive stands whole in
    the one that tells so. Anybody can write them."""
    found = OURS.finditer(raw[:MOST_SEARCHED].decode("latin-1").lower())
    return list(dict.fromkeys(UUID(one[2]) for one in found))[:MOST_IDS]


def candidates(letter: Letter) -> list[Answered | Mentioned]:
    """What a mail may belong to, the surest first: what it answers, what it refers to, the newest
    first, and what its subject names."""
    return list(dict.fromkeys([*_answered(letter), *_mentioned(letter.subject)]))


def named(letter: Letter) -> list[str]:
    """The ids of all messages that it says it answers, ours or not, the surest first."""
    first = [letter.in_reply_to] if letter.in_reply_to else []
    return list(dict.fromkeys([*first, *reversed(letter.references)]))


def _answered(letter: Letter) -> Iterator[Answered]:
    yield from (found for id in named(letter) if (found := answered(id)) is not None)


def _mentioned(subject: str) -> list[Mentioned]:
    found = [token.strip() for token in TOKEN.findall(subject) if DIGIT.search(token)]
    return [Mentioned(number) for number in found[:MOST_TOKENS]]
