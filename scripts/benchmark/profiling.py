"""Where the server's time goes: py-spy looks at the served process while it answers."""

import re
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from .burst import burst
from .serving import Served, processor_seconds, serving
from .world import POOL, World

KINDS = ("get", "list", "create")
PORT, SECONDS, LOOKS, ASKED = 8459, 6, 250, 50
LEAF = re.compile(r"\(([^()]+?)(:\d+)?\) (\d+)$")
SMALLEST = 0.012
MISSING = "py-spy is missing: `.venv/bin/python -m pip install -e '.[bench]'`."
LOOP = ("asyncio/runners.py", "uvicorn/_compat.py")


@dataclass(frozen=True)
class Profile:
    """Processor time of a request in microseconds, and the share of each part in it."""

    each: float
    shares: dict[str, float]


def profiles(world: World) -> dict[str, Profile]:
    """Empty where there is no py-spy."""
    spy = shutil.which("py-spy", path=str(Path(sys.executable).parent)) or shutil.which("py-spy")
    if spy is None:
        sys.stderr.write(f"scripts/bench: {MISSING}\n")
        return {}
    with serving(PORT, "product:whole --factory", world) as served:
        return {kind: _profile(spy, served, world, kind) for kind in KINDS}


def _profile(spy: str, served: Served, world: World, kind: str) -> Profile:
    """Counted without py-spy, which slows the server, and then looked at."""
    burst(
        served.port, world, kind, POOL, ASKED
    )  # so that every connection has prepared its statements
    before = processor_seconds(served.pid)
    burst(served.port, world, kind, POOL, ASKED)
    each = 10**6 * (processor_seconds(served.pid) - before) / (ASKED * POOL)
    with NamedTemporaryFile("r", suffix=".txt") as seen:
        options = f"-p {served.pid} -d {SECONDS} -r {LOOKS} -f raw -o {seen.name}"
        watching = subprocess.Popen([spy, "record", *options.split()], stdout=subprocess.DEVNULL)
        while watching.poll() is None:
            burst(served.port, world, kind, POOL, ASKED)
        if watching.returncode:
            sys.exit("scripts/bench: py-spy may not look into the server; root may.")
        return Profile(each, shares(seen.read()))


def shares(seen: str) -> dict[str, float]:
    """From lines `outer (file:1);inner (file:2) 5`: who is at the end of so many looks of all."""
    looks: Counter[str] = Counter()
    for line in seen.splitlines():
        if leaf := LEAF.search(line):
            looks[part(leaf[1])] += int(leaf[3])
    return {name: count / looks.total() for name, count in looks.most_common()}


def part(file: str) -> str:
    """Our own modules one by one, libraries as a whole."""
    if file.startswith(LOOP):
        return "uvloop"
    if "crm_api/" in file:
        return file[file.index("crm_api/") :].removesuffix(".py").replace("/", ".")
    package = file.partition("/")[0]
    return package if package in LIBRARIES else "Python's library"


LIBRARIES = ("uvicorn", "asyncpg", "starlette", "fastapi", "pydantic", "sqlalchemy", "structlog")


def said(found: dict[str, Profile]) -> str:
    """What dominates: the code of the project, or what carries requests and statements."""
    if not found:
        return ""
    ours, carriers = (
        ", ".join(f"{_sum(one, names):.0f} % of a {kind}" for kind, one in found.items())
        for names in (("crm_api",), ("uvicorn", "uvloop", "asyncpg"))
    )
    return (
        f"What carries requests and statements (uvicorn, uvloop,\nasyncpg) is {carriers};\n"
        f"the code of the project is {ours}."
    )


def _sum(one: Profile, names: tuple[str, ...]) -> float:
    return 100 * sum(share for name, share in one.shares.items() if name.startswith(names))


def table(found: dict[str, Profile]) -> str:
    if not found:
        return MISSING
    heads = " | ".join(f"{kind} µs | %" for kind in found)
    lines = [f"| part | {heads} |", "|---" * (2 * len(found) + 1) + "|"]
    lines.append(_row("**all**", [(one.each, 1.0) for one in found.values()]))
    for name in _big(found):
        cells = [(one.each, one.shares.get(name, 0.0)) for one in found.values()]
        lines.append(_row(name, cells))
    rest = [1 - sum(one.shares.get(name, 0.0) for name in _big(found)) for one in found.values()]
    each = [one.each for one in found.values()]
    return "\n".join([*lines, _row("all others", list(zip(each, rest, strict=True)))])


def _row(name: str, cells: list[tuple[float, float]]) -> str:
    figures = (f"{each * share:.0f} | {100 * share:.0f}" for each, share in cells)
    return f"| {name} | {' | '.join(figures)} |"


def _big(found: dict[str, Profile]) -> list[str]:
    """The parts with a share worth telling in some operation, the largest first."""
    names = {name for one in found.values() for name in one.shares}
    shares = {name: [one.shares.get(name, 0.0) for one in found.values()] for name in names}
    return sorted((n for n in names if max(shares[n]) >= SMALLEST), key=lambda n: -sum(shares[n]))
