"""The service a route is given, for callers that hold the scopes it needs."""

from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import Request, Security
from fastapi.security import HTTPBearer
from starlette.requests import HTTPConnection

from .context import Context
from .covering import only_read
from .scopes import require

S = TypeVar("S")


class Provide(HTTPBearer):
    """A route parameter: a service, for a caller that holds `scopes`."""

    def __init__(self, service: Callable[[Context], Any], scopes: tuple[str, ...]) -> None:
        super().__init__(scheme_name="bearer", auto_error=False)
        self.service = service
        self.scopes = scopes
        self.only_reads = only_read(scopes)
        self.unmasks = any(scope.endswith(":unmask") for scope in scopes)

    async def meet(self, request: Request) -> None:
        """Where somebody is known by other means than a key or a token, it is here."""

    async def __call__(self, request: HTTPConnection) -> Any:
        ctx: Context = request.scope["ctx"]
        self.check(ctx)
        return self.service(ctx)

    def check(self, ctx: Context) -> None:
        """Raises Forbidden, which names what is missing."""
        require(ctx, *self.scopes)


def provide(service: Callable[[Context], S], *scopes: str) -> Any:
    return Security(Provide(service, scopes), scopes=scopes)
