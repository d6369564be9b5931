"""The outermost layer, pure ASGI: what every answer carries, whatever became of the request."""

import logging
import time

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .cors import allow_origin, answer_preflight, is_preflight
from .errors import Internal, Problem
from .ids import uuid7
from .metrics import Answered, Metrics
from .problems import problem_response
from .spent import SPENT, Spent
from .tracing import name_span, trace_id, traced
from .words import say

log = structlog.get_logger("crm_api.requests")


class Edge:
    """Names the request, answers preflights, adds the headers that others leave in the scope,
    turns what nobody foresaw into a 500 that tells nothing, and logs the whole without bodies,
    queries or other personal data."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        scope["request_id"] = request_id = f"req_{uuid7().hex}"
        exchange = Exchange(scope, send, request_id, self.metrics)
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

    def __init__(self, scope: Scope, send: Send, request_id: str, metrics: Metrics) -> None:
        self.scope, self._send, self.metrics = scope, send, metrics
        self.headers = scope["answer_headers"] = [(b"request-id", request_id.encode())]
        self.begun = time.perf_counter()
        self.spent = Spent(scope, traced(scope))
        SPENT.set(self.spent)
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            allow_origin(self.found, self.status)
            message["headers"] = [*message["headers"], *self.headers]
            self.note("answered")
        await self._send(message)

    async def fail(self, error: Exception, receive: Receive) -> None:
        """A defect is logged with its trace and answered with its request's id."""
        if not isinstance(error, Problem):
            log.error("failed", request_id=self.scope["request_id"], exc_info=error)
            error = Internal(say("This is a defect of the server. Its log has the details."))
        if not self.status:
            await problem_response(self.scope, error)(self.scope, receive, self.send)

    @property
    def found(self) -> Scope:
        """Where the inside has left its route and its caller; a HEAD is a GET there."""
        inside: Scope = self.scope.get("as_get", self.scope)
        return inside

    def note(self, event: str) -> None:
        seconds, route = time.perf_counter() - self.begun, self.found.get("route")
        path: str | None = getattr(route, "path_format", None)
        request = (path, self.scope["method"], self.status)
        if self.spent.traced:
            name_span(self.scope["method"], path)
        self.metrics.answered(request, seconds, self.spent.seconds)
        if log.is_enabled_for(logging.INFO):
            self._log(event, request, seconds)

    def _log(self, event: str, request: Answered, seconds: float) -> None:
        actor = self.found.get("actor")
        log.info(
            event,
            request_id=self.scope["request_id"],
            method=request[1],
            route=request[0],
            status=self.status,
            milliseconds=round(seconds * 1000, 1),
            database_ms=round(self.spent.seconds * 1000, 1),
            statements=self.spent.statements,
            tenant=str(actor.tenant.id) if actor else None,
            actor=str(actor.id) if actor else None,
            trace=trace_id(self.scope),
        )
