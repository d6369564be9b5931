"""How messages leave, and when it is tried again: pure functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from crm_api.features.desk.channels.schemas import WayOut
from crm_api.features.desk.terms.schemas import Delivery
from crm_api.kit.languages import negotiated
from crm_api.kit.mail.letters import Mailbox
from crm_api.kit.mail.outgoing import Outgoing, SendTrouble, Unsent
from crm_api.kit.mail.threads import message_id
from crm_api.kit.words import LANGUAGES, say, translated
from crm_api.platform.webhook_deliveries.rules import SCHEDULE

POISON = 2 * len(SCHEDULE)
"""After so many claims a message is given up, whatever ends them."""
ACKNOWLEDGED_A_DAY = 5
"""So often one customer is told that something has arrived: else two machines thank each other for
ever."""
CLOSED, INTERNAL = "channel_closed", "internal"
ANSWER = "Re: "
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ending:
    """What becomes of a message; `next_at` where it is to be tried once more."""

    state: Delivery
    error: str | None = None
    next_at: datetime | None = None


def outgoing(message: Row, way: WayOut) -> Outgoing | None:
    """The same at every attempt. Null where it is not known where to."""
    to = _address(message)
    if to is None:
        return None
    return Outgoing(
        id=message_id(message["ticket_id"], message["id"], way.domain),
        at=message["created_at"],
        from_=way.from_,
        to=(Mailbox(message["name"], to),),
        cc=tuple(Mailbox("", address) for address in _copies(message) if address != to),
        subject=_subject(message),
        text=message["text"],
        html=message["html"],
        in_reply_to=message["answered"],
        references=tuple(message["before"] or ()),
        is_automatic=message["is_automatic"],
        mark=way.mark,
    )


def ending(trouble: Unsent | None, tries: int, now: datetime, jitter: float) -> Ending:
    """After an attempt that was the `tries`th."""
    if trouble is None:
        return Ending(Delivery.sent)
    error = trouble.trouble.value
    if trouble.is_final or tries >= len(SCHEDULE):
        return Ending(Delivery.failed, error)
    return Ending(Delivery.queued, error, now + timedelta(seconds=SCHEDULE[tries] * jitter))


def unaddressed() -> Ending:
    return Ending(Delivery.failed, SendTrouble.no_address.value)


def acknowledgement(number: str, languages: Sequence[str]) -> str:
    """In the language that the tenant names first."""
    words = say(
        "Thank you for your message. It has arrived, and its number is {number}. We will answer "
        "you as soon as we can.",
        number=number,
    )
    return translated(words, negotiated(", ".join(languages), LANGUAGES))


def _address(message: Row) -> str | None:
    """Where the requester wrote from last, else where he is reached."""
    known = [one for one in (message["address"], message["point"]) if one]
    fit = [one for one in known if "@" in one] if _by_mail(message) else known
    return fit[0] if fit else None


def _copies(message: Row) -> Sequence[str]:
    """Each address once; what nobody wrote goes to the requester alone."""
    if message["is_automatic"] or not _by_mail(message):
        return ()
    return list(dict.fromkeys([*message["cc_emails"], *(message["copied"] or ())]))


def _by_mail(message: Row) -> bool:
    return message["channel"] in ("email", "web_form")


def _subject(message: Row) -> str:
    """With the number of the ticket, by which an answer finds it."""
    subject: str = message["subject"]
    told = subject if subject.lower().startswith(ANSWER.strip().lower()) else ANSWER + subject
    token = f"[{message['number']}]"
    return told if token in told else f"{told} {token}"
