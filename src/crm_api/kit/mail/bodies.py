"""The text of a mail, and what is attached to it."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import Message
from typing import TypeAlias

from .charsets import decoded
from .headers import Headers, eight_bit, written_out
from .letters import Attachment, Body
from .plain import plain

Part: TypeAlias = "Message[str, str]"
MOST_TEXT, MOST_HTML, MOST_PARTS, MOST_ATTACHMENTS = 100_000, 500_000, 200, 100
TEXTS = ("text/plain", "text/html")


def body_of(message: Part) -> Body:
    """Of several texts all are read, one below the other; of alternatives the plain one, unless it
    is empty."""
    found = Found()
    for number, part in enumerate(_leaves(message)):
        if number == MOST_PARTS:
            found.is_whole = False
            break
        found.take(part)
    return found.body()


@dataclass(slots=True)
class Found:
    texts: list[str] = field(default_factory=list)
    htmls: list[str] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    is_whole: bool = True

    def take(self, part: Part) -> None:
        kind = _kind(part)
        if kind in TEXTS and _disposition(part) != "attachment" and not _name(part):
            text = decoded(_payload(part), _parameter(part, "charset"))
            (self.texts if kind == "text/plain" else self.htmls).append(text)
        elif len(self.attachments) < MOST_ATTACHMENTS:
            self.attachments.append(_attachment(part, kind))
        else:
            self.is_whole = False

    def body(self) -> Body:
        html = "\n".join(text for text in self.htmls if text.strip())
        text = "\n".join(text.strip("\n") for text in self.texts if text.strip())
        text = text or plain(html[:MOST_HTML])
        is_whole = self.is_whole and len(text) <= MOST_TEXT and len(html) <= MOST_HTML
        kept = html if html and len(html) <= MOST_HTML else None
        return Body(text[:MOST_TEXT], kept, tuple(self.attachments), is_whole)


def _leaves(message: Part) -> Iterator[Part]:
    """In order, without what is inside of an attached mail."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        inside = part.get_payload() if part.is_multipart() else None
        if isinstance(inside, list) and not _kind(part).startswith("message/"):
            waiting.extend(one for one in reversed(inside) if isinstance(one, Message))
        else:
            yield part


def _attachment(part: Part, kind: str) -> Attachment:
    headers = Headers(part)
    ids = headers.ids("content-id")
    is_inline = bool(ids) and _disposition(part) != "attachment"
    size = len(_payload(part))
    return Attachment(_name(part) or _made_up(kind), kind, size, ids[0] if ids else None, is_inline)


def _made_up(kind: str) -> str:
    return "message.eml" if kind == "message/rfc822" else "attachment"


def _name(part: Part) -> str:
    """Of a file, without a path."""
    given = _parameter(part, "filename", "content-disposition") or _parameter(part, "name")
    return written_out(given or "").replace("\\", "/").rpartition("/")[2].strip()[:200]


def _payload(part: Part) -> bytes:
    with suppress(Exception):  # what the parser left is decoded in as many ways as there are bugs
        if part.is_multipart():
            return b"".join(bytes(one) for one in part.get_payload() if isinstance(one, Message))
        found = part.get_payload(decode=True)
        return found if isinstance(found, bytes) else b""
    return b""


def _kind(part: Part) -> str:
    with suppress(Exception):  # as above
        kind = part.get_content_type()
        if kind.startswith("multipart/") and not part.is_multipart():
            return "text/plain"  # its parts are not to be found
        return kind if kind.isprintable() and len(kind) <= 100 else "application/octet-stream"
    return "text/plain"


def _disposition(part: Part) -> str:
    with suppress(Exception):  # as above
        return part.get_content_disposition() or ""
    return ""


def _parameter(part: Part, name: str, header: str = "content-type") -> str | None:
    with suppress(Exception):  # as above
        found = _readable(part, header).get_param(name, header=header)
        if isinstance(found, tuple):
            charset, _, text = found
            return decoded(text.encode("latin-1", "surrogateescape"), charset or None)
        return str(found) if found is not None else None
    return None


def _readable(part: Part, header: str) -> Part:
    """Only the one header, in characters."""
    alone: Part = Message()
    alone[header] = eight_bit(Headers(part).raw(header) or "")
    return alone
