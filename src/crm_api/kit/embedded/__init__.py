"""A PostgreSQL of our own, so that nothing has to be set up."""

from .account import EmbeddedError
from .cluster import OWNER
from .server import EmbeddedServer, temporary_server

__all__ = ["OWNER", "EmbeddedError", "EmbeddedServer", "temporary_server"]
