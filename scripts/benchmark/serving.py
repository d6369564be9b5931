"""One process of uvicorn for each stack, with the loop, parser and options of `crm-api serve`."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from .world import World

OPTIONS = (
    "--log-level warning --no-access-log --no-server-header --no-proxy-headers --ws none "
    "--timeout-keep-alive 75"
)
PATIENT, PLAIN = "crm_api.kit.patience:PatientProtocol", "httptools"
CPUCLOCK_SCHED = 2


@dataclass(frozen=True)
class Served:
    port: int
    pid: int


@contextmanager
def serving(
    port: int, place: str, world: World, said: Mapping[str, str] | None = None
) -> Iterator[Served]:
    """`place` is a module here and its application; `said` is more environment for it."""
    environment = {**os.environ, **world.environment(), **(said or {})}
    http = environment.get("BENCH_HTTP", PATIENT)
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        *f"scripts.benchmark.{place}".split(),
        "--port",
        str(port),
    ]
    process = subprocess.Popen(
        [*command, "--http", http, *OPTIONS.split()], env=environment, stdout=subprocess.DEVNULL
    )
    try:
        _await(f"http://127.0.0.1:{port}/v1/customers/{world.ids[0]}", world.key)
        yield Served(port, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


@contextmanager
def working(world: World, said: Mapping[str, str] | None = None) -> Iterator[int]:
    """`crm-api worker`, with a pool of its own; its process."""
    told = {
        "CRM_DATABASE_URL": world.app_url,
        "CRM_SECRET": world.settings.signing_secret().decode(),
        "CRM_LOG_LEVEL": "error",
    }
    program = "from crm_api.cli import main; main()"
    command = [sys.executable, "-c", program, "worker"]
    process = subprocess.Popen(command, env={**os.environ, **(said or {}), **told})
    try:
        yield process.pid
    finally:
        process.send_signal(signal.SIGKILL)  # what hangs would keep it from going
        process.wait()


def _await(url: str, key: str) -> None:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {key}"})
    for _ in range(400):
        try:
            urllib.request.urlopen(request).close()
            return
        except OSError:
            time.sleep(0.05)
    sys.exit(f"scripts/bench: {url} does not answer.")


def processor_seconds(*pids: int) -> float:
    """What the processes have used so far, themselves and in the kernel.

    Linux: the clock of a process, clock_getcpuclockid(3), which is finer than /proc/PID/stat.
    """
    return sum(time.clock_gettime(~pid << 3 | CPUCLOCK_SCHED) for pid in pids)
