"""A mail as it came, read: `read` takes any bytes and never raises."""

import re
from dataclasses import fields
from email import message_from_bytes
from email.message import Message
from hashlib import sha256
from typing import Any

from .automatic import Ours, automatic, is_loop
from .bodies import Part, body_of
from .headers import Headers
from .letters import Body, Envelope, Letter
from .quotes import without_quotes

BOUNDARY = re.compile(rb"boundary\s*\*?[0-9]?\*?=", re.IGNORECASE)
MOST_WORK, MOST_BYTES, MOST_SUBJECT = 2_000_000, 30_000_000, 500
HEAD_BYTES = 100_000
WRITTEN = ("from", "to", "cc", "date", "subject", "in-reply-to")
NOBODY = Ours()


def read(raw: bytes, ours: Ours = NOBODY) -> Letter:
    """`ours` tells what of it is our own, and comes back."""
    message, is_whole = _parsed(raw)
    headers = Headers(message)
    envelope, body = _envelope(headers, raw), body_of(message)
    return Letter(
        **_told(envelope),
        text=body.text,
        said=without_quotes(body.text),
        html=body.html,
        attachments=body.attachments,
        is_whole=body.is_whole and is_whole,
        automatic=automatic(headers, envelope.from_),
        is_loop=is_loop(headers, envelope.from_, ours),
    )


def _envelope(headers: Headers, raw: bytes) -> Envelope:
    from_, reply_to = headers.mailboxes("from", "sender"), headers.mailboxes("reply-to")
    ids, answered = headers.ids("message-id"), headers.ids("in-reply-to")
    return Envelope(
        message_id=ids[0] if ids else _made_up(headers, raw),
        in_reply_to=answered[0] if answered else None,
        references=headers.ids("references"),
        from_=from_[0] if from_ else None,
        reply_to=reply_to[0] if reply_to else None,
        to=headers.mailboxes("to"),
        cc=headers.mailboxes("cc"),
        subject=headers.text("subject")[:MOST_SUBJECT],
        sent_at=headers.time("date"),
    )


def _made_up(headers: Headers, raw: bytes) -> str:
    """The same for the same mail, whichever way it has come: made from what its sender wrote."""
    written = [headers.raw(name) or "" for name in WRITTEN]
    body = _after_head(raw).replace(b"\r\n", b"\n").strip()
    told = "\0".join(written).encode("utf-8", "surrogateescape") + b"\0" + body
    return f"{sha256(told).hexdigest()}@no-id.invalid"


def _parsed(raw: bytes) -> tuple[Part, bool]:
    """Also whether it is all of it. The parser compares each line with each boundary that is open,
    so that a mail could keep it busy for hours."""
    whole = raw[:MOST_BYTES]
    if whole.count(b"\n") * len(BOUNDARY.findall(whole)) <= MOST_WORK:
        try:
            return message_from_bytes(whole), len(whole) == len(raw)
        except Exception:  # any: it gives up on parts in parts in parts, for one
            pass
    return _head(whole), False


def _head(raw: bytes) -> Part:
    """Only the headers of it."""
    try:
        return message_from_bytes(_before_body(raw)[:HEAD_BYTES] + b"\n\n")
    except Exception:  # as above
        return Message()


def _before_body(raw: bytes) -> bytes:
    return raw[: len(raw) - len(_after_head(raw))]


def _after_head(raw: bytes) -> bytes:
    ends = [at + len(end) for end in (b"\n\n", b"\r\n\r\n") if (at := raw.find(end)) >= 0]
    return raw[min(ends) :] if ends else b""


def _told(part: Envelope | Body) -> dict[str, Any]:
    return {field.name: getattr(part, field.name) for field in fields(part)}
