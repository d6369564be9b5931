"""Identity providers on sockets of this machine, and applications that may reach them."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI
from httpx import AsyncClient
from starlette.types import ASGIApp, Receive, Scope, Send

from crm_api.cli.development.beside import serving
from crm_api.cli.development.issuer import Issuer, Person
from crm_api.cli.development.provider import development_provider
from crm_api.settings import Settings

from .serving import applications, client_of, tenant_and_key

PERSON = Person("wang.fang", "王芳", ("sales",))


@asynccontextmanager
async def listening(app: ASGIApp) -> AsyncIterator[str]:
    """The address of an application on a port of its own."""
    async with serving(app, socket.create_server(("127.0.0.1", 0))) as url:
        yield url


@dataclass
class Provider:
    """A provider that counts what it is asked, and may be `down` or `hang`."""

    issuer: Issuer
    asked: list[str] = field(default_factory=list)
    down: bool = False

    @property
    def url(self) -> str:
        return self.issuer.url

    @property
    def port(self) -> str:
        return self.url.rpartition(":")[2]

    def token(self, person: Person = PERSON, **claims: Any) -> str:
        return self.issuer.access_token(person, "tests", **claims)


@asynccontextmanager
async def provider(api: str = "http://test") -> AsyncIterator[Provider]:
    found = Provider(Issuer("http://127.0.0.1:0"))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        found.asked.append(scope["path"])
        if found.down:
            raise ConnectionError
        await inside(scope, receive, send)

    async with listening(app) as url:
        found.issuer.url = url
        inside = development_provider(found.issuer, api)
        yield found


def trusting(provider: Provider, **more: Any) -> dict[str, Any]:
    """The body that makes a tenant trust a provider."""
    body = {
        "name": "Company sign-in",
        "issuer": provider.url,
        "audience": provider.issuer.audience,
        "scope_rules": [
            {
                "claim": "groups",
                "value": "sales",
                "scopes": ["customers:read", "customers:write"],
            }
        ],
    }
    return {**body, **more}


@dataclass
class Trusting:
    """An application, a provider that a tenant of it trusts, and a caller with the tenant's key."""

    app: FastAPI
    provider: Provider
    key: str
    admin: AsyncClient
    record: dict[str, Any]

    def caller(self, token: str, address: str = "203.0.113.9") -> AsyncClient:
        return client_of(self.app, token, address)


@asynccontextmanager
async def trusted_provider(
    settings: Settings, *allow: str, **changed: Any
) -> AsyncIterator[Trusting]:
    """`allow` is where else the server may send requests to."""
    async with provider() as found:
        allowed = {"egress_allow": ", ".join((f"127.0.0.1:{found.port}", *allow)), **changed}
        async with applications(settings, **allowed) as (app,):
            _, key = await tenant_and_key(app.state.house)
            async with client_of(app, key) as admin:
                made = await admin.post("/identity-providers", json=trusting(found))
                assert made.status_code == 201, made.text
                yield Trusting(app, found, key, admin, made.json())
