"""A request is one unit of work: authenticated, finished, committed, and only then answered."""

from collections.abc import Callable
from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response

from .coming_in import came_in
from .conflicts import say_yours
from .context import Context, House
from .deadline import Deadline
from .direct import DirectRoute
from .duplicates import name_the_other
from .errors import DuplicateValue, PreconditionFailed
from .failures import told_as_problems
from .http import PageReply, Pending, Reply, link_next, unchanged
from .provide import Provide
from .repeats import answer_to_keep, done_once, once_of
from .ruled import tag
from .said import is_dry
from .wire_errors import IdempotencyKeyRequired
from .words import say

NOT_TWICE = {"x-idempotency-key": "required"}
"""`openapi_extra` of an operation that must not happen twice by accident."""
SEEN = {"x-if-match": "required", "x-problems": ["428"]}
"""`openapi_extra` of one that takes a record only as it was seen: see `Context.expect`."""
WHATEVER_VERSION = {"x-if-match": "ignored"}
"""`openapi_extra` of one that adds to a record however it has changed since."""


class UnitRoute(DirectRoute):
    """Opens the work before the endpoint and closes it after."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        self.guards = [call for _, call in self.asks if isinstance(call, Provide)]
        reads = all(ask.only_reads for ask in self.guards) and self.status_code != 202
        self.writes = "GET" not in self.verbs and not reads
        self.unmasks = any(ask.unmasks for ask in self.guards)
        self.not_twice = NOT_TWICE.items() <= (self.openapi_extra or {}).items()

    async def respond(self, request: Request) -> Response:
        house: House = request.scope["house"]
        with told_as_problems, Deadline(house.deadlines, request.scope):
            for guard in self.guards:
                await guard.meet(request)
            ctx = await came_in(house, request)
            if self.writes:
                await self._mind_repetition(ctx, request)
            run = partial(self._run, ctx, request)
            if ctx.once:
                response = await done_once(ctx, ctx.once, self._authorise, run)
            else:
                response = await run()
        return _told(request, response)

    async def _run(self, ctx: Context, request: Request) -> Response:
        try:
            with told_as_problems:
                response = await super().respond(request)
                await _finish(ctx, response, request.scope["path"])
        except BaseException as error:
            await ctx.work.abandon(error)
            await _explain(ctx, error, request)
            raise
        return response

    async def _mind_repetition(self, ctx: Context, request: Request) -> None:
        """What a caller says about a write: that it may be a repetition, or is a rehearsal."""
        said = request.scope["said"]
        ctx.dry_run = is_dry(said.get(b"crm-dry-run", ()))
        keys = said.get(b"idempotency-key")
        if keys:
            self._authorise(ctx)
            asked = await once_of(ctx, request, self.operation_id or "", keys, alone=self.unmasks)
            ctx.once = None if ctx.dry_run else asked
        elif self.not_twice:
            self._authorise(ctx)
            raise IdempotencyKeyRequired(
                say("Send an Idempotency-Key: this must not happen twice.")
            )

    def _authorise(self, ctx: Context) -> None:
        """Raises Forbidden, as the operation itself would."""
        for guard in self.guards:
            guard.check(ctx)


async def _finish(ctx: Context, response: Response, path: str) -> None:
    """Let the handlers speak, then commit and read the answer. After a mere read: nothing."""
    await ctx.house.subscriptions.dispatch(ctx)
    written = response.written if isinstance(response, Pending) else None
    masks = ctx.actor.masks
    if ctx.dry_run:
        answer = await ctx.work.rehearse(written, masked=ctx.actor.masked, masks=masks)
    else:
        keep = answer_to_keep(ctx, ctx.once, response, path) if ctx.once else None
        answer = await ctx.work.commit(written, keep, masks)
        for act in ctx.afterwards:
            act()
    if answer and isinstance(response, Pending):
        response.fill(*answer, path, tag(masks))
    if ctx.dry_run:
        response.raw_headers += _rehearsed(ctx)


async def _explain(ctx: Context, problem: BaseException, request: Request) -> None:
    if isinstance(problem, PreconditionFailed):
        say_yours(problem, await request.body())
    elif isinstance(problem, DuplicateValue):
        await name_the_other(ctx, problem)


def _rehearsed(ctx: Context) -> list[tuple[bytes, bytes]]:
    told = ", ".join(ctx.work.told).encode()
    return [(b"crm-dry-run", b"true"), (b"crm-dry-run-events", told)]


def _told(request: Request, response: Response) -> Response:
    """What the answer says beside its body: the next page, or that nothing is new."""
    if isinstance(response, PageReply) and response.next_cursor:
        response.raw_headers.append(link_next(request, response.next_cursor))
    known = ",".join(request.scope["said"].get(b"if-none-match", ()))
    if known and request.method == "GET" and unchanged(known, response):
        tag = response.headers["etag"].encode()
        return Reply(b"", 304, (b"etag", tag))
    return response


def resource(path: str, tag: str) -> APIRouter:
    """The router of one noun: `/v1/{path}`."""
    return APIRouter(prefix=f"/v1/{path}", tags=[tag], route_class=UnitRoute)
