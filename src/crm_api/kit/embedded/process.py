"""The server process: a child of ours that ends with us, even when we are killed with -9."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from .account import Account, EmbeddedError, environment
from .home import Home

PORT = 5432
_LOG = "pg.log"
_LOG_BYTES = 10_000_000
_START_SECONDS = 120.0
_STOP_SECONDS = 30.0
_PR_SET_PDEATHSIG = 1


class ServerProcess:
    """One run of `postgres` on the data of a home, heard on a socket in `home.sockets`."""

    def __init__(self, home: Home, account: Account, program: Path) -> None:
        self._home = home
        self._account = account
        self._command = [str(program), "-D", str(home.data)]
        self._log_start = 0
        self._child: subprocess.Popen[bytes] | None = None

    def start(self, settings: Iterable[str]) -> None:
        """Start and wait until it answers. Raises EmbeddedError with the server's last words."""
        log = self._open_log()
        try:
            self._log_start = os.lseek(log, 0, os.SEEK_END)
            self._child = self._spawn([*self._command, *settings], log)
        finally:
            os.close(log)
        self._wait_until_ready(self._child)

    def end(self) -> None:
        """Fast shutdown, and a hard one when that takes too long. Harmless to repeat."""
        if self._child is None:
            return
        for deed in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            self._child.send_signal(deed)
            try:
                self._child.wait(_STOP_SECONDS)
                break
            except subprocess.TimeoutExpired:
                continue
        self._child = None

    def _open_log(self) -> int:
        path = self._home.path / _LOG
        too_long = path.exists() and path.stat().st_size > _LOG_BYTES
        return self._home.open_private(
            _LOG, os.O_WRONLY | os.O_APPEND | (os.O_TRUNC if too_long else 0)
        )

    def _spawn(self, command: list[str], log: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            cwd="/",
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for us: we stop it after our last request
            preexec_fn=_follow_parent(),
            **self._account.identity,
        )

    def _wait_until_ready(self, child: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not self._ready(child.pid):
            if child.poll() is not None or time.monotonic() > deadline:
                raise EmbeddedError(f"PostgreSQL did not start: {self._last_words()}")
            time.sleep(0.004)

    def _ready(self, pid: int) -> bool:
        """The socket exists, so the pid file is this run's; its eighth line is the status."""
        assert self._home.sockets is not None
        if not (self._home.sockets / f".s.PGSQL.{PORT}").exists():
            return False
        lines = (self._home.data / "postmaster.pid").read_text().splitlines()
        return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"

    def _last_words(self) -> str:
        path = self._home.path / _LOG
        with path.open(encoding="utf-8", errors="replace") as file:
            file.seek(self._log_start)
            lines = file.read().splitlines()
        grave = [line for line in lines if "FATAL:" in line or "PANIC:" in line] or lines
        return f"{grave[-1] if grave else 'no answer in time'} (see {path})"


def _follow_parent() -> Callable[[], None] | None:
    """For the child to run before `postgres`: be sent SIGINT (fast shutdown) when we die."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    parent = os.getpid()

    def follow() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGINT), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return follow
