"""Load from outside: wrk, with requests that a Lua script chooses."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import quote

from .people import TERMS
from .world import World

CONNECTIONS = 32
BODY = (
    '{"kind":"person","name":"王小芳","contact_points":[{"kind":"email","value":'
    '"u%d@example.com"},{"kind":"phone","value":"+8613800138000"}],"tags":["vip"]}'
)
SCRIPT = """
wrk.headers["Authorization"] = "Bearer %(key)s"
local ids, terms, cursor, n = %(ids)s, %(terms)s, "%(cursor)s", 0
local json = {["Content-Type"] = "application/json", Authorization = wrk.headers.Authorization}
function init() math.randomseed(os.time()) end
local function get() return wrk.format("GET", "/v1/customers/" .. ids[math.random(#ids)]) end
local function list() return wrk.format("GET", "/v1/customers?cursor=" .. cursor) end
local function search()
  return wrk.format("GET", "/v1/customers?q=" .. terms[math.random(#terms)])
end
local function create()
  n = n + 1
  return wrk.format("POST", "/v1/customers", json, string.format('%(body)s', n))
end
local function mixed()
  local dice = math.random(100)
  if dice <= 60 then return get() elseif dice <= 85 then return list() else return create() end
end
local kinds = {get = get, list = list, create = create, mixed = mixed, search = search}
request = kinds["%(kind)s"]
"""


@dataclass(frozen=True)
class Measured:
    """Requests in all and a second, and latency in milliseconds."""

    requests: int
    rate: float
    median: float
    slow: float


def measure(port: int, world: World, kind: str, seconds: int) -> Measured:
    """Raises RuntimeError where an answer was not a success."""
    said = {
        "key": world.key,
        "ids": _lua(world.ids),
        "terms": _lua([quote(term) for term in TERMS]),
        "cursor": world.cursor(),
        "body": BODY,
        "kind": kind,
    }
    with NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(SCRIPT % said)
        script.flush()
        return _parse(_run(port, Path(script.name), seconds))


def _lua(texts: list[str]) -> str:
    return "{" + ",".join(f'"{text}"' for text in texts) + "}"


def _run(port: int, script: Path, seconds: int) -> str:
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "-s", str(script)]
    done = subprocess.run(
        [*command, f"http://127.0.0.1:{port}"], capture_output=True, text=True, check=True
    )
    return done.stdout


def _parse(said: str) -> Measured:
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(said)
    requests, rate = _figure(r"(\d+) requests in", said), _figure(r"Requests/sec:\s+(\S+)", said)
    return Measured(int(requests), rate, _milliseconds(said, "50%"), _milliseconds(said, "99%"))


def _figure(pattern: str, said: str) -> float:
    found = re.search(pattern, said)
    assert found is not None, said
    return float(found[1])


def _milliseconds(said: str, percentile: str) -> float:
    found = re.search(rf"{percentile}\s+([0-9.]+)(us|ms|s)", said)
    assert found is not None, said
    return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000}[found[2]]
