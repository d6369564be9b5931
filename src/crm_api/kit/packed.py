"""Answers packed for those who can unpack them, at no price for the others."""

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

LEVEL = 1  # level 9 makes a page of 50 customers a tenth smaller in almost three times the time
SMALLEST = 1_400  # what fits into one packet does not travel faster when it is smaller
VARY = (b"vary", b"Accept-Encoding")


class Packed:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.packing = GZipMiddleware(app, minimum_size=SMALLEST, compresslevel=LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not _unpacks(scope):
            scope["answer_headers"].append(VARY)
            return await self.app(scope, receive, send)
        await self.packing(scope, receive, send)


def _unpacks(scope: Scope) -> bool:
    return any(name == b"accept-encoding" and b"gzip" in value for name, value in scope["headers"])
