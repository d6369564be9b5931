"""A request is one unit of work: authenticated, finished, committed, and only then answered."""

from fastapi import APIRouter, Request, Response

from .context import Actor, Context, House
from .deadline import Deadline
from .direct import DirectRoute
from .failures import told_as_problems
from .http import PageReply, Pending, Reply, link_next, unchanged, versions


class UnitRoute(DirectRoute):
    """Opens the work before the endpoint and closes it after."""

    async def respond(self, request: Request) -> Response:
        house: House = request.scope["house"]
        with told_as_problems(), Deadline(house.deadlines, request.scope):
            ctx = await _open(house, request)
            try:
                response = await super().respond(request)
                await _finish(ctx, response, request.scope["path"])
            except BaseException as error:
                await ctx.work.abandon(error)
                raise
        return _told(request, response)


async def _open(house: House, request: Request) -> Context:
    """Known, within its quotas, and not one too many at the same time."""
    scope = request.scope
    actor = scope["actor"] = scope["actor"] or await _identified(house, request)
    ctx = scope["ctx"] = Context.open(house, actor, scope["request_id"])
    await house.throttle.take(actor, scope["answer_headers"])
    scope["admission"].enter_tenant(scope, actor.tenant.id)
    if match := request.headers.getlist("if-match"):
        ctx.if_match = versions(",".join(match))
    return ctx


async def _identified(house: House, request: Request) -> Actor:
    address = request.client.host if request.client else None
    return await house.doorkeeper.actor(request.headers.getlist("authorization"), address)


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
    known = ",".join(request.headers.getlist("if-none-match"))
    if known and request.method == "GET" and unchanged(known, response):
        tag = response.headers["etag"].encode()
        return Reply(b"", 304, (b"etag", tag))
    return response


def resource(path: str, tag: str) -> APIRouter:
    """The router of one noun: `/v1/{path}`."""
    return APIRouter(prefix=f"/v1/{path}", tags=[tag], route_class=UnitRoute)
