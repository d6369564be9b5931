"""A PostgreSQL of our own, so that nothing has to be set up. Linux and macOS."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from .account import Account, EmbeddedError, server_account
from .binaries import Binaries, find_binaries
from .cluster import check_major, end_leftover, make_cluster
from .home import Home
from .process import PORT, ServerProcess

_SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "shared_buffers": "128MB",
    "max_connections": "60",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
_HASTY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class EmbeddedServer:
    """A PostgreSQL of our own, for as long as this process lives.

    The data stays in `home` between runs, or in /var/lib/crm-api with a pointer in `home` when we
    are root and the server's account cannot enter `home`. It listens on a Unix socket only.
    `durable=False` trades safety after a power cut for speed (tests).
    """

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self._home = Home(home)
        self._durable = durable
        self._process: ServerProcess | None = None

    @property
    def home(self) -> Path:
        return self._home.path

    @property
    def password(self) -> str:
        """The secret of this home, for every role that logs in; known from `start` on."""
        return self._home.password

    @property
    def socket(self) -> Path:
        """What answers while the server runs."""
        return Path(f"{self._home.sockets}/.s.PGSQL.{PORT}")

    def url(self, user: str, database: str) -> str:
        """A libpq URL, also good for asyncpg, and for SQLAlchemy with its own scheme in front."""
        where = f"host={self._home.sockets}&port={PORT}"
        return f"postgresql://{user}:{self.password}@/{database}?{where}"

    def start(self) -> None:
        """Make the cluster when there is none, start it, wait until it answers.

        Raises EmbeddedError, in one sentence. Only the main thread may call it: the kernel ends
        the server with the thread that started it.
        """
        if threading.current_thread() is not threading.main_thread():
            raise EmbeddedError("The embedded server must be started from the main thread.")
        if self._process is not None:
            return
        try:
            self._home.claim()
            self._launch()
        except OSError as error:
            self.stop()
            raise EmbeddedError(f"The embedded server cannot be started: {_said(error)}") from error
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Shut down fast: sessions are ended, all that was committed is kept."""
        if self._process is not None:
            self._process.end()
            self._process = None
        self._home.remove_sockets()
        self._home.release()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _launch(self) -> None:
        home = self._home
        home.recall()
        account = server_account(home.data, home.path)
        binaries = find_binaries(account)
        sockets = home.settle(account)
        if home.has_data():
            check_major(home.data, binaries)
            end_leftover(home.data)
        else:
            self._make(binaries, account, sockets)
        settings = _SETTINGS | ({} if self._durable else _HASTY)
        settings["unix_socket_directories"] = str(sockets)
        self._process = ServerProcess(home, account, binaries.program("postgres"))
        self._process.start(f"--{name}={value}" for name, value in settings.items())

    def _make(self, binaries: Binaries, account: Account, scratch: Path) -> None:
        password = scratch / "password"
        password.touch(mode=0o600)
        password.write_text(self.password)
        account.own(password)
        try:
            make_cluster(self._home.data, binaries, account, password, self._durable)
        finally:
            password.unlink()


@contextmanager
def temporary_server() -> Iterator[EmbeddedServer]:
    """A server for tests and measurements: not durable, and gone with all its data afterwards."""
    as_root = os.geteuid() == 0
    with TemporaryDirectory(prefix="crm-home-", dir="/tmp" if as_root else None) as home:
        os.chmod(home, 0o711 if as_root else 0o700)  # the server's account goes through it
        with EmbeddedServer(Path(home), durable=False) as server:
            yield server


def _said(error: OSError) -> str:
    place = f"{error.filename}: " if error.filename is not None else ""
    return f"{place}{error.strerror or error}."
