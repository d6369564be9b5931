"""A fixed number of requests from one thread over a few connections, for counting processor time.

All connections ask, then all are read, and again: the load is the same for every stack, however
fast it is, and costs little itself.
"""

import random
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from typing import BinaryIO
from uuid import uuid4

from .load import BODY
from .world import World

LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
numbers = count(1)
Line = tuple[socket.socket, BinaryIO]


def burst(
    port: int, world: World, kind: str, connections: int, rounds: int, header: str = ""
) -> float:
    """Requests a second, of `rounds` on each connection. Raises RuntimeError where one fails."""
    make = _requests(world, f"Authorization: Bearer {world.key}\r\nHost: bench\r\n{header}")[kind]
    with ExitStack() as open:
        lines = [_line(port, open) for _ in range(connections)]
        begun = time.perf_counter()
        for _ in range(rounds):
            for line, _ in lines:
                line.sendall(make())
            for _, answers in lines:
                _read(answers)
    return rounds * connections / (time.perf_counter() - begun)


def _line(port: int, open: ExitStack) -> Line:
    line = open.enter_context(socket.create_connection(("127.0.0.1", port)))
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return line, open.enter_context(line.makefile("rb"))


def _requests(world: World, headers: str) -> dict[str, Callable[[], bytes]]:
    page = f"GET /v1/customers?cursor={world.cursor()} HTTP/1.1\r\n{headers}\r\n".encode()

    def get() -> bytes:
        id = random.choice(world.ids)
        return f"GET /v1/customers/{id} HTTP/1.1\r\n{headers}\r\n".encode()

    def create() -> bytes:
        body = (BODY % next(numbers)).encode()
        kind = f"Content-Type: application/json\r\nContent-Length: {len(body)}"
        said = headers.replace("{fresh}", uuid4().hex)
        return f"POST /v1/customers HTTP/1.1\r\n{said}{kind}\r\n\r\n".encode() + body

    return {"get": get, "list": lambda: page, "create": create}


def _read(answers: BinaryIO) -> None:
    head = b"".join(_head(answers))
    length = LENGTH.search(head)
    if not head.startswith(b"HTTP/1.1 20"):
        raise RuntimeError(head.decode())
    if length is None:
        while size := int(answers.readline(), 16):
            answers.read(size + 2)
        answers.readline()
    else:
        answers.read(int(length[1]))


def _head(answers: BinaryIO) -> Iterator[bytes]:
    while (line := answers.readline()) != b"\r\n":
        if not line:
            raise RuntimeError("The server has closed the connection.")
        yield line
