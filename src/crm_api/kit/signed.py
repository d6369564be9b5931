"""Callers who have no key of ours, and sign what they send with the secret of a record."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from fastapi import Request, Security

from .actor import Actor
from .context import Context, House
from .errors import Unauthenticated
from .provide import Provide
from .said import sent
from .signing import is_signed
from .words import say

S = TypeVar("S")
REFUSAL = say(
    "Send a key in `Authorization`, or sign the request with the secret of the channel: "
    "`webhook-id`, `webhook-timestamp`, `webhook-signature`, and its `inbound_key` in `?key=`."
)


@dataclass(frozen=True, slots=True)
class Signer:
    """Who calls if a request is signed with one of the secrets."""

    actor: Actor
    secrets: Sequence[str]


Known = Callable[[House, str, UUID], Awaitable[Signer | None]]
"""By the word that names the record and its tenant, and by its id in the path."""


class ProvideToSigner(Provide):
    """Also for those who sign (Standard Webhooks) instead of sending a key."""

    def __init__(
        self, service: Callable[[Context], Any], scopes: tuple[str, ...], known: Known
    ) -> None:
        super().__init__(service, scopes)
        self.known = known

    async def meet(self, request: Request) -> None:
        """Raises Unauthenticated, RateLimited."""
        if sent(request.scope, b"authorization"):
            return
        house: House = request.scope["house"]
        address = request.client.host if request.client else None
        house.doorkeeper.expect(address)
        signer = await self._signer(house, request)
        if signer is None:
            house.doorkeeper.missed(address)
            raise Unauthenticated(REFUSAL)
        request.scope["actor"] = signer.actor

    async def _signer(self, house: House, request: Request) -> Signer | None:
        word, headers = request.query_params.get("key", ""), request.headers
        if not word or "webhook-signature" not in headers:
            return None
        signer = await self.known(house, word, request.scope["path_params"]["id"])
        if signer is None:
            return None
        body = await _body(request)
        right = is_signed(signer.secrets, headers, body, datetime.now(UTC))
        return signer if right else None


async def _body(request: Request) -> bytes:
    upload = request.scope["route"].upload
    if upload is None:
        return await request.body()
    file = (await upload(request)).file
    body: bytes = file.read()
    file.seek(0)
    return body


def provide_to_signer(service: Callable[[Context], S], known: Known, *scopes: str) -> Any:
    return Security(ProvideToSigner(service, scopes, known), scopes=scopes)
