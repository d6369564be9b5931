"""What becomes of what comes in: pure functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from crm_api.features.desk.channels.schemas import WayIn, is_of_a_machine
from crm_api.features.desk.requesters.schemas import Writer, by_mail, by_points, one_line
from crm_api.features.desk.terms.schemas import TicketChannel
from crm_api.kit.languages import negotiated
from crm_api.kit.mail import threads
from crm_api.kit.mail.letters import Automatic, Letter
from crm_api.kit.words import LANGUAGES, say, translated

LONGEST_SUBJECT, SUBJECT_OF_A_CHAT = 300, 80
MOST_NAMED = 50
Said = dict[str, Any]
Sent = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Thread:
    """What a message may belong to: messages by their ids, ours and others', tickets whose numbers
    are mentioned, or, where it `goes_on`, what the writer has asked last."""

    ours: Sequence[UUID] = ()
    named: Sequence[str] = ()
    numbers: Sequence[str] = ()
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Came:
    """A message that has come in. Of some that machines have written it is only noted that they
    came."""

    writer: Writer | None
    subject: str
    said: Sent
    thread: Thread = Thread()
    ticket: Sent = field(default_factory=dict)
    channel: TicketChannel | None = None
    """Another than the channel's own, such as mail to the address of a web form."""
    is_noted: bool = False


def of_letter(letter: Letter, raw: bytes) -> Came | None:
    """Null for what goes in a circle, and for what nobody has sent."""
    sender = letter.sender
    is_bounce = letter.automatic == Automatic.bounce
    if letter.is_loop or (sender is None and not is_bounce):
        return None
    return Came(
        writer=by_mail(sender.name, sender.address) if sender and not is_bounce else None,
        subject=one_line(letter.subject, LONGEST_SUBJECT),
        said=_said(letter),
        thread=Thread(threads.inside(raw)) if is_bounce else _thread(letter),
        channel=TicketChannel.email,
        is_noted=letter.automatic in (Automatic.bounce, Automatic.auto_submitted),
    )


def of_form(sent: Sent, phone: str | None) -> Came | None:
    """`phone` is as customers have it. Null for what a machine has filled in."""
    if is_of_a_machine(sent["trap"], sent["seconds"]):
        return None
    email = sent.get("email", "").lower()
    points = [("email", email), ("phone", phone or "")]
    said = {name: sent.get(name) for name in ("external_id", "text", "subject")}
    ticket = {"custom": sent["custom"]} if "custom" in sent else {}
    writer = by_points(sent["name"], email or phone or "", points)
    subject = sent.get("subject", "")
    return Came(writer, subject, said, ticket=ticket, channel=TicketChannel.web_form)


def of_message(sent: Sent) -> Came:
    who = sent["from_"]
    points = [("wechat", who.get("wechat", "")), ("email", who.get("email", "").lower())]
    address = who.get("visitor") or points[0][1] or points[1][1]
    writer = by_points(who.get("name", ""), address, points)
    before = sent.get("in_reply_to")
    said = {"external_id": sent["external_id"], "text": sent["text"], "in_reply_to": before}
    thread = Thread(named=[before] if before else [], goes_on=True)
    return Came(writer, one_line(sent["text"], SUBJECT_OF_A_CHAT), said, thread)


def written(way: WayIn, came: Came) -> Said:
    """What has come, as a message of the channel."""
    channel = came.channel or TicketChannel(way.kind.value)
    of = {"channel": channel, "channel_id": way.id}
    return {**came.said, **of, "address": came.writer.address if came.writer else None}


def begun(came: Came, languages: Sequence[str]) -> dict[str, Any]:
    """What a new ticket has of the message that it begins with."""
    without = translated(say("Without a subject"), negotiated(", ".join(languages), LANGUAGES))
    return {"subject": came.subject or without, **came.ticket}


def _said(letter: Letter) -> Said:
    attached = [
        {"name": one.name, "content_type": one.content_type, "bytes": one.size}
        for one in letter.attachments
    ]
    return {
        "external_id": letter.message_id,
        "in_reply_to": letter.in_reply_to,
        "subject": letter.subject or None,
        "text": letter.said,
        "html": letter.html,
        "attachments": attached,
        "is_automatic": letter.is_automatic,
    }


def _thread(letter: Letter) -> Thread:
    found = threads.candidates(letter)
    ours = [one.message for one in found if isinstance(one, threads.Answered)]
    numbers = [one.number for one in found if isinstance(one, threads.Mentioned)]
    return Thread(ours[:MOST_NAMED], threads.named(letter)[:MOST_NAMED], numbers)
