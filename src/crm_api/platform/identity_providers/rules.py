"""What a token says, and whether it is an access token for us; as pure functions (RFC 9068, 8725).

Nothing that a token says is true before its signature is verified: `told` only reads it.
"""

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ALGORITHMS = frozenset("RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 EdDSA Ed25519".split())
TYPES = ("", "jwt", "at+jwt", "application/at+jwt")
ACCESS = ("at+jwt", "application/at+jwt")
OF_ID_TOKENS = frozenset({"nonce", "at_hash", "c_hash", "s_hash"})
OF_OTHERS = frozenset({"events", "sub_jwk"})
USES = {"typ": ("bearer", "jwt", "at+jwt"), "token_use": ("access",)}
BASE64URL = re.compile("[0-9A-Za-z_-]+")
LONGEST, MOST_AUDIENCES, SKEW = 16_384, 20, 30.0
LATEST, EXACT = 2.0**33, 2**53
Json = Mapping[str, Any]


class NotTrusted(Exception):
    """Why a token is not accepted: for the log, never for whoever sent it."""


@dataclass(frozen=True, slots=True)
class Told:
    header: Json
    claims: Json

    @property
    def audiences(self) -> list[str]:
        said = self.claims.get("aud")
        return [said] if isinstance(said, str) else said if isinstance(said, list) else []


def told(token: str) -> Told:
    """What a compact JWS says of itself. Raises NotTrusted where it cannot be an access token."""
    parts = token.split(".")
    if len(token) > LONGEST or len(parts) != 3:
        raise NotTrusted("it is not three parts of a sensible size")
    said = Told(_object(parts[0]), _object(parts[1]))
    _check_header(said.header)
    _check_kind(said)
    if not is_text(said.claims.get("iss")) or not all(map(is_text, said.audiences)):
        raise NotTrusted("issuer or audience are no text")
    if not 0 < len(said.audiences) <= MOST_AUDIENCES:
        raise NotTrusted("it names no audience, or too many")
    return said


def _object(part: str) -> Json:
    if not BASE64URL.fullmatch(part):
        raise NotTrusted("it is not base64url")
    try:
        found = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError) as error:
        raise NotTrusted("it is not JSON in base64url") from error
    if not isinstance(found, dict):
        raise NotTrusted("it is not made of objects")
    return found


def is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 1024 and value.isprintable()


def _check_header(header: Json) -> None:
    if not isinstance(header.get("alg"), str) or header["alg"] not in ALGORITHMS:
        raise NotTrusted("its algorithm is not one of those that are accepted")
    if "crit" in header or "b64" in header:
        raise NotTrusted("it asks for extensions that are not understood")
    if not isinstance(header.get("kid", ""), str):
        raise NotTrusted("the name of its key is no text")


def _check_kind(said: Told) -> None:
    """ID, refresh and other tokens are signed with the same keys; see the how-to on sign-in."""
    kind = str(said.header.get("typ", "")).lower()
    if kind not in TYPES:
        raise NotTrusted("its type is that of another kind of token")
    for claim, uses in USES.items():
        if claim in said.claims and str(said.claims[claim]).lower() not in uses:
            raise NotTrusted(f"{claim} says that it is another kind of token")
    others = OF_OTHERS if kind in ACCESS else OF_OTHERS | OF_ID_TOKENS
    if others & said.claims.keys():
        raise NotTrusted("it has claims that only ID tokens and others have")


def check_times(claims: Json, now: float) -> float:
    """The second since 1970 at which it ends. Raises NotTrusted outside of its time."""
    ends = _seconds(claims, "exp")
    if ends is None or ends <= now:
        raise NotTrusted("it has ended, or never ends")
    begins, made = _seconds(claims, "nbf"), _seconds(claims, "iat")
    if max(begins or 0.0, made or 0.0) > now + SKEW:
        raise NotTrusted("it begins in the future")
    return ends


def _seconds(claims: Json, name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < EXACT:
        raise NotTrusted(f"{name} is not a time")
    return min(float(value), LATEST)
