"""`crm-api serve`: database, demo, application, in one process that leaves nothing behind."""

import asyncio
import socket
from collections.abc import Coroutine
from types import FrameType
from typing import Annotated, Any

import typer
import uvicorn
from rich.console import Console

from crm_api.kit.logs import configure_logs
from crm_api.kit.patience import PatientProtocol
from crm_api.main import create_app
from crm_api.settings import Settings

from .checks import NEEDED, examine
from .demo import DemoTenant, find_demo, load_demo
from .surroundings import database, migrate, write_private
from .trouble import Trouble

GRACE_SECONDS = 30
IDLE_SECONDS = 75  # more than the 60 of proxies: a request sent while we close would be lost
out = Console(soft_wrap=True)


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any free one.")] = 8000,
    demo: Annotated[bool, typer.Option(help="With a sandbox tenant and sample data.")] = False,
) -> None:
    """Serve the API. Without CRM_DATABASE_URL, on an embedded PostgreSQL of its own."""
    with _listening(host, port) as listener, database(alone=True) as settings:
        configure_logs("warning" if demo else settings.log_level)
        _prepare(settings, demo)
        tenant = find_demo(settings) if demo else None
        _run(settings, listener, tenant)


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


def _run(settings: Settings, listener: socket.socket, tenant: DemoTenant | None) -> None:
    host, port = listener.getsockname()[:2]
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    config = configured(settings)
    server = AnnouncingServer(config, _present(settings, url, tenant))
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(server.serve(sockets=[listener]))


async def _present(settings: Settings, url: str, tenant: DemoTenant | None) -> None:
    """Say where everything is, and load the demo while it is already being served."""
    out.print(f"API   {url}/v1", f"Docs  {url}/docs", sep="\n")
    if tenant is None:
        return
    out.print(f"Key   {tenant.key}\n")
    out.print(f'curl -H "Authorization: Bearer {tenant.key}" "{url}/v1/customers?limit=2"\n')
    try:
        if not tenant.loaded:
            await load_demo(url, tenant.key)
    except Trouble as trouble:
        return out.print(str(trouble))
    write_private(settings.home / "demo.json", {"url": url, "key": tenant.key})
