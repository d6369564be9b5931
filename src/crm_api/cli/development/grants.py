"""Codes and what they are exchanged for (RFC 6749, with PKCE as RFC 7636 has it)."""

import hashlib
import hmac
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from .issuer import LIFETIME, Issuer, Person

SECRET, CODE_SECONDS = "development", 60
OWN_MACHINE = ("127.0.0.1", "localhost", "::1")
Asked = Mapping[str, str]


class Wrong(Exception):
    """An error of RFC 6749, by its name."""


@dataclass(frozen=True)
class Code:
    """What a code was given for; it must be asked for with the same again."""

    person: Person
    asked: Asked
    ends: float


def may_return(redirect_uri: str) -> bool:
    """Only to this machine: codes go to no one else."""
    try:
        return httpx.URL(redirect_uri).host in OWN_MACHINE and "#" not in redirect_uri
    except httpx.InvalidURL:
        return False


def check_request(asked: Asked) -> None:
    if asked.get("response_type") != "code":
        raise Wrong("unsupported_response_type")
    challenged = asked.get("code_challenge") and asked.get("code_challenge_method") == "S256"
    if not asked.get("client_id") or not challenged:
        raise Wrong("invalid_request")


class Grants:
    def __init__(self, issuer: Issuer) -> None:
        self.issuer = issuer
        self._codes: dict[str, Code] = {}

    def code(self, person: Person, asked: Asked) -> str:
        check_request(asked)
        code = secrets.token_urlsafe(24)
        self._codes[code] = Code(person, asked, time.monotonic() + CODE_SECONDS)
        return code

    def tokens(self, form: Asked) -> dict[str, Any]:
        """The answer of the token endpoint."""
        match form.get("grant_type"):
            case "authorization_code":
                return self._by_code(form)
            case "client_credentials":
                return self._by_client(form)
        raise Wrong("unsupported_grant_type")

    def _by_code(self, form: Asked) -> dict[str, Any]:
        """A code is good once, for whoever knows the verifier that it was asked for with."""
        code = self._codes.pop(form.get("code", ""), None)
        if code is None or code.ends < time.monotonic() or not _is_same(code.asked, form):
            raise Wrong("invalid_grant")
        client, nonce = form["client_id"], code.asked.get("nonce")
        return {
            **self._answer(self.issuer.access_token(code.person, client)),
            "id_token": self.issuer.id_token(code.person, client, nonce),
        }

    def _by_client(self, form: Asked) -> dict[str, Any]:
        client = form.get("client_id", "")
        if not client or form.get("client_secret") != SECRET:
            raise Wrong("invalid_client")
        program = self.issuer.person(client) or Person(client, client, ())
        return self._answer(self.issuer.access_token(program, client))

    def _answer(self, token: str) -> dict[str, Any]:
        return {"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME}


def _is_same(asked: Asked, form: Asked) -> bool:
    hashed = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    challenge = urlsafe_b64encode(hashed).decode().rstrip("=")
    known = all(asked.get(name) == form.get(name) for name in ("client_id", "redirect_uri"))
    return known and hmac.compare_digest(challenge.encode(), asked["code_challenge"].encode())
