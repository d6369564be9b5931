"""`crm-api audit` as an operator types it, also as the how-to prints it."""

import asyncio
import json
import re
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from crm_api.cli.commands import app
from crm_api.cli.trouble import sentence
from crm_api.kit.embedded import OWNER, EmbeddedServer

from . import test_commands

HOW_TO = Path("docs/how-to/audit.md")
COMMAND = re.compile(r"^crm-api (audit .+)$", re.MULTILINE)


def crm(*arguments: str, home: Path, **named: str) -> Result:
    """In this process: starting one takes longer than what is tested here."""
    environment = {"CRM_HOME": str(home), "COLUMNS": "200", **named}
    return CliRunner().invoke(app, list(arguments), env=environment)


def explained(ended: Result) -> str:
    assert ended.exception is not None
    said = sentence(ended.exception)
    assert said is not None, ended.exception
    return said


@pytest.fixture(scope="module")
def home() -> Path:
    return Path(mkdtemp(prefix="crm-audit-"))


@pytest.fixture(scope="module")
def external(server: EmbeddedServer, database: str, home: Path) -> dict[str, str]:
    """A database with two tenants whose events are chained."""
    named = {"CRM_DATABASE_URL": server.url(OWNER, database), "CRM_SECRET": "s" * 40}
    for name in ("One", "Two"):
        assert crm("tenant", "create", name, home=home, **named).exit_code == 0
    worked = test_commands.crm("worker", "--once", home=home, **named)  # it configures logs
    assert worked.returncode == 0, worked.stderr
    return named


def execute(server: EmbeddedServer, database: str, sql: str) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(server.url(OWNER, database))
        await connection.execute(sql)
        await connection.close()

    asyncio.run(run())


def kept(home: Path, external: dict[str, str], *more: str) -> list[dict[str, Any]]:
    printed = crm("audit", "checkpoints", *more, home=home, **external)
    assert printed.exit_code == 0, printed.stderr
    return [json.loads(line) for line in printed.stdout.splitlines()]


def test_checkpoints_are_printed_as_json_lines(home: Path, external: dict[str, str]) -> None:
    lines = kept(home, external)
    assert len(lines) == 2
    for line in lines:
        assert list(line) == ["tenant", "sequence", "hash", "created_at"]
        assert re.fullmatch("[0-9a-f]{64}", line["hash"])
        assert line["sequence"] == 2
    one = lines[0]["tenant"]
    assert kept(home, external, "--tenant", one) == lines[:1]
    assert kept(home, external, "--since", lines[0]["created_at"]) == lines
    assert kept(home, external, "--since", "2199-01-01T00:00:00Z") == []


def test_a_right_chain_is_counted(home: Path, external: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "checkpoints.jsonl"
    file.write_text(crm("audit", "checkpoints", home=home, **external).stdout * 2)
    for more in ([], ["--checkpoints", str(file)]):
        ended = crm("audit", "verify", *more, home=home, **external)
        assert (ended.exit_code, ended.stderr) == (0, ""), ended.stdout
        assert ended.stdout.count("ok   2 events verified, 0 of them without") == 2


def test_what_is_wrong_is_told_with_status_1(
    home: Path,
    external: dict[str, str],
    server: EmbeddedServer,
    database: str,
    tmp_path: Path,
) -> None:
    one, two = (line["tenant"] for line in kept(home, external))
    execute(server, database, f"UPDATE events SET type='x.y' WHERE tenant_id='{one[4:]}'")
    try:
        ended = crm("audit", "verify", home=home, **external)
        first, second = ended.stdout.splitlines()
        assert ended.exit_code == 1
        assert re.fullmatch(rf"{one}  bad  event 1 \(.{{36}}\) was edited; before it, 0 .*", first)
        assert second.startswith(f"{two}  ok")
        assert crm("audit", "verify", "--tenant", two, home=home, **external).exit_code == 0
    finally:
        execute(
            server,
            database,
            "UPDATE events e SET type = (CASE object_id WHEN tenant_id THEN 'tenant' "
            "ELSE 'api_key' END) || '.created'",
        )
    assert crm("audit", "verify", home=home, **external).exit_code == 0


def test_copies_of_checkpoints_that_differ_are_told(
    home: Path, external: dict[str, str], tmp_path: Path
) -> None:
    one, two = kept(home, external)
    file = tmp_path / "kept.jsonl"
    nobody = one | {"tenant": "ten_" + "0" * 32}
    later = two | {"sequence": 1000}
    for line, said in (
        (one | {"hash": "00" * 32}, f"{one['tenant']}  bad  event 2 is not what the checkpoint"),
        (later, f"{two['tenant']}  bad  event 1000 is missing, and a checkpoint names it"),
        (nobody, f"{nobody['tenant']}  bad  event 2 is missing"),
    ):
        file.write_text("".join(f"{json.dumps(x)}\n" for x in (two, line, one)))
        ended = crm("audit", "verify", "--checkpoints", str(file), home=home, **external)
        assert ended.exit_code == 1
        assert ended.stdout.splitlines()[2].startswith(said), ended.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("verify", "--tenant", "ten_" + "0" * 32), "no tenant"),
        (("verify", "--checkpoints", "/nowhere/file"), "cannot be read"),
        (("checkpoints", "--since", "yesterday"), "with its offset"),
    ],
)
def test_a_wrong_argument_is_explained(
    home: Path, external: dict[str, str], arguments: tuple[str, ...], said: str
) -> None:
    assert said in explained(crm("audit", *arguments, home=home, **external))


def test_a_file_of_something_else_is_explained(
    home: Path, external: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "other").write_text("{}\n")
    arguments = ("verify", "--checkpoints", str(tmp_path / "other"))
    assert "no checkpoint" in explained(crm("audit", *arguments, home=home, **external))


def test_the_commands_of_the_how_to_work(
    home: Path, external: dict[str, str], tmp_path: Path
) -> None:
    tenant = kept(home, external)[0]["tenant"]
    file = tmp_path / "checkpoints.jsonl"
    commands = COMMAND.findall(HOW_TO.read_text())
    assert len(commands) >= 3
    for command in commands:
        words, _, into = command.replace("ten_...", tenant).partition(" >> ")
        arguments = words.replace("checkpoints.jsonl", str(file)).split()
        ended = crm(*arguments, home=home, **external)
        assert ended.exit_code == 0, ended.stderr
        if into:
            file.write_text(ended.stdout)
