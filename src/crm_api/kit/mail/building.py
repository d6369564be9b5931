"""A mail, as bytes that any server takes: ASCII, in short lines."""

from email.header import Header
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime, formataddr

from .automatic import MARK
from .bodies import Part
from .letters import Mailbox
from .outgoing import Outgoing

MOST_REFERENCES = 20


def mime(message: Outgoing) -> bytes:
    """Raises: ValueError for an address that is not ASCII."""
    mail = _body(message)
    for name, value in _headers(message).items():
        mail[name] = value
    return mail.as_bytes(policy=mail.policy.clone(linesep="\r\n"))


def _body(message: Outgoing) -> Part:
    plain = MIMEText(message.text, "plain", "utf-8")
    if message.html is None:
        return plain
    both: Message[str, str] = MIMEMultipart("alternative")
    both.attach(plain)
    both.attach(MIMEText(message.html, "html", "utf-8"))
    return both


def _headers(message: Outgoing) -> dict[str, str]:
    headers = {
        "From": _written([message.from_]),
        "To": _written(message.to),
        "Cc": _written(message.cc),
        "Subject": Header(_line(message.subject), "utf-8", header_name="Subject").encode(),
        "Date": format_datetime(message.at),
        "Message-ID": f"<{_line(message.id)}>",
        "In-Reply-To": f"<{_line(message.in_reply_to)}>" if message.in_reply_to else "",
        "References": " ".join(f"<{_line(id)}>" for id in _references(message)),
        "Auto-Submitted": "auto-replied" if message.is_automatic else "",
        "X-Auto-Response-Suppress": "All" if message.is_automatic else "",
        MARK: _line(message.mark or ""),
    }
    return {name: value for name, value in headers.items() if value}


def _references(message: Outgoing) -> list[str]:
    """The first of a conversation and the last ones, and what is answered at the end."""
    all_ = dict.fromkeys([*message.references, message.in_reply_to or ""])
    first, *rest = [id for id in all_ if id] or [""]
    return [id for id in (first, *rest[1 - MOST_REFERENCES :]) if id]


def _written(boxes: "tuple[Mailbox, ...] | list[Mailbox]") -> str:
    return ", ".join(formataddr((_line(box.name), _line(box.address)), "utf-8") for box in boxes)


def _line(text: str) -> str:
    """Nobody writes headers of his own into ours."""
    return " ".join(text.replace("\0", " ").split())
