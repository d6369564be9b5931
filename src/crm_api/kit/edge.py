"""The outermost layer, pure ASGI: what every answer carries, whatever became of the request."""

import logging
import time

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .cors import allow_origin, answer_preflight, is_preflight
from .errors import Internal, Problem
from .ids import uuid7
from .problems import problem_response

log = structlog.get_logger("crm_api.requests")


class Edge:
    """Names the request, answers preflights, adds the headers that others leave in the scope,
    turns what nobody foresaw into a 500 that tells nothing, and logs the whole without bodies,
    queries or other personal data."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        scope["request_id"] = request_id = f"req_{uuid7().hex}"
        exchange = Exchange(scope, send, request_id)
        if is_preflight(scope):
            return await answer_preflight(scope, receive, exchange.send)
        try:
            await self.app(scope, receive, exchange.send)
        except ClientDisconnect:
            exchange.note("abandoned")
        except Exception as error:
            await exchange.fail(error, receive)


class Exchange:
    """One request and what is sent in answer to it."""

    def __init__(self, scope: Scope, send: Send, request_id: str) -> None:
        self.scope, self._send = scope, send
        self.headers = scope["answer_headers"] = [(b"request-id", request_id.encode())]
        self.begun = time.perf_counter()
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            allow_origin(self.scope, self.status)
            message["headers"] = [*message["headers"], *self.headers]
            self.note("answered")
        await self._send(message)

    async def fail(self, error: Exception, receive: Receive) -> None:
        """A defect is logged with its trace and answered with its request's id."""
        if not isinstance(error, Problem):
            log.error("failed", request_id=self.scope["request_id"], exc_info=error)
            error = Internal("This is a defect of the server. Its log has the details.")
        if not self.status:
            await problem_response(self.scope, error)(self.scope, receive, self.send)

    def note(self, event: str) -> None:
        if not log.is_enabled_for(logging.INFO):
            return
        ctx, route = self.scope.get("ctx"), self.scope.get("route")
        log.info(
            event,
            request_id=self.scope["request_id"],
            method=self.scope["method"],
            route=getattr(route, "path", None),
            status=self.status,
            milliseconds=round((time.perf_counter() - self.begun) * 1000, 1),
            tenant=str(ctx.tenant.id) if ctx else None,
            actor=str(ctx.actor.id) if ctx else None,
        )
