"""The provider beside the API: on this machine only, trusted by the demo tenant."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext, suppress
from typing import Any

import httpx
import uvicorn
from starlette.types import ASGIApp

from crm_api.cli.trouble import Trouble

from .issuer import AUDIENCE, Issuer
from .provider import development_provider

HOST = "127.0.0.1"
NAME = "Development sign-in"
MOST = 200


def listen(port: int) -> socket.socket:
    """On the port after that of the API, if nobody has it."""
    with suppress(OSError, OverflowError):
        return socket.create_server((HOST, port + 1))
    return socket.create_server((HOST, 0))


def address(listener: socket.socket) -> str:
    """`127.0.0.1:8001`."""
    return f"{HOST}:{listener.getsockname()[1]}"


class QuietServer(uvicorn.Server):
    """Leaves signals to the server that it stands beside."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        return nullcontext()


@asynccontextmanager
async def serving(app: ASGIApp, listener: socket.socket) -> AsyncIterator[str]:
    """Where the application is, until it is left."""
    config = uvicorn.Config(app, ws="none", log_config=None, lifespan="off", access_log=False)
    server = QuietServer(config)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://{address(listener)}"
    finally:
        server.should_exit = True
        await running
        listener.close()


@asynccontextmanager
async def provider_beside(listener: socket.socket, api: str) -> AsyncIterator[Issuer]:
    issuer = Issuer(f"http://{address(listener)}")
    async with serving(development_provider(issuer, api), listener):
        yield issuer


async def trust(api: str, key: str, issuer: Issuer, scopes: Iterable[str]) -> None:
    """Let the key's tenant accept tokens of the provider, and its page read the answers."""
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=f"{api}/v1", headers=headers, timeout=30) as client:
        listed = await _done(client, "GET", "/identity-providers", params={"limit": MOST})
        old = [p for p in listed["data"] if p["audience"] == AUDIENCE]
        for provider in old:
            await _done(client, "DELETE", f"/identity-providers/{provider['id']}")
        await _done(client, "POST", "/identity-providers", json=_body(issuer, scopes))
        gone = {provider["issuer"] for provider in old}
        kept = (await _done(client, "GET", "/tenant"))["allowed_origins"]
        origins = [*(origin for origin in kept if origin not in gone), issuer.url]
        await _done(client, "PATCH", "/tenant", json={"allowed_origins": origins})


def _body(issuer: Issuer, scopes: Iterable[str]) -> dict[str, Any]:
    given = {
        "sales": ["customers:read", "customers:write"],
        "auditors": sorted(scope for scope in scopes if scope.endswith(":read")),
        "administrators": ["*"],
    }
    rules = [{"claim": "groups", "value": group, "scopes": may} for group, may in given.items()]
    return {"name": NAME, "issuer": issuer.url, "audience": AUDIENCE, "scope_rules": rules}


async def _done(client: httpx.AsyncClient, method: str, path: str, **said: Any) -> Any:
    answer = await client.request(method, path, **said)
    if not answer.is_success:
        raise Trouble(f"The API refused the development sign-in: {answer.text}")
    return answer.json() if answer.content else None
