"""Processes that can be killed and are there again within a moment: what they need is imported
once, by a process that forks them."""

import asyncio
import multiprocessing
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from typing import Any

POLL = 0.002
SECONDS = 60.0
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["scripts.faulting.product", "scripts.faulting.database"])


def begin(work: Callable[..., None], *given: Any) -> BaseProcess:
    process = FORKS.Process(target=work, args=given, daemon=True)
    process.start()
    return process


async def until(is_so: Callable[[], bool], what: str, seconds: float = SECONDS) -> None:
    """Raises TimeoutError, which says what has not happened in time."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not is_so():
        if asyncio.get_running_loop().time() > deadline:
            raise TimeoutError(what)
        await asyncio.sleep(POLL)


async def ended(process: BaseProcess) -> None:
    await until(lambda: process.exitcode is not None, f"process {process.pid} does not end")
