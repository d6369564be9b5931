"""The data directory of the embedded server: made once, refused when another major wrote it."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from .account import Account, EmbeddedError
from .binaries import Binaries

OWNER = "crm"
_BUILTIN_LOCALES_SINCE = 17
_LOCALES = ("C.UTF-8", "en_US.UTF-8")
_SHUTDOWN_SECONDS = 30.0


def check_major(data: Path, binaries: Binaries) -> None:
    """Raise EmbeddedError when another major version of PostgreSQL wrote the data."""
    written = (data / "PG_VERSION").read_text().strip()
    if written != str(binaries.major):
        raise EmbeddedError(
            f"The data in {data} is of PostgreSQL {written} and the programs in {binaries.folder}"
            f" are of {binaries.major}: dump it with pg_dumpall of PostgreSQL {written}, move the"
            f" directory away, start again and restore with psql; or point CRM_DATABASE_URL at a"
            f" server of your own."
        )


def make_cluster(
    data: Path, binaries: Binaries, account: Account, password_file: Path, durable: bool
) -> None:
    """Make the data directory, all or nothing: a start that was killed leaves no half of one.

    Only a libc locale of UTF-8 lets pg_trgm and lower() see letters beyond ASCII, even under the
    builtin provider of PostgreSQL 17 and newer.
    """
    fresh = data.with_name(f"{data.name}.new")
    for locale in _LOCALES:
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        account.own(fresh)
        options = (*_options(binaries.major, locale), *(() if durable else ("--no-sync",)))
        answer = account.run(
            binaries.program("initdb"), "-D", fresh, f"--pwfile={password_file}", *options
        )
        if answer.returncode == 0:
            fresh.rename(data)
            return
    raise EmbeddedError(f"PostgreSQL could not make {data}: {_reason(answer.stderr)}")


def _options(major: int, locale: str) -> Iterator[str]:
    yield from ("-U", OWNER, "-A", "scram-sha-256", "-E", "UTF8", "-k", "--no-instructions")
    if major >= _BUILTIN_LOCALES_SINCE:
        yield from ("--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    yield from ("--lc-collate=C", f"--lc-ctype={locale}", "--lc-messages=C")
    yield from ("--lc-monetary=C", "--lc-numeric=C", "--lc-time=C")


def _reason(stderr: str) -> str:
    lines = [line for line in stderr.splitlines() if "error:" in line or "FATAL:" in line]
    return "; ".join(lines) or stderr.strip()


def end_leftover(data: Path) -> None:
    """Wait for the server of a killed process to shut down: it may still be on its way.

    Its pid may belong to somebody else by now (small containers); that pid file is removed.
    """
    pid_file = data / "postmaster.pid"
    pid = int(pid_file.read_text().split()[0]) if pid_file.exists() else 0
    command = _command_line(pid) if pid else None
    if command is not None and str(data) not in command:
        pid_file.unlink(missing_ok=True)
    elif command is not None:
        _end(pid, data)


def _end(pid: int, data: Path) -> None:
    deadline = time.monotonic() + _SHUTDOWN_SECONDS
    try:
        os.kill(pid, signal.SIGINT)
        while str(data) in (_command_line(pid) or ""):
            if time.monotonic() > deadline:
                raise EmbeddedError(f"An earlier server (pid {pid}) on {data} does not end.")
            time.sleep(0.005)
    except ProcessLookupError:
        return


def _command_line(pid: int) -> str | None:
    """How a process was started, None when there is none."""
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").replace("\0", " ")
        except (FileNotFoundError, ProcessLookupError):
            return None
    answer = subprocess.run(
        ("ps", "-o", "args=", "-p", str(pid)), capture_output=True, text=True, check=False
    )
    return answer.stdout if answer.returncode == 0 else None
