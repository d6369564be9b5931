"""Headers as people read them: RFC 2047, also where it was done wrongly."""

import re
from base64 import b64decode
from binascii import a2b_qp
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from hashlib import sha256
from itertools import groupby

from .charsets import clean, decoded
from .letters import Mailbox

WORD = re.compile(r"=\?([^?\s]{1,40})\?([bBqQ])\?([^?\r\n]*)\?=")
BETWEEN = re.compile(r"(\?=)\s+(?==\?)")
ID = re.compile(r"<([^<>\s]{1,995})>")
ADDRESS = re.compile(r"[^@\s<>\"(),:;\[\]\\]{1,64}@[^@\s<>\"(),:;\\]{1,255}")
CLOSED = re.compile(r"[\x00-\x1f\x7f]+")
MOST_CHARACTERS, MOST_ID, MOST_IDS, MOST_MAILBOXES, MOST_FIELDS = 10_000, 250, 100, 100, 20


class Headers:
    """Those of a part of a mail. Nothing here raises."""

    def __init__(self, message: "Message[str, str]") -> None:
        raw = message.raw_items()
        self.items = [(name.lower(), str(value)[:MOST_CHARACTERS]) for name, value in raw]

    def all(self, name: str) -> list[str]:
        return [value for found, value in self.items if found == name]

    def raw(self, name: str) -> str | None:
        """The first of the name, on one line."""
        found = self.all(name)
        return " ".join(found[0].split()) if found else None

    def text(self, name: str) -> str:
        """For people: in characters, whatever it was written in."""
        return written_out(self.raw(name) or "")

    def ids(self, name: str) -> tuple[str, ...]:
        """Of messages, each once, without their angle brackets; the last ones of very many."""
        text = " ".join(self.all(name))
        found = ID.findall(text) or [word for word in text.split() if "@" in word]
        return tuple(dict.fromkeys(short(clean(id)) for id in found))[-MOST_IDS:]

    def mailboxes(self, *names: str) -> tuple[Mailbox, ...]:
        """Each address once; what is no address is passed over."""
        values = [value for name in names for value in self.all(name)]
        found = {box.address: box for box in _mailboxes(values)}
        return tuple(found.values())[:MOST_MAILBOXES]

    def time(self, name: str) -> datetime | None:
        """In UTC; a date without an offset is taken as of UTC."""
        with suppress(ValueError, TypeError, OverflowError, IndexError):
            time = parsedate_to_datetime(self.raw(name) or "")
            return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
        return None


def short(id: str) -> str:
    """The same for the same one, in so many characters as are kept."""
    return id if len(id) <= MOST_ID else f"{sha256(id.encode()).hexdigest()}@long.invalid"


def written_out(text: str) -> str:
    """Neighbouring words of one charset are joined before they are read: many programs cut them
    in the middle of a character."""
    joined = BETWEEN.sub(r"\1", text)
    pieces = [eight_bit(part) if isinstance(part, str) else _read(part) for part in _parts(joined)]
    return CLOSED.sub(" ", clean("".join(pieces))).strip()


def _parts(text: str) -> Iterator[str | tuple[str, bytes]]:
    last = 0
    words: list[tuple[str, bytes]] = []
    for found in WORD.finditer(text):
        if found.start() > last:
            yield from _joined(words)
            words = []
            yield text[last : found.start()]
        words.append((found[1].partition("*")[0].lower(), _bytes(found[2], found[3])))
        last = found.end()
    yield from _joined(words)
    yield text[last:]


def _joined(words: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    for charset, group in groupby(words, lambda word: word[0]):
        yield charset, b"".join(data for _, data in group)


def _read(word: tuple[str, bytes]) -> str:
    charset, data = word
    return decoded(data, charset)


def _bytes(encoding: str, text: str) -> bytes:
    raw = text.encode("utf-8", "surrogateescape")
    if encoding in "qQ":
        return a2b_qp(raw, header=True)
    with suppress(ValueError):
        return b64decode(raw + b"=" * (-len(raw) % 4))
    return raw


def eight_bit(text: str) -> str:
    """With the bytes above 127 that stand in a header as they are."""
    return decoded(text.encode("utf-8", "surrogateescape"), None)


def _mailboxes(values: list[str]) -> Iterator[Mailbox]:
    for name, address in _addresses([" ".join(value.split()) for value in values[:MOST_FIELDS]]):
        found = ADDRESS.fullmatch(written_out(address))
        if found:
            yield Mailbox(written_out(name)[:200], found[0].lower())


def _addresses(values: list[str]) -> list[tuple[str, str]]:
    """None at all of what the parser gives up on, such as comments in a thousand comments."""
    with suppress(IndexError, RecursionError, ValueError):
        return getaddresses(values)
    return []
