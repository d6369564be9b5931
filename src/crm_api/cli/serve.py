"""`crm-api serve`: database, demo, application, in one process that leaves nothing behind."""

import asyncio
import socket
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from types import FrameType
from typing import Annotated, Any

import typer
import uvicorn
from fastapi import FastAPI
from rich.console import Console

from crm_api.kit.logs import configure_logs
from crm_api.kit.patience import PatientProtocol
from crm_api.main import create_app
from crm_api.settings import Settings
from crm_api.worker import working

from .checks import NEEDED, examine
from .demo import DemoTenant, find_demo
from .development.beside import listen, provider_beside
from .presenting import Demo, address_of, present, present_demo
from .surroundings import database, migrate
from .trouble import Trouble

GRACE_SECONDS = 30
IDLE_SECONDS = 75  # more than the 60 of proxies: a request sent while we close would be lost
out = Console(soft_wrap=True)


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any free one.")] = 8000,
    demo: Annotated[bool, typer.Option(help="With a sandbox tenant and sample data.")] = False,
    worker: Annotated[
        bool, typer.Option(help="Also do the work of crm-api worker, in this process.")
    ] = True,
) -> None:
    """Serve the API. Without CRM_DATABASE_URL, on an embedded PostgreSQL of its own."""
    with _listening(host, port) as listener, database(alone=True) as settings:
        configure_logs("warning" if demo else settings.log_level)
        _prepare(settings, demo)
        _run(settings, listener, find_demo(settings) if demo else None, worker)


def _listening(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family, backlog=2048)
        # asyncio does this only for sockets it made; without it an answer waits 40 ms for an ACK
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except OSError as error:
        raise Trouble(
            f"Port {port} of {host} cannot be used ({error.strerror}): choose another with --port."
        ) from error


def _prepare(settings: Settings, demo: bool) -> None:
    """Migrate where we may; say what is wrong before anything is served."""
    if demo or settings.database_owner_url is not None:
        migrate(settings)
    for finding in asyncio.run(examine(settings, NEEDED)):
        if finding.mend:
            raise Trouble(f"{finding.what} {finding.mend}")


class AnnouncingServer(uvicorn.Server):
    """Says that it serves as soon as it does."""

    def __init__(self, config: uvicorn.Config, announce: Coroutine[Any, Any, None]) -> None:
        super().__init__(config)
        self._announce = announce

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """To be told to stop is no failure: stop, and do not die of the signal afterwards."""
        super().handle_exit(sig, frame)
        assert isinstance(self.config.app, FastAPI)
        if house := getattr(self.config.app.state, "house", None):
            house.streams.closing = True
        self._captured_signals.clear()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._announcing = asyncio.create_task(self._announce)


def configured(settings: Settings) -> uvicorn.Config:
    """Where a request comes from is what the connection says, unless a trusted proxy says more."""
    return uvicorn.Config(
        create_app(settings),
        http=PatientProtocol,
        ws="none",
        log_config=None,
        access_log=False,
        proxy_headers=settings.trusted_proxies is not None,
        forwarded_allow_ips=settings.trusted_proxies or "",
        server_header=False,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def _run(
    settings: Settings, listener: socket.socket, tenant: DemoTenant | None, worker: bool
) -> None:
    demo = Demo(tenant, listen(listener.getsockname()[1])) if tenant else None
    settings = demo.allowed(settings) if demo else settings
    config = configured(settings)
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(_serve(config, settings, listener, demo, worker))


async def _serve(
    config: uvicorn.Config,
    settings: Settings,
    listener: socket.socket,
    demo: Demo | None,
    worker: bool,
) -> None:
    assert isinstance(config.app, FastAPI)
    url = address_of(listener)
    async with AsyncExitStack() as beside:
        if worker:
            await beside.enter_async_context(working(settings, config.app.state.metrics))
        if demo is None:
            announce = present(url)
        else:
            issuer = await beside.enter_async_context(provider_beside(demo.beside, url))
            announce = present_demo(settings, url, demo, issuer)
        await AnnouncingServer(config, announce).serve(sockets=[listener])
