"""A receiver of webhooks in a process of its own: it takes everything, or never answers `/hang`."""

import asyncio
import json
import re
import sys
import time

OK = b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
OBJECT = re.compile(rb'"object_id":"([a-z0-9_]+)"')


class Receiver(asyncio.Protocol):
    """`came` is when the events of each record did; times are of this machine."""

    came: dict[str, list[float]] = {}
    hanging = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.waiting = transport, b""

    def data_received(self, data: bytes) -> None:
        self.waiting += data
        while (end := self.waiting.find(b"\r\n\r\n")) >= 0:
            head = self.waiting[:end]
            length = int(found[1]) if (found := LENGTH.search(head)) else 0
            if len(self.waiting) < end + 4 + length:
                return
            body, self.waiting = (
                self.waiting[end + 4 : end + 4 + length],
                self.waiting[end + 4 + length :],
            )
            self._answer(head, body)

    def _answer(self, head: bytes, body: bytes) -> None:
        if head.startswith(b"GET"):
            told = json.dumps({"came": Receiver.came, "hanging": Receiver.hanging}).encode()
            length = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(told)
            self.transport.write(length + told)
        elif b" /hang" in head[:20]:
            Receiver.hanging += 1
        else:
            if found := OBJECT.search(body):
                Receiver.came.setdefault(found[1].decode(), []).append(time.time())
            self.transport.write(OK)


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Receiver, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
