"""The operating-system account of the embedded server: PostgreSQL refuses to run as root."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_KEPT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


class EmbeddedError(RuntimeError):
    """The embedded server cannot be had; the text says in one sentence why and what to do."""


def environment() -> dict[str, str]:
    """What a PostgreSQL program sees: none of our secrets and no PGPORT, messages in English."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {"PATH": os.defpath, **kept, "LC_ALL": "C"}


@dataclass(frozen=True)
class Account:
    """A user and group id."""

    uid: int
    gid: int

    @property
    def identity(self) -> dict[str, Any]:
        """The options of `subprocess` that make a child run as this account."""
        if self.uid == os.geteuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a program as this account. Raises OSError when it may not or cannot be executed."""
        return subprocess.run(
            command,
            cwd="/",
            env=environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            **self.identity,
        )

    def can_enter(self, directory: Path) -> bool:
        return self.run("test", "-x", directory).returncode == 0

    def own(self, path: Path) -> None:
        """Give the path to this account, where we are able to."""
        if self.identity:
            os.chown(path, self.uid, self.gid)


def server_account(*places: Path) -> Account:
    """Ourselves; as root the owner of the first place that is not root's, else postgres, nobody."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    for place in places:
        if place.exists() and place.stat().st_uid != 0:
            return Account(place.stat().st_uid, place.stat().st_gid)
    return _system_account()


def _system_account() -> Account:
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise EmbeddedError(
        "PostgreSQL does not run as root: start crm-api as another user, or add a user 'postgres'."
    )
