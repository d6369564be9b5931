"""Which keys of a provider verify what: one test for each kind, and each way to be no such key."""

import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from crm_api.platform.identity_providers.rules import ALGORITHMS
from crm_api.platform.identity_providers.signatures import MOST_KEYS, is_signed, keys_in

RSA, P256 = RSAKey.generate_key(2048), ECKey.generate_key("P-256")
P384 = ECKey.generate_key("P-384")
EDWARDS = OKPKey.generate_key("Ed25519")
KEYS: dict[str, Any] = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), RSA),
    "ES256": P256,
    "ES384": P384,
    "EdDSA": EDWARDS,
    "Ed25519": EDWARDS,
}
Json = dict[str, Any]


def signed(algorithm: str, key: Any) -> str:
    parts = [json.dumps(part).encode() for part in ({"alg": algorithm, "kid": "k"}, {"a": 1})]
    said = b".".join(urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    signature = jws.JWSRegistry.algorithms[algorithm].sign(said, key)
    return f"{said.decode()}.{urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def published(*keys: Json) -> bytes:
    return json.dumps({"keys": [{"kid": "k", **key} for key in keys]}).encode()


def public(key: Any, **more: Any) -> Json:
    return {**key.as_dict(private=False), **more}


@pytest.mark.parametrize("algorithm", sorted(ALGORITHMS))
def test_each_algorithm_is_verified_by_its_key_and_by_no_other(algorithm: str) -> None:
    key, token = KEYS[algorithm], signed(algorithm, KEYS[algorithm])
    (found,) = keys_in(published(public(key)))
    assert is_signed(token, found)
    head, said, signature = token.split(".")
    assert not is_signed(f"{head}.{said}x.{signature}", found)
    others = {id(k): k for k in KEYS.values() if k is not key}.values()
    for other in keys_in(published(*(public(k) for k in others))):
        assert not is_signed(token, other)


def test_a_key_says_which_tokens_it_is_for() -> None:
    (named,) = keys_in(published(public(P256, alg="ES256")))
    assert named.fits({"alg": "ES256", "kid": "k"})
    assert named.fits({"alg": "ES256"})
    assert not named.fits({"alg": "ES256", "kid": "other"})
    assert not named.fits({"alg": "RS256", "kid": "k"})
    (edwards,) = keys_in(published(public(EDWARDS, alg="EdDSA")))
    assert edwards.fits({"alg": "Ed25519", "kid": "k"})


@pytest.mark.parametrize(
    "said",
    [
        OctKey.generate_key(256).as_dict(private=True),
        public(P256, use="enc"),
        public(P256, key_ops=["encrypt"]),
        public(P256, key_ops=1),
        P256.as_dict(private=True),
        public(ECKey.generate_key("secp256k1"), crv="P-256"),
        public(P256, x="AA"),
        public(P256, x=1),
        public(P256, kty=["EC"]),
        public(P256, crv="P-0"),
        {"kty": "EC"},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
        {"kty": "RSA", "n": "A" * 3000, "e": "AQAB"},
        {"kty": "RSA", "n": "_" * 3000, "e": "AQAB"},
        {"kty": "RSA", "n": public(RSA)["n"][:-2], "e": "AQAB"},
        {"kty": "RSA", "n": public(RSA)["n"], "e": "AA"},
        {"kty": "OKP", "crv": "X25519", "x": public(EDWARDS)["x"][:-2]},
        [],
        "x",
        None,
    ],
)
def test_what_is_no_key_for_signatures_is_passed_over(said: Any) -> None:
    document = json.dumps({"keys": [said, public(P384)]}).encode()
    assert [found.key.key_type for found in keys_in(document)] == ["EC"]
    assert is_signed(signed("ES384", P384), keys_in(document)[0])


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"[]",
        b"null",
        b'{"keys": 1}',
        b'{"keys": {}}',
        b"\xff",
        published(*[{}] * (MOST_KEYS + 1)),
    ],
)
def test_what_is_no_key_set_is_told(document: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        keys_in(document)
