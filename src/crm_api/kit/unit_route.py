"""A request is one unit of work: authenticated, finished, committed, and only then answered."""

from collections.abc import Iterable

from fastapi import APIRouter, Request, Response

from .context import Context, House
from .direct import DirectRoute
from .failures import told_as_problems
from .http import PageReply, Pending, Reply, link_next, unchanged, versions

UNDERSTOOD = frozenset((b"authorization", b"if-match", b"if-none-match"))


class UnitRoute(DirectRoute):
    """Opens the work before the endpoint and closes it after."""

    async def respond(self, request: Request) -> Response:
        with told_as_problems():
            ctx = await _open(request)
            try:
                response = await super().respond(request)
                await _finish(ctx, response, request.scope["path"])
            except BaseException as error:
                await ctx.work.abandon(error)
                raise
        return _told(request, response)


async def _open(request: Request) -> Context:
    scope = request.scope
    said = scope["said"] = _said(scope["headers"])
    house: House = scope["app"].state.house
    actor = await house.doorkeeper.actor(said.get(b"authorization", ()))
    ctx = scope["ctx"] = Context.open(house, actor, scope["request_id"])
    if match := said.get(b"if-match"):
        ctx.if_match = versions(",".join(match))
    return ctx


def _said(headers: Iterable[tuple[bytes, bytes]]) -> dict[bytes, list[str]]:
    """The headers that every operation understands, in one pass."""
    said: dict[bytes, list[str]] = {}
    for name, value in headers:
        if name in UNDERSTOOD:
            said.setdefault(name, []).append(value.decode("latin-1"))
    return said


async def _finish(ctx: Context, response: Response, path: str) -> None:
    """Let the handlers speak, then commit and read the answer. After a mere read: nothing."""
    await ctx.house.subscriptions.dispatch(ctx)
    if isinstance(response, Pending):
        answer = await ctx.work.commit(response.written)
        if answer:
            response.fill(*answer, path)
    else:
        await ctx.work.commit()


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
