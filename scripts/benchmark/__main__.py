"""`scripts/bench`: the API beside its floors, interleaved; batches; growth. All as Markdown."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Annotated

import typer

from crm_api.features.customers.schemas import CustomerQuery
from crm_api.kit import cursor as cursors
from crm_api.kit.embedded import OWNER, EmbeddedServer, temporary_server

from . import batches, growth
from .floors import AFTER, LAST
from .load import Measured, measure
from .page import page
from .world import DATABASE, World, build

KINDS = ("get", "list", "create", "mixed")
STACKS = {"bare floor": "floors:bare", "fair floor": "floors:fair", "crm-api": "product:app"}
FIRST_PORT = 8460
Ports = dict[str, int]


def main(
    customers: Annotated[int, typer.Option(help="Rows of the ladder, in ten tenants.")] = 100_000,
    rounds: Annotated[int, typer.Option(help="How often each stack is measured.")] = 3,
    write: Annotated[Path | None, typer.Option(help="Write the page here, too.")] = None,
) -> None:
    """Measure, and print tables of requests a second, shares of the floors, and latencies."""
    if shutil.which("wrk") is None:
        sys.exit("scripts/bench: wrk is needed to make the load: apt install wrk.")
    with temporary_server() as server:
        world = build(server, customers)
        with ExitStack() as running:
            ports = {
                name: running.enter_context(serving(FIRST_PORT + n, place, world))
                for n, (name, place) in enumerate(STACKS.items())
            }
            said = page(customers, ladder(ports, world, rounds), *_rest(ports, world, server))
    sys.stdout.write(said)
    if write is not None:
        write.write_text(said)


def _rest(ports: Ports, world: World, server: EmbeddedServer) -> tuple[str, str]:
    owner, port = server.url(OWNER, DATABASE), ports["crm-api"]
    of_batches = batches.run(port, world, owner)
    grown = asyncio.run(growth.grown(world.settings, owner))
    costs = {
        size: asyncio.run(growth.costs(port, world.settings, owner, tenant, key, size))
        for size, (tenant, key) in grown.items()
    }
    return of_batches, growth.table(costs)


@contextmanager
def serving(port: int, place: str, world: World) -> Iterator[int]:
    """One process of uvicorn, with the same loop and parser for every stack."""
    url = world.settings.database_url
    assert url is not None
    environment = {
        **os.environ,
        "BENCH_DATABASE": url.get_secret_value(),
        "BENCH_TENANT": str(world.tenant.id),
    }
    command = [sys.executable, "-m", "uvicorn", f"scripts.benchmark.{place}", "--port", str(port)]
    process = subprocess.Popen([*command, "--log-level", "warning"], env=environment)
    try:
        _await(f"http://127.0.0.1:{port}/v1/customers/{world.ids[0]}", world.key)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _await(url: str, key: str) -> None:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {key}"})
    for _ in range(200):
        try:
            urllib.request.urlopen(request).close()
            return
        except OSError:
            time.sleep(0.05)
    sys.exit(f"scripts/bench: {url} does not answer.")


def ladder(ports: Ports, world: World, rounds: int) -> str:
    """Every stack in turn, round by round, so that a busy moment hits all of them."""
    question = f"{world.tenant.id}{CustomerQuery().question()}"
    place = [AFTER.isoformat(), str(LAST)]
    cursor = cursors.write(world.settings.signing_secret(), question, place)
    lines = ["| operation | stack | rps | of bare | of fair | p50 ms | p99 ms |", "|---" * 7 + "|"]
    for kind in KINDS:
        taken: dict[str, list[Measured]] = {name: [] for name in ports}
        for _ in range(rounds):
            for name, port in ports.items():
                taken[name].append(measure(port, world, kind, cursor))
        lines += _rungs(kind, taken)
    return "\n".join(lines)


def _rungs(kind: str, taken: dict[str, list[Measured]]) -> Iterator[str]:
    rates = {name: median(m.rate for m in all) for name, all in taken.items()}
    for name, all in taken.items():
        p50, p99 = median(m.median for m in all), median(m.slow for m in all)
        shares = [f"{rates[name] / rates[floor]:.2f}" for floor in ("bare floor", "fair floor")]
        figures = [f"{rates[name]:.0f}", *shares, f"{p50:.2f}", f"{p99:.2f}"]
        yield f"| {kind} | {name} | {' | '.join(figures)} |"


if __name__ == "__main__":
    typer.run(main)
