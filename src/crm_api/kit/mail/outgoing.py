"""Messages that leave, whichever way: by a mail server, or by a signed request."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from .letters import Mailbox


@dataclass(frozen=True, slots=True)
class Outgoing:
    """The same at every attempt: by its id whoever receives it twice knows it again. `mark` is the
    word of the tenant by which it is known where it comes back. Nobody wrote an automatic one.
    """

    id: str
    at: datetime
    from_: Mailbox
    to: tuple[Mailbox, ...]
    subject: str
    text: str
    html: str | None = None
    cc: tuple[Mailbox, ...] = ()
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    is_automatic: bool = False
    mark: str | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """Taken by the next server. `external_id` is what others call it; `refused` are addresses to
    which it does not go, beside others to which it does."""

    external_id: str
    refused: tuple[str, ...] = ()


class Unsent(Exception):
    """`said` is what the other side answered; `is_final` where trying again would be in vain."""

    def __init__(self, trouble: "SendTrouble", said: str = "", is_final: bool = False) -> None:
        super().__init__(trouble, said)
        self.trouble, self.said, self.is_final = trouble, said, is_final


class SendTrouble(StrEnum):
    not_allowed = "not_allowed"
    no_address = "no_address"
    no_connection = "no_connection"
    tls = "tls"
    sign_in = "sign_in"
    refused = "refused"
    timeout = "timeout"
    no_answer = "no_answer"


class Transport(Protocol):
    async def send(self, message: Outgoing) -> Sent:
        """Raises: Unsent. Where no answer came, it may have been sent all the same."""
