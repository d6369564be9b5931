"""The programs of the tutorial on webhooks, as they are printed, with a server and its worker."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from crm_api.cli.development.beside import serving
from crm_api.kit.crew import go_on
from crm_api.kit.metrics import Metrics
from crm_api.settings import Settings
from crm_api.worker import duties
from tests.serving import applications, tenant_and_key
from tests.test_docs import FENCE

PAGE = Path("docs/tutorial/03-webhooks.md")
PROGRAMS = {"python": "openapi/clients/webhooks.py", "ts": "openapi/clients/webhooks.ts"}


def test_the_blocks_of_the_page_are_the_files_that_are_run() -> None:
    blocks = FENCE.findall(PAGE.read_text())
    for language, file in PROGRAMS.items():
        shown = "\n".join(text for of, text in blocks if of == language)
        assert shown.split() == Path(file).read_text().split(), language


@asynccontextmanager
async def served(settings: Settings, port: int) -> AsyncIterator[dict[str, str]]:
    """What the programs are told of a server that may send to this port."""
    async with applications(settings, egress_allow=f"127.0.0.1:{port}") as (app,):
        _, key = await tenant_and_key(app.state.house)
        stop = asyncio.Event()
        work = asyncio.create_task(go_on(duties(app.state.house, Metrics()), stop))
        async with serving(app, socket.create_server(("127.0.0.1", 0))) as url:
            yield {"CRM_URL": url, "CRM_KEY": key, "PORT": str(port)}
        stop.set()
        await work


async def test_the_program_in_python_subscribes_verifies_dedupes_orders_and_replays(
    settings: Settings,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with served(settings, port) as told:
        program = await asyncio.create_subprocess_exec(
            sys.executable,
            PROGRAMS["python"],
            env={**os.environ, **told},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await program.communicate()
    assert program.returncode == 0, said.decode()
