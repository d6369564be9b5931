"""What PostgreSQL gives by itself: pgbench with the statements of the floors.

Eight clients, prepared statements, as crm_app, in the same database. It has no list of strings to
choose from, so a get is ten scripts of one id each; and what it creates takes its id from a
counter, written into the arguments by `replace`.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from itertools import count
from math import nan
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from pydantic_core import from_json

from crm_api.kit.embedded.account import EmbeddedError, server_account
from crm_api.kit.embedded.binaries import find_binaries

from .bare import Call, Floor
from .fair import FairFloor, SilentFloor
from .load import BODY, Measured
from .world import POOL, World

FLOORS = {"bare": Floor, "fair": FairFloor, "silent": SilentFloor}
KINDS = ("get", "list", "create")
IDS, NEW = 10, UUID("00000000-0000-4000-8000-0123456789ab")
COUNTED = "lpad(to_hex(:counted::bigint), 32, '0')"
NEXT = "\\set n :n + 1\n\\set counted :n * 1024 + :client_id\n"
NOTHING = Measured(0, nan, nan, nan)
batches = count(1)


def alone(world: World, floor: str, kind: str, seconds: int) -> Measured:
    """Transactions a second; its latency is not comparable, with so many fewer clients."""
    program = _program()
    if program is None:
        return NOTHING
    calls = _calls(FLOORS[floor](world.tenant.id), kind, world)
    with TemporaryDirectory() as folder:
        scripts = list(_written(calls, Path(folder)))
        options = ["-n", "-M", "prepared", f"-c{POOL}", "-j1", f"-T{seconds}"]
        start = f"-Dn={next(batches) * 2**32}"
        rate = _rate(_run([str(program), *options, start, *scripts], world))
    return Measured(int(rate * seconds), rate, nan, nan)


@cache
def _program() -> Path | None:
    try:
        found = find_binaries(server_account()).program("pgbench")
    except EmbeddedError:
        return None
    if not found.exists():
        sys.stderr.write("scripts/bench: no pgbench, so no figures of PostgreSQL alone.\n")
        return None
    return found


def _calls(floor: Floor, kind: str, world: World) -> list[Call]:
    if kind == "get":
        return [floor.one(UUID(hex=id[4:])) for id in world.ids[:IDS]]
    if kind == "list":
        return [floor.page(b"")]
    return [floor.insert(from_json(BODY % 1), NEW, NEW)]


def _written(calls: list[Call], folder: Path) -> Iterator[str]:
    """One script a call, and its arguments as variables on the command line."""
    for script, (sql, *arguments) in enumerate(calls):
        path = folder / f"{script}.sql"
        path.write_text(NEXT + _script(sql, script, arguments))
        yield f"-f{path}"
        yield from (f"-Da{script}_{n}={_text(a)}" for n, a in enumerate(arguments, start=1))


def _script(sql: str, script: int, arguments: list[Any]) -> str:
    """`$2` becomes a variable; a colon in a constant is escaped, for it would begin one."""
    quoted = re.sub(r"'[^']*'", lambda text: _escaped(text[0]), sql)
    return re.sub(r"\$(\d+)", lambda n: _place(script, int(n[1]), arguments), quoted) + "\n"


def _place(script: int, number: int, arguments: list[Any]) -> str:
    variable, value = f":a{script}_{number}", arguments[number - 1]
    if value == NEW:
        return f"{COUNTED}::uuid"
    if isinstance(value, str) and str(NEW) in value:
        return f"replace({variable}::text, '{NEW}', {COUNTED})"
    return variable


def _escaped(constant: str) -> str:
    return f"E{constant}".replace(":", r"\x3a") if ":" in constant else constant


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "{" + ",".join(map(str, value)) + "}"
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _run(command: list[str], world: World) -> str:
    url = urlsplit(world.app_url)
    where = {key: values[0] for key, values in parse_qs(url.query).items()}
    told = {
        **os.environ,
        "PGHOST": where["host"],
        "PGPORT": where["port"],
        "PGUSER": url.username or "",
        "PGPASSWORD": url.password or "",
        "PGDATABASE": url.path[1:],
    }
    done = subprocess.run(command, env=told, capture_output=True, text=True, check=False)
    if done.returncode or "ERROR" in done.stderr:
        raise RuntimeError(done.stderr[-2000:])
    return done.stdout


def _rate(said: str) -> float:
    found = re.search(r"tps = ([0-9.]+) \(without", said)
    assert found is not None, said
    return float(found[1])
