"""The public keys of issuers: fetched when they are needed, kept while they are fresh."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

import structlog

from crm_api.kit.errors import Unavailable
from crm_api.kit.outbound import Outbound, Unreachable
from crm_api.kit.words import say

from .signatures import PublicKey, keys_in

CONFIGURATION = "/.well-known/openid-configuration"
FRESH, TRUSTED, PAUSE = 300.0, 3600.0, 10.0
MOST_ISSUERS = 1000
NEVER = float("-inf")
log = structlog.get_logger("crm_api.identity_providers")


@dataclass(slots=True)
class Ring:
    """The keys of one issuer, when they came, and when they were last asked for."""

    keys: tuple[PublicKey, ...] = ()
    came: float = NEVER
    asked: float = NEVER
    asking: asyncio.Task[None] | None = None

    @property
    def failed(self) -> bool:
        return self.asked > self.came

    def fitting(self, header: Mapping[str, Any]) -> list[PublicKey]:
        """The keys of the header's name; without a name, the one that there is."""
        found = [key for key in self.keys if key.fits(header)]
        return found if "kid" in header or len(found) == 1 else []


class KeyRings:
    """Seconds: after `FRESH` keys are fetched anew beside the work; `TRUSTED` is how long they are
    believed while the issuer cannot be reached. A key that nobody knows is asked for, but no
    issuer more often than once in a `PAUSE`: tokens that are made up cause no storm."""

    def __init__(self, outbound: Outbound) -> None:
        self.outbound = outbound
        self._rings: dict[str, Ring] = {}

    async def keys(self, issuer: str, header: Mapping[str, Any]) -> list[PublicKey]:
        """Raises Unavailable where the keys cannot be had, or a newer one could be missing."""
        ring = self._ring(issuer)
        if monotonic() - ring.came > TRUSTED:
            ring.keys = ()
        elif monotonic() - ring.came > FRESH:
            self._ask(issuer, ring)
        if not ring.fitting(header):
            await self._renew(issuer, ring)
        found = ring.fitting(header)
        if not found and ring.failed:
            raise Unavailable(
                say("The identity provider cannot be reached: try again in a moment.")
            )
        return found

    def _ring(self, issuer: str) -> Ring:
        if issuer not in self._rings and len(self._rings) >= MOST_ISSUERS:
            del self._rings[next(iter(self._rings))]
        return self._rings.setdefault(issuer, Ring())

    async def _renew(self, issuer: str, ring: Ring) -> None:
        """Who waits may be called away; the fetching goes on for the others."""
        self._ask(issuer, ring)
        if ring.asking is not None:
            await asyncio.shield(ring.asking)

    def _ask(self, issuer: str, ring: Ring) -> None:
        if ring.asking is None and monotonic() - ring.asked > PAUSE:
            ring.asking = asyncio.create_task(self._fetch(issuer, ring))

    async def _fetch(self, issuer: str, ring: Ring) -> None:
        ring.asked = monotonic()
        try:
            ring.keys = await self._published(issuer)
            ring.came = monotonic()
        except (Unreachable, ValueError, RecursionError):
            log.warning("keys of an identity provider cannot be fetched", issuer=issuer)
        finally:
            ring.asking = None

    async def _published(self, issuer: str) -> tuple[PublicKey, ...]:
        """OpenID Connect Discovery 1.0, 4.3: the configuration must be of this very issuer."""
        told = json.loads(await self.outbound.get(issuer.rstrip("/") + CONFIGURATION))
        if not isinstance(told, dict) or told.get("issuer") != issuer:
            raise Unreachable
        return keys_in(await self.outbound.get(str(told.get("jwks_uri"))))
