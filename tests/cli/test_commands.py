"""Commands as an operator types them: they work, or end with one clear sentence."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from crm_api.kit.embedded import OWNER, EmbeddedServer


def crm(*arguments: str, home: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        _command(*arguments),
        env=_environment(home, environment),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-c", "from crm_api.cli import main; main()", *arguments]


def _environment(home: Path, more: dict[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CRM_")}
    return {**kept, "CRM_HOME": str(home), "COLUMNS": "200", **more}


@pytest.fixture(scope="module")
def home() -> Path:
    """A private directory, as mkdtemp makes it."""
    return Path(mkdtemp(prefix="crm-cli-"))


@pytest.fixture(scope="module")
def external(server: EmbeddedServer, database: str) -> dict[str, str]:
    """A database that the environment names."""
    return {"CRM_DATABASE_URL": server.url(OWNER, database), "CRM_SECRET": "s" * 40}


def sentence(ended: "subprocess.CompletedProcess[str]") -> str:
    assert ended.returncode != 0, ended.stdout
    assert "Traceback" not in ended.stderr, ended.stderr
    lines = ended.stderr.strip().splitlines()
    assert len(lines) == 1, ended.stderr
    return lines[0]


class Serving:
    """`crm-api serve` on a free port, until it is told to stop."""

    def __init__(self, home: Path, *arguments: str, **environment: str) -> None:
        self.port = _free_port()
        self.process = subprocess.Popen(
            _command("serve", "--port", str(self.port), *arguments),
            env=_environment(home, environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def __enter__(self) -> "Serving":
        until = time.monotonic() + 120
        while time.monotonic() < until and self.process.poll() is None:
            try:
                self.get("/readyz")
                return self
            except OSError:
                time.sleep(0.05)
        self.process.kill()
        raise AssertionError(self.process.communicate()[0])

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.said = self.process.communicate(timeout=30)[0]

    def get(self, path: str, key: str = "") -> Any:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


def test_a_tenant_is_created_listed_suspended_and_given_a_key_again(
    home: Path, external: dict[str, str]
) -> None:
    made = crm("tenant", "create", "Acme [/] 集团", "--kind", "live", home=home, **external)
    assert made.returncode == 0, made.stderr
    tenant, key = made.stdout.split()[0], made.stdout.split()[-1]
    assert key.startswith("crm_live_")
    more = {"CRM_DATABASE_URL": external["CRM_DATABASE_URL"] + "&application_name=x&sslmode=prefer"}
    assert "Acme [/] 集团" in crm("tenant", "list", home=home, **external | more).stdout
    with Serving(home, **external) as server:
        assert server.get("/v1/me", key)["tenant"]["id"] == tenant
        assert crm("tenant", "suspend", tenant, home=home, **external).returncode == 0
        time.sleep(1.1)
        with pytest.raises(OSError, match="401"):
            server.get("/v1/me", key)
        assert crm("tenant", "resume", tenant, home=home, **external).returncode == 0
        again = crm("tenant", "key", tenant, home=home, **external).stdout.split()[-1]
        assert server.get("/v1/me", again)["scopes"] == ["*"]


def test_a_server_that_is_told_to_stop_ends_its_streams(
    home: Path, external: dict[str, str]
) -> None:
    made = crm("tenant", "create", "Streams", "--kind", "live", home=home, **external)
    key = made.stdout.split()[-1]
    with Serving(home, **external) as server:
        request = urllib.request.Request(
            f"http://127.0.0.1:{server.port}/v1/events/stream",
            headers={"Authorization": f"Bearer {key}"},
        )
        stream = urllib.request.urlopen(request, timeout=10)
        assert stream.readline().startswith(b":")
        begun = time.monotonic()
    assert time.monotonic() - begun < 10
    assert server.process.returncode == 0
    with stream:
        stream.read()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("tenant", "create", "X", "--currency", "XXX"), "base_currency"),
        (("tenant", "create", "X", "--zone", "Mars"), "time_zone"),
        (("tenant", "suspend", "ten_" + "0" * 32), "no tenant"),
        (("tenant", "key", "nonsense"), "looks like"),
        (("tenant", "suspend", "cus_" + "0" * 32), "looks like"),
    ],
)
def test_a_wrong_argument_is_explained(
    home: Path, external: dict[str, str], arguments: tuple[str, ...], said: str
) -> None:
    assert said in sentence(crm(*arguments, home=home, **external))


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_port_in_use_is_said(home: Path, external: dict[str, str], taken: int) -> None:
    ended = crm("serve", "--port", str(taken), home=home, **external)
    assert f"Port {taken}" in sentence(ended)


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"CRM_DATABASE_URL": "postgresql://x:y@127.0.0.1:1/crm"}, "cannot be reached"),
        ({"CRM_DATABASE_URL": "nonsense"}, "not an address"),
        ({"CRM_DATABASE_POOL_SIZE": "many"}, "CRM_DATABASE_POOL_SIZE"),
        ({"CRM_LOG_LEVEL": "loud"}, "CRM_LOG_LEVEL"),
    ],
)
def test_a_bad_environment_is_explained(home: Path, environment: dict[str, str], said: str) -> None:
    assert said in sentence(crm("serve", home=home, **environment))


def test_a_home_that_is_no_directory_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "CRM_HOME" in sentence(crm("serve", home=tmp_path / "file"))


def test_a_database_that_is_not_migrated_is_not_served(
    home: Path, server: EmbeddedServer, database: str
) -> None:
    bare = {"CRM_DATABASE_URL": server.url(OWNER, "postgres"), "CRM_SECRET": "s" * 40}
    assert "crm-api migrate" in sentence(crm("serve", home=home, **bare))


def test_the_doctor_names_what_is_wrong(
    home: Path, server: EmbeddedServer, external: dict[str, str]
) -> None:
    sick = crm("doctor", home=home, **external | {"CRM_SECRET": "weak"})
    assert sick.returncode == 1
    for finding in ("CRM_SECRET is weak", "passes by row level security"):
        assert finding in sick.stdout
    bare = crm("doctor", home=home, CRM_DATABASE_URL=server.url(OWNER, "postgres"))
    assert "Run crm-api migrate" in bare.stdout
    gone = crm("doctor", home=home, CRM_DATABASE_URL="postgresql://x@127.0.0.1:1/crm")
    assert (gone.returncode, "does not answer" in gone.stdout) == (1, True)


def test_the_embedded_server_needs_nothing_and_keeps_its_data() -> None:
    home = Path(mkdtemp(prefix="crm-own-"))
    made = crm("tenant", "create", "Mine", "--kind", "sandbox", home=home)
    assert made.returncode == 0, made.stderr
    key = made.stdout.split()[-1]
    with Serving(home) as server:
        assert server.get("/v1/me", key)["tenant"]["name"] == "Mine"
        listed = crm("tenant", "list", home=home)
        assert "Mine" in listed.stdout, listed.stderr
        second = crm("serve", "--port", "0", home=home)
        assert "being served already" in sentence(second)
        doctor = crm("doctor", home=home)
        assert doctor.returncode == 0, doctor.stdout
    assert server.process.returncode == 0, server.said
    for name in ("secret", "pg.json"):
        assert stat.S_IMODE((home / name).stat().st_mode) == 0o600


def test_the_worker_numbers_events_without_a_gap(home: Path, external: dict[str, str]) -> None:
    for name in ("One", "Two"):
        assert crm("tenant", "create", name, home=home, **external).returncode == 0
    worked = crm("worker", "--once", home=home, **external)
    assert worked.returncode == 0, worked.stderr


def test_the_contract_is_printed_without_a_database(home: Path) -> None:
    printed = crm("openapi", home=home)
    assert json.loads(printed.stdout)["openapi"].startswith("3.1")
