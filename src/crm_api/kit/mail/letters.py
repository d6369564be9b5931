"""What a mail is once it has been read."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Automatic(StrEnum):
    """Why nobody wrote a mail himself, or none of ours may answer it by itself."""

    auto_submitted = "auto_submitted"
    bulk = "bulk"
    mailing_list = "mailing_list"
    suppressed = "suppressed"
    bounce = "bounce"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """`address` is in lower case; `name` may be empty."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """`size` is in bytes, decoded; `content_id` is what an HTML text names an inline one by."""

    name: str
    content_type: str
    size: int
    content_id: str | None
    is_inline: bool


@dataclass(frozen=True, slots=True)
class Envelope:
    """`message_id` stands for a mail however often it comes: where it has none, it is made from
    what its sender wrote. `references` begin with the oldest."""

    message_id: str
    in_reply_to: str | None
    references: tuple[str, ...]
    from_: Mailbox | None
    reply_to: Mailbox | None
    to: tuple[Mailbox, ...]
    cc: tuple[Mailbox, ...]
    subject: str
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Body:
    """`text` is all that a person reads, also of a mail that is only HTML; `html` is as it came:
    whoever shows it makes it harmless. `is_whole` is false where something was left out, because
    the mail is too large or too broken."""

    text: str
    html: str | None
    attachments: tuple[Attachment, ...]
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Letter(Envelope):
    """A mail. `said` is its text without what it quotes of the mails before."""

    text: str
    said: str
    html: str | None
    attachments: tuple[Attachment, ...]
    is_whole: bool
    automatic: Automatic | None
    is_loop: bool

    @property
    def is_automatic(self) -> bool:
        return self.automatic is not None

    @property
    def sender(self) -> Mailbox | None:
        """Who is to be answered."""
        return self.reply_to or self.from_
