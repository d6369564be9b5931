"""An HTTP protocol that does not wait for ever for a request to begin."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADER_SECONDS = 15.0
MAX_HEAD = 262_144


class PatientProtocol(HttpToolsProtocol):
    """Closes a connection whose headers are not complete within seconds (slowloris), or that
    sends more of them than anybody should keep; `kit.guard` refuses in words what is less."""

    _deadline: asyncio.TimerHandle | None = None
    _head: int | None = None

    def data_received(self, data: bytes) -> None:
        if self._deadline is None and (self.cycle is None or self.cycle.response_complete):
            self._deadline = self.loop.call_later(HEADER_SECONDS, self._give_up)
        super().data_received(data)
        if self._head is not None:
            self._head += len(data)
            if self._head > MAX_HEAD:
                self._give_up()

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._deadline = self.loop.call_later(HEADER_SECONDS, self._give_up)

    def on_message_begin(self) -> None:
        self._head = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._head = None
        self._rest()
        super().on_headers_complete()

    def on_chunk_header(self) -> None:
        """Trailers may follow the last chunk: they are measured, and never become headers."""
        self._head, self.headers = 0, []

    def on_body(self, body: bytes) -> None:
        self._head = None
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._head = None
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._rest()
        super().connection_lost(exc)

    def _rest(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()
