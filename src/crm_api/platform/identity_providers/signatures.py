"""Public keys as providers publish them (RFC 7517), and the signatures that they verify."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from .rules import ALGORITHMS, LONGEST

Kind = type[RSAKey] | type[ECKey] | type[OKPKey]
KINDS: dict[str, tuple[Kind, tuple[str, ...]]] = {
    "RSA": (RSAKey, ("n", "e")),
    "EC": (ECKey, ("crv", "x", "y")),
    "OKP": (OKPKey, ("crv", "x")),
}
MOST_KEYS = 100
RSA_BITS = range(2048, 8193)
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PublicKey:
    """`name` and `algorithm` are null where the provider does not say them."""

    name: str | None
    algorithm: str | None
    key: RSAKey | ECKey | OKPKey

    def fits(self, header: Json) -> bool:
        algorithms = (None, header["alg"])
        named = "kid" not in header or self.name == header["kid"]
        return named and (self.algorithm in algorithms or _is_edwards(self.algorithm, header))


def _is_edwards(algorithm: str | None, header: Json) -> bool:
    """One algorithm with two names (RFC 9864)."""
    both = ("EdDSA", "Ed25519")
    return algorithm in both and header["alg"] in both


class _Accepted(jws.JWSRegistry):
    """Larger headers than the library's own, as chains of certificates need; and no warning of
    EdDSA, which providers say where RFC 9864 would have them say Ed25519."""

    max_header_length = LONGEST

    def get_alg(self, name: str) -> Any:
        if name not in ALGORITHMS:
            raise JoseError
        return self.algorithms[name]


ACCEPTED = _Accepted(strict_check_header=False)


def is_signed(token: str, key: PublicKey) -> bool:
    try:
        signed = jws.extract_compact(token.encode(), registry=ACCEPTED)
        return jws.validate_compact(signed, key.key, registry=ACCEPTED)
    except (JoseError, ValueError, TypeError):
        return False


def keys_in(document: bytes) -> tuple[PublicKey, ...]:
    """The keys of a JWK Set that verify signatures; what is of another kind is passed over.

    Raises: ValueError where it is no JWK Set.
    """
    said = json.loads(document)
    listed = said.get("keys") if isinstance(said, dict) else None
    if not isinstance(listed, list) or len(listed) > MOST_KEYS:
        raise ValueError("It is not a JWK Set.")
    return tuple(_usable([key for key in listed if isinstance(key, dict)]))


def _usable(listed: list[dict[str, Any]]) -> Iterator[PublicKey]:
    for said in listed:
        try:
            if _verifies(said):
                kind, names = KINDS[said["kty"]]
                key = kind.import_key({name: said[name] for name in ("kty", *names)})
                yield PublicKey(said.get("kid"), said.get("alg"), key)
        except (JoseError, KeyError, ValueError, TypeError):
            continue


def _verifies(said: Json) -> bool:
    """A key for signatures, none that is short, and none whose private half is public."""
    long_enough = said["kty"] != "RSA" or _bits(said["n"]) in RSA_BITS
    verifies = "verify" in said.get("key_ops", ["verify"]) and said.get("use", "sig") == "sig"
    return long_enough and verifies and "d" not in said


def _bits(number: str) -> int:
    return int.from_bytes(urlsafe_b64decode(number + "=" * (-len(number) % 4))).bit_length()
