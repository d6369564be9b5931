"""A write under an `Idempotency-Key`: the first one is done, the others are told of it."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Request, Response
from pydantic_core import from_json, to_json

from .accepted import WAIT
from .context import Context
from .errors import Forbidden, Gone, Problem, Unauthenticated
from .http import Pending, Reply, versioned, with_shown
from .idempotency import ONE, Once, fingerprint, kept, key_of
from .ruled import tag
from .sealing import seal, unseal
from .words import say
from .work import UnitOfWork

REPLAYED = (b"idempotent-replayed", b"true")
Run = Callable[[], Awaitable[Response]]
Authorise = Callable[[Context], None]


async def once_of(
    ctx: Context, request: Request, operation: str, keys: list[str], *, alone: bool
) -> Once:
    """An answer that is for its caller `alone` is replayed to nobody else; nor is what somebody was
    answered who does not see all. Raises IdempotencyKeyInvalid."""
    key, scope, upload = key_of(keys), request.scope, request.scope["route"].upload
    body = f"sha256:{(await upload(request)).digest}".encode() if upload else await request.body()
    asked = fingerprint(scope["path"], scope["query_string"], body, _whose(ctx, alone=alone))
    return Once(operation, key, asked, "" if alone else tag(ctx.actor.masks))


def _whose(ctx: Context, *, alone: bool) -> str:
    actor, hides = ctx.actor, tag(ctx.actor.masks)
    if not alone and not actor.reach.is_limited:
        return hides
    return f"{actor.id if alone else ''} {actor.user_id} {ctx.unit} {hides}".rstrip()


async def done_once(ctx: Context, once: Once, authorise: Authorise, run: Run) -> Response:
    """What `run` answers, or what it has answered before.

    A repetition is authorised like any request. Who repeats while the first is running waits
    here, without a connection. Problems are not kept: the request may be sent again.
    """
    name = ctx.work.transaction.turn = f"{ctx.tenant.id} {once.operation} {once.key}"
    async with ctx.house.repeats.take(name) as waited:
        if waited and (known := await _recalled(ctx, once, authorise)):
            return known
        try:
            return await run()
        except (Unauthenticated, Forbidden):
            raise
        except Problem:
            if known := await _recalled(ctx, once, authorise):
                return known
            raise


async def _recalled(ctx: Context, once: Once, authorise: Authorise) -> Response | None:
    authorise(ctx)
    asked = {"operation": once.operation, "key": once.key}
    found = await UnitOfWork(ctx.house.pool, ctx.tenant.id).fetch(ONE, asked)
    if found is None:
        return None
    known = from_json(found)
    once.expect(known["fingerprint"])
    return _replayed(ctx, once, known)


def _replayed(ctx: Context, once: Once, known: dict[str, Any]) -> Response:
    body = known["body"]
    if body is None:
        raise Gone(say("What this request was answered with has been erased."))
    version = known["version"]
    told = [] if version is None else versioned(version, known["location"], once.variant)
    shown = _opened(ctx, known)
    content = with_shown(shown, body) if shown else body.encode()
    later = [WAIT] if known["status"] == 202 else []
    return Reply(content, known["status"], *told, *later, REPLAYED)


def answer_to_keep(ctx: Context, once: Once, response: Response, path: str) -> dict[str, Any]:
    """A row of `KeptAnswer`; the document of a record joins it as the work commits."""
    told = (
        _told(ctx, once, response, path)
        if isinstance(response, Pending)
        else {"body": bytes(response.body).decode()}
    )
    return kept(once, ctx.house.clock.now(), response.status_code, **told)


def _told(ctx: Context, once: Once, answer: Pending, path: str) -> dict[str, Any]:
    shown = to_json(answer.shown).decode() if answer.shown else None
    return {
        "body": None if answer.written else "",
        "location": answer.place(path),
        "sealed": shown and seal(ctx.house.secret, shown, _place(ctx, once.key)),
    }


def _opened(ctx: Context, known: dict[str, Any]) -> dict[str, str]:
    """What was shown once, for those who ask for the same once more."""
    if known["sealed"] is None:
        return {}
    text = unseal(ctx.house.secret, known["sealed"], _place(ctx, known["key"]))
    if text is None:
        raise Gone(
            say("The server's secret has changed: what was shown once cannot be shown again.")
        )
    opened: dict[str, str] = from_json(text)
    return opened


def _place(ctx: Context, key: str) -> str:
    return f"{ctx.tenant.id} {key}"
