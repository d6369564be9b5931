"""Processes of uvicorn at ports of their own, killed and started again."""

import socket
from contextlib import suppress
from multiprocessing.process import BaseProcess
from pathlib import Path

from .processes import begin, ended, until
from .product import serve


class Server:
    def __init__(self, url: str, log: Path, flaw: str = "") -> None:
        self.port = _free_port()
        self.given = (self.port, url, log, flaw)
        self.process: BaseProcess | None = None

    async def start(self) -> None:
        self.process = begin(serve, *self.given)
        await until(self._listens, f"{self.port} does not answer")

    async def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        await self.over()

    async def over(self) -> None:
        assert self.process is not None
        await ended(self.process)

    async def again(self) -> None:
        await self.kill()
        await self.start()

    def lives(self) -> bool:
        return self.process is not None and self.process.is_alive()

    def _listens(self) -> bool:
        """It listens when all is ready. Raises RuntimeError where it has died instead."""
        if not self.lives():
            raise RuntimeError(f"The server has died: see {self.given[2]}")
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
        return port
