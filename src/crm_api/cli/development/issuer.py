"""Whom the provider knows, its keys, and the tokens that it signs with them."""

import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey

ALGORITHM, LIFETIME = "ES256", 600
AUDIENCE = "crm-api-development"
Json = dict[str, Any]


@dataclass(frozen=True)
class Person:
    subject: str
    name: str
    groups: tuple[str, ...]


PEOPLE = (
    Person("wang.fang", "王芳 Wang Fang, sells", ("sales",)),
    Person("li.na", "李娜 Li Na, looks at everything", ("auditors",)),
    Person("zhang.wei", "张伟 Zhang Wei, may do everything", ("administrators",)),
    Person("nobody", "A person without rights", ()),
)


@dataclass
class Issuer:
    """`keys` are those that are published; the last one signs."""

    url: str
    audience: str = AUDIENCE
    people: tuple[Person, ...] = PEOPLE
    keys: list[ECKey] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rotate()

    def rotate(self, kept: int = 1) -> None:
        """Sign with a new key; so many of those before stay published."""
        old = self.keys[len(self.keys) - kept :] if kept else []
        new = ECKey.generate_key("P-256", {"kid": secrets.token_hex(4), "use": "sig"})
        self.keys = [*old, new]

    def key_set(self) -> Json:
        return {"keys": [{**key.as_dict(private=False), "alg": ALGORITHM} for key in self.keys]}

    def configuration(self) -> Json:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "client_credentials"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none", "client_secret_post"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "scopes_supported": ["openid", "profile"],
            "authorization_response_iss_parameter_supported": True,
        }

    def person(self, subject: str) -> Person | None:
        return next((person for person in self.people if person.subject == subject), None)

    def access_token(self, person: Person, client: str, **claims: Any) -> str:
        """RFC 9068."""
        said = {"aud": self.audience, "client_id": client, "jti": secrets.token_hex(16)}
        return self.sign({"typ": "at+jwt"}, {**self._said_of(person), **said, **claims})

    def id_token(self, person: Person, client: str, nonce: str | None) -> str:
        said: Json = {"aud": client, "auth_time": int(time.time())}
        return self.sign(
            {}, {**self._said_of(person), **said, **({"nonce": nonce} if nonce else {})}
        )

    def _said_of(self, person: Person) -> Json:
        now = int(time.time())
        times = {"iat": now, "exp": now + LIFETIME}
        who = {"sub": person.subject, "name": person.name, "groups": list(person.groups)}
        return {"iss": self.url, **who, **times}

    def sign(self, header: Json, claims: Json) -> str:
        key = self.keys[-1]
        full = {"alg": ALGORITHM, "kid": key.kid, **header}
        return jws.serialize_compact(full, json.dumps(claims), key, algorithms=[ALGORITHM])
