"""`scripts/bench [--customers N] [--rounds N]`: the API beside its floors, interleaved."""

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from statistics import median
from typing import Annotated

import typer
from rich.console import Console

from crm_api.features.customers.schemas import CustomerQuery
from crm_api.kit import cursor as cursors
from crm_api.kit.embedded import temporary_server

from .floors import AFTER, LAST
from .load import Measured, measure
from .world import World, build

KINDS = ("get", "list", "create", "mixed")
STACKS = {"bare floor": "floors:bare", "fair floor": "floors:fair", "crm-api": "product:app"}
FIRST_PORT = 8460
out = Console(soft_wrap=True, highlight=False)


def main(
    customers: Annotated[int, typer.Option(help="Rows, in ten tenants.")] = 100_000,
    rounds: Annotated[int, typer.Option(help="How often each is measured.")] = 3,
) -> None:
    """Print requests a second, the share of each floor, and latencies, as Markdown."""
    if shutil.which("wrk") is None:
        sys.exit("scripts/bench: wrk is needed to make the load: apt install wrk.")
    with temporary_server() as server:
        world = build(server, customers)
        with ExitStack() as running:
            ports = {
                name: running.enter_context(serving(FIRST_PORT + n, place, world))
                for n, (name, place) in enumerate(STACKS.items())
            }
            report(ports, world, rounds)


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


def report(ports: dict[str, int], world: World, rounds: int) -> None:
    question = f"{world.tenant.id}{CustomerQuery().question()}"
    place = [AFTER.isoformat(), str(LAST)]
    cursor = cursors.write(world.settings.signing_secret(), question, place)
    out.print("| operation | stack | rps | of bare | of fair | p50 ms | p99 ms |")
    out.print("|---|---|---|---|---|---|---|")
    for kind in KINDS:
        taken: dict[str, list[Measured]] = {name: [] for name in ports}
        for _ in range(rounds):
            for name, port in ports.items():
                taken[name].append(measure(port, world, kind, cursor))
        _print(kind, taken)


def _print(kind: str, taken: dict[str, list[Measured]]) -> None:
    rates = {name: median(m.rate for m in all) for name, all in taken.items()}
    for name, all in taken.items():
        p50, p99 = median(m.median for m in all), median(m.slow for m in all)
        shares = [f"{rates[name] / rates[floor]:.2f}" for floor in ("bare floor", "fair floor")]
        figures = [f"{rates[name]:.0f}", *shares, f"{p50:.2f}", f"{p99:.2f}"]
        out.print(f"| {kind} | {name} | {' | '.join(figures)} |")


if __name__ == "__main__":
    typer.run(main)
