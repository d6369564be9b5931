"""The application as `crm-api serve` runs it, in a process that may be told where to die."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

import uvicorn
from pydantic import SecretStr

from crm_api import worker
from crm_api.kit.logs import configure_logs
from crm_api.kit.patience import PatientProtocol
from crm_api.main import create_app
from crm_api.platform.organization import due
from crm_api.platform.webhook_deliveries import delivering
from crm_api.settings import Settings

from . import points
from .flaws import FLAWS, OF_SWEEPING

RECEIVER = ("127.77.0.1", 48_811)
"""Where the part `webhooks` listens: an address of this machine that nobody else uses."""
SECRET = "a secret for faults only, long enough"


def settings_of(url: str) -> Settings:
    return Settings(
        database_url=SecretStr(url),
        secret=SecretStr(SECRET),
        log_level="warning",
        egress_allow="{}:{}".format(*RECEIVER),
        rate_limit_key=1_000_000_000,  # faults are looked for, not refusals
        rate_limit_tenant=1_000_000_000,
    )


def work(url: str, once: bool) -> None:
    """What `crm-api worker` does."""
    worker.run(settings_of(url), once=once)


def deliver(url: str) -> None:
    """What `crm-api worker` does, waiting less for receivers and for workers that are gone."""
    delivering.SECONDS, delivering.LEASE_SECONDS = 0.5, 3.0
    work(url, False)


def sweep(url: str, dies_at: Sequence[str], one_in: int, flaw: str) -> None:
    """What `crm-api worker` does, dying of tickets, and waiting less for workers that are gone."""
    due.SECONDS = 1.0
    if flaw:
        OF_SWEEPING[flaw]()
    points.install()
    points.doom(dies_at, one_in)
    worker.run(settings_of(url).model_copy(update={"log_level": "error"}), once=False)


def serve(port: int, url: str, log: Path, flaw: str) -> None:
    """Until it is killed. `flaw` names a defect to have."""
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    if flaw:
        FLAWS[flaw]()
    points.install()
    settings = settings_of(url)
    configure_logs(settings.log_level)
    config = uvicorn.Config(
        points.Mortal(create_app(settings)),
        port=port,
        http=PatientProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(uvicorn.Server(config).serve())
