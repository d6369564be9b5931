"""Load from outside: wrk, with requests that a Lua script chooses."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from .world import World

CONNECTIONS, SECONDS = 32, 3
BODY = (
    '{"kind":"person","name":"王小芳","contact_points":[{"kind":"email","value":'
    '"u%d@example.com"},{"kind":"phone","value":"+8613800138000"}],"tags":["vip"]}'
)
SCRIPT = """
wrk.headers["Authorization"] = "Bearer %(key)s"
local ids, cursor, n, mine = %(ids)s, "%(cursor)s", 0, 0
local json = {["Content-Type"] = "application/json", Authorization = wrk.headers.Authorization}
function init() math.randomseed(os.time()) end
local function get() return wrk.format("GET", "/v1/customers/" .. ids[math.random(#ids)]) end
local function list() return wrk.format("GET", "/v1/customers?cursor=" .. cursor) end
local function create()
  n = n + 1
  return wrk.format("POST", "/v1/customers", json, string.format('%(body)s', n))
end
function mixed()
  local dice = math.random(100)
  if dice <= 60 then return get() elseif dice <= 85 then return list() else return create() end
end
request = ({get = get, list = list, create = create, mixed = mixed})["%(kind)s"]
"""


@dataclass(frozen=True)
class Measured:
    """Requests a second, and latency in milliseconds."""

    rate: float
    median: float
    slow: float


def measure(port: int, world: World, kind: str, cursor: str) -> Measured:
    """Raises RuntimeError where an answer was not a success."""
    ids = "{" + ",".join(f'"{id}"' for id in world.ids) + "}"
    said = {"key": world.key, "ids": ids, "cursor": cursor, "body": BODY, "kind": kind}
    with NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(SCRIPT % said)
        script.flush()
        return _parse(_run(port, Path(script.name)))


def _run(port: int, script: Path) -> str:
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency", "-s", str(script)]
    done = subprocess.run(
        [*command, f"http://127.0.0.1:{port}"], capture_output=True, text=True, check=True
    )
    return done.stdout


def _parse(said: str) -> Measured:
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(said)
    rate = float(re.search(r"Requests/sec:\s+([0-9.]+)", said)[1])  # type: ignore[index]
    return Measured(rate, _milliseconds(said, "50%"), _milliseconds(said, "99%"))


def _milliseconds(said: str, percentile: str) -> float:
    found = re.search(rf"{percentile}\s+([0-9.]+)(us|ms|s)", said)
    assert found is not None
    return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000}[found[2]]
