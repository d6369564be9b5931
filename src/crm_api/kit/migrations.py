"""The database's own version: where revisions lie, which is the newest, how to get there."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

HERE = Path(__file__).resolve()
PLACES = (HERE.parents[3] / "migrations", HERE.parents[1] / "_migrations")


def config(url: str = "") -> Config:
    """Alembic's configuration for the revisions that came with this code."""
    found = Config(attributes={"url": url})
    found.set_main_option("script_location", str(next(p for p in PLACES if p.is_dir())))
    return found


@cache
def head() -> str:
    newest = ScriptDirectory.from_config(config()).get_current_head()
    assert newest is not None
    return newest


@cache
def behind() -> frozenset[str | None]:
    """Revisions that are too old for this code. One that it does not know is of a later release,
    which keeps to what this one needs: expand first, contract later."""
    known = ScriptDirectory.from_config(config()).walk_revisions()
    return frozenset({None, *(script.revision for script in known)} - {head()})


def upgrade(url: str) -> None:
    """Bring the database to the newest revision; needs a role that may create roles."""
    command.upgrade(config(url), "head")
