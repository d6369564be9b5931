"""The feed as server-sent events; while nothing happens a stream holds nothing of the house."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from time import monotonic
from typing import Any

from fastapi import Depends, Request, Response
from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from pydantic import ValidationError
from starlette.types import Receive, Scope, Send

from crm_api.kit.asked import Asked
from crm_api.kit.coming_in import in_place
from crm_api.kit.context import Context
from crm_api.kit.errors import FieldError, Invalid, Problem
from crm_api.kit.failures import as_problem
from crm_api.kit.http import PRIVATE
from crm_api.kit.journal import EVENT
from crm_api.kit.said import understood
from crm_api.kit.schema import Input
from crm_api.kit.streams import hung_up
from crm_api.kit.words import say

from .repository import Told
from .service import EventService

SCOPE, AT_ONCE = "events:read", 100
LAST = "Last-Event-ID"
ALIVE_SECONDS, CHECK_SECONDS, SEND_SECONDS = 15.0, 3.0, 30.0
BEGUN = b": from here on\n\n"
HEADERS = [(b"content-type", b"text/event-stream"), PRIVATE, (b"x-accel-buffering", b"no")]


class EventStream(Response):
    """What follows a number, until the caller hangs up or is let in no more, or the server ends."""

    def __init__(self, ctx: Context, begin: int, patterns: Sequence[str]) -> None:
        self.status_code, self.background, self.raw_headers = 200, None, list(HEADERS)
        self.ctx, self.patterns = ctx, patterns
        self.streams, self.tenant = ctx.house.streams, ctx.tenant.id
        self.actor, self.sequence, self.checked = ctx.actor, begin, monotonic()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The request is over as far as its deadline and its place among the others go."""
        scope.pop("deadline", None)
        with self.streams.place(self.ctx.actor):
            scope["admission"].leave(scope)
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            if not scope.get("bodiless"):
                await _whichever_ends(self._send(send), hung_up(receive))
            await send({"type": "http.response.body", "body": b""})

    async def _send(self, send: Send) -> None:
        """Ends quietly where the caller is not let in any more, does not read, or the database is
        away: he comes again, and says where he was."""
        try:
            async for part in self._parts():
                async with asyncio.timeout(SEND_SECONDS):
                    await send({"type": "http.response.body", "body": part, "more_body": True})
        except Exception as error:
            if not isinstance(error, Problem) and as_problem(error) is None:
                raise

    async def _parts(self) -> AsyncIterator[bytes]:
        yield BEGUN
        said = monotonic()
        while not self.streams.closing:
            await self._come_in()
            head = self.streams.head(self.tenant)
            told = await self._next(head)
            if told or monotonic() >= said + ALIVE_SECONDS:
                yield b"".join(map(_framed, told)) or KEEPALIVE_COMMENT
                said = monotonic()
            if len(told) < AT_ONCE:
                await self.streams.news(self.tenant, head, CHECK_SECONDS)

    async def _come_in(self) -> None:
        """Now and then, as a new request would. Raises Unauthenticated."""
        if monotonic() < self.checked + CHECK_SECONDS:
            return
        house, said = self.ctx.house, understood(self.ctx.headers)
        actor = await house.doorkeeper.actor(said[b"authorization"])
        self.actor = await in_place(house, actor, said)
        self.checked = monotonic()

    async def _next(self, head: int) -> Sequence[Told]:
        """All up to `head` is there to be read, so it has been passed, whether seen or not."""
        if 0 < head <= self.sequence or not self.actor.may([SCOPE]):
            return ()
        ctx = Context.open(self.ctx.house, self.actor, self.ctx.request_id)
        told = await EventService(ctx).since(self.sequence, self.patterns, AT_ONCE)
        if told:
            self.sequence = told[-1].sequence
        if len(told) < AT_ONCE:
            self.sequence = max(self.sequence, head)
        return told


class AskedAgain(Asked):
    """A query whose `after` is what a browser says by itself when it comes again."""

    async def __call__(self, request: Request) -> Input:
        query = await super().__call__(request)
        sent = request.headers.getlist(LAST)
        if not sent or sent == [""]:
            return query
        try:
            return query.model_validate({**query.model_dump(), "after": ",".join(sent)})
        except ValidationError as error:
            said: FieldError = {
                "pointer": f"header:{LAST}",
                "code": "invalid",
                "message": say("Send the id of an event, as it was sent to you."),
            }
            raise Invalid(say("The stream cannot go on from there."), said) from error

    def parameters(self) -> list[dict[str, Any]]:
        about = "The last event that came; browsers send it by themselves when they reconnect."
        header = {"name": LAST, "in": "header", "required": False, "description": about}
        return [*super().parameters(), {**header, "schema": dict(self.fields["after"])}]


def asked_again(query: type[Input]) -> Any:
    """A route parameter, as `asked`."""
    return Depends(AskedAgain(query))


def _framed(event: Told) -> bytes:
    return format_sse_event(id=EVENT.write(event.id), event=event.type, data_str=event.body)


async def _whichever_ends(*works: Coroutine[Any, Any, None]) -> None:
    """The first to end ends the others; what it raises is raised."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
