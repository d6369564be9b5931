"""Messages by signed requests, to programs that hand them on: to a chat, to WeChat."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic_core import to_json

from crm_api.kit.egress import Refused
from crm_api.kit.outbound import Outbound
from crm_api.kit.posting import Answer, Unanswered, post
from crm_api.kit.signing import signed
from crm_api.kit.times import rfc3339

from .letters import Mailbox
from .outgoing import Outgoing, SendTrouble, Sent, Unsent

SECONDS = 10.0
LATER = {408, 409, 425, 429}


@dataclass(frozen=True, slots=True)
class SignedPost:
    """Standard Webhooks; the id of the message is that of the request."""

    outbound: Outbound
    url: str
    secrets: Sequence[str]
    seconds: float = SECONDS

    async def send(self, message: Outgoing) -> Sent:
        """Raises: Unsent, unless it is answered 2xx."""
        answer = await self._post(message.id, to_json(told(message)).decode())
        if not 200 <= answer.status < 300:
            final = 400 <= answer.status < 500 and answer.status not in LATER
            raise Unsent(SendTrouble.refused, str(answer.status), final)
        return Sent(message.id)

    async def _post(self, id: str, body: str) -> Answer:
        signature = signed(self.secrets, id, datetime.now(UTC), body)
        headers = {"Content-Type": "application/json", **signature}
        try:
            return await post(self.outbound, self.url, body.encode(), headers, self.seconds)
        except Refused as error:
            raise Unsent(SendTrouble.not_allowed, is_final=True) from error
        except Unanswered as error:
            raise Unsent(SendTrouble(error.trouble)) from error


def told(message: Outgoing) -> dict[str, object]:
    return {
        "id": message.id,
        "type": "message.sent",
        "sent_at": rfc3339(message.at),
        "from": _box(message.from_),
        "to": [_box(box) for box in message.to],
        "cc": [_box(box) for box in message.cc],
        "subject": message.subject,
        "text": message.text,
        "html": message.html,
        "in_reply_to": message.in_reply_to,
        "is_automatic": message.is_automatic,
    }


def _box(box: Mailbox) -> dict[str, str]:
    return {"name": box.name, "address": box.address}
