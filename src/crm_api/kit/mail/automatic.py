"""Mail that nobody wrote, and mail that goes in a circle."""

from collections.abc import Collection
from dataclasses import dataclass

from .headers import Headers
from .letters import Automatic, Mailbox

MARK = "X-Crm-Loop"
"""What we send carries it, with a word of the tenant: where it comes in again, it goes round."""
MOST_HOPS = 50
BULK = {"auto_reply", "bulk", "junk", "list"}
LISTS = ("list-id", "list-unsubscribe", "list-post")
DAEMONS = ("mailer-daemon", "postmaster", "double-bounce")


@dataclass(frozen=True, slots=True)
class Ours:
    """The addresses that a tenant receives mail under, in lower case, and its word in `MARK`."""

    addresses: Collection[str] = ()
    mark: str | None = None


def automatic(headers: Headers, sender: Mailbox | None) -> Automatic | None:
    """Why a mail is answered by no machine; null where it may be."""
    if _is_bounce(headers, sender):
        return Automatic.bounce
    if _value(headers, "auto-submitted") not in ("", "no"):
        return Automatic.auto_submitted
    if any(headers.raw(name) for name in LISTS):
        return Automatic.mailing_list
    if _value(headers, "precedence") in BULK:
        return Automatic.bulk
    suppressed = _value(headers, "x-auto-response-suppress") not in ("", "none")
    return Automatic.suppressed if suppressed else None


def is_loop(headers: Headers, sender: Mailbox | None, ours: Ours) -> bool:
    """Whether it was sent by us, or has been on its way through too many servers."""
    marked = ours.mark is not None and ours.mark in (v.strip() for v in headers.all(MARK.lower()))
    own = sender is not None and sender.address in ours.addresses
    return marked or own or len(headers.all("received")) > MOST_HOPS


def _is_bounce(headers: Headers, sender: Mailbox | None) -> bool:
    local = sender.address.partition("@")[0] if sender else ""
    report = _value(headers, "content-type") == "multipart/report"
    return headers.raw("return-path") == "<>" or report or local in DAEMONS


def _value(headers: Headers, name: str) -> str:
    """Of a header, without what else it says behind a semicolon."""
    return (headers.raw(name) or "").partition(";")[0].strip().lower()
