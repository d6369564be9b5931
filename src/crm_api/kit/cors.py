"""Cross-origin calls: each tenant says which front ends may read its answers.

A preflight carries no key, so it cannot know the tenant: any origin may ask, and the answer to
the call itself names the origin only where the key's tenant allows it. Bearer keys are never
sent by a browser on its own, so nothing is won by a page that holds none. What is refused before
the key is known (401, 404, 405, ...) may be read by all: it holds nothing of anybody.
"""

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from .said import sent

EXPOSED = (
    b"ETag, Link, Location, Request-Id, RateLimit, RateLimit-Policy, Retry-After, "
    b"Idempotent-Replayed, Crm-Dry-Run, Crm-Dry-Run-Events"
)
SENDABLE = (
    "Authorization, Content-Type, If-Match, If-None-Match, Accept-Language, Idempotency-Key, "
    "Crm-Dry-Run, Crm-Business-Unit"
)
METHODS = "GET, HEAD, POST, PATCH, DELETE"


def is_preflight(scope: Scope) -> bool:
    return scope["method"] == "OPTIONS" and (
        len(sent(scope, b"origin")) > 0 and len(sent(scope, b"access-control-request-method")) > 0
    )


async def answer_preflight(scope: Scope, receive: Receive, send: Send) -> None:
    headers = {
        "Access-Control-Allow-Methods": METHODS,
        "Access-Control-Allow-Headers": SENDABLE,
        "Access-Control-Max-Age": "600",
    }
    await Response(status_code=204, headers=headers)(scope, receive, send)


def allow_origin(scope: Scope, status: int) -> None:
    """Leaves the CORS headers of an answer in the scope."""
    origins = sent(scope, b"origin")
    if not origins:
        return
    origin = origins[0]
    scope["answer_headers"].append((b"vary", b"Origin"))
    ctx = scope.get("ctx")
    if ctx is None or origin.decode("latin-1") in ctx.tenant.allowed_origins:
        scope["answer_headers"] += [
            (b"access-control-allow-origin", origin),
            (b"access-control-expose-headers", EXPOSED),
        ]
