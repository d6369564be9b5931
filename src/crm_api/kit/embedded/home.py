"""What a home directory remembers about its embedded server, and who holds it."""

import fcntl
import json
import os
import secrets
import shutil
import tempfile
from pathlib import Path

from . import binaries
from .account import Account, EmbeddedError

_LONGEST_SOCKET_DIRECTORY = 80
"""The kernel takes 103 (macOS) or 107 bytes for `<directory>/.s.PGSQL.5432`."""


class Home:
    """`pg.json` (password, place of the data), `pg.lock`, `pg.log` and `pg/` in one directory."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.password = ""
        self.data = self.path / "pg"
        self.sockets: Path | None = None
        self._lock: int | None = None

    def claim(self) -> None:
        """Hold the home until `release` or our end. Raises EmbeddedError when it is held."""
        self.path.mkdir(parents=True, exist_ok=True)
        self._lock = self.open_private("pg.lock", os.O_RDWR)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            raise EmbeddedError(
                f"crm-api is already running on {self.path}: stop it, or choose another home."
            ) from None

    def release(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def open_private(self, name: str, flags: int) -> int:
        """A file that only its owner reads; in a user's home it is that user's, even for root."""
        descriptor = os.open(self.path / name, flags | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if os.geteuid() == 0:
            owner = self.path.stat()
            os.fchown(descriptor, owner.st_uid, owner.st_gid)
        return descriptor

    def recall(self) -> None:
        """Read `pg.json`, or make a new password. Raises EmbeddedError when the file is gone."""
        notes = self.path / "pg.json"
        if notes.exists():
            read = json.loads(notes.read_text())
            self.password, self.data = read["password"], Path(read["data"])
            shutil.rmtree(read["sockets"], ignore_errors=True)  # left by one that was killed
        elif self.has_data():
            raise EmbeddedError(
                f"{self.data} has lost its password file {notes}: put it back from a backup,"
                f" or move {self.data} away to begin anew."
            )
        else:
            self.password = secrets.token_urlsafe(24)

    def has_data(self) -> bool:
        return (self.data / "PG_VERSION").exists()

    def settle(self, account: Account) -> Path:
        """Settle where data and sockets are, and write it down; gives the directory of sockets."""
        if not self.has_data() and not account.can_enter(self.path):
            binaries.SYSTEM.mkdir(parents=True, exist_ok=True)
            self.data = binaries.SYSTEM / f"pg-{secrets.token_hex(8)}"
        self.sockets = _socket_directory(account)
        self._write_down()
        return self.sockets

    def _write_down(self) -> None:
        notes = {"password": self.password, "data": str(self.data), "sockets": str(self.sockets)}
        with os.fdopen(self.open_private("pg.json.new", os.O_WRONLY | os.O_TRUNC), "w") as file:
            json.dump(notes, file)
        (self.path / "pg.json.new").replace(self.path / "pg.json")

    def remove_sockets(self) -> None:
        if self.sockets is not None:
            shutil.rmtree(self.sockets, ignore_errors=True)
            self.sockets = None


def _socket_directory(account: Account) -> Path:
    for parent in dict.fromkeys((tempfile.gettempdir(), "/tmp", "/var/tmp")):
        if len(parent) < _LONGEST_SOCKET_DIRECTORY and account.can_enter(Path(parent)):
            made = Path(tempfile.mkdtemp(prefix="crm-", dir=parent))
            account.own(made)
            return made
    raise EmbeddedError("No directory for the server's socket: make /tmp a directory to write in.")
