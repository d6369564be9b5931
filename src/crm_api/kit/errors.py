"""What may go wrong, in the words of the API. Status codes live here and nowhere else."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, TypedDict


class FieldError(TypedDict, total=False):
    """One mistake: where (`/name`, `?limit`, `header:If-Match`), which, and in words."""

    pointer: str
    code: str
    message: str
    params: Mapping[str, Any]


class Problem(Exception):
    """An expected failure; `kit.problems` renders it as RFC 9457 problem+json.

    `extra` adds members to the document, `headers` adds headers to the answer.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"

    def __init__(
        self,
        detail: str,
        *errors: FieldError,
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = errors
        self.headers = headers or {}
        self.extra = extra


class BadRequest(Problem):
    status, code = 400, "bad-request"


class MalformedJson(BadRequest):
    code = "malformed-json"


class InvalidCursor(BadRequest):
    code = "invalid-cursor"


class Unauthenticated(Problem):
    status, code = 401, "unauthorized"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"})


class Forbidden(Problem):
    status, code = 403, "forbidden"


class NotFound(Problem):
    status, code = 404, "not-found"


class MethodNotAllowed(Problem):
    status, code = 405, "method-not-allowed"

    def __init__(self, allowed: Iterable[str]) -> None:
        listed = ", ".join(sorted(allowed))
        super().__init__(f"This path answers {listed}.", headers={"Allow": listed})


class RequestTimeout(Problem):
    status, code = 408, "request-timeout"


class Conflict(Problem):
    status, code = 409, "conflict"


class DuplicateValue(Conflict):
    code = "duplicate-value"


class InvalidTransition(Conflict):
    code = "invalid-transition"


class PreconditionFailed(Problem):
    status, code = 412, "precondition-failed"


class PayloadTooLarge(Problem):
    status, code = 413, "payload-too-large"


class UriTooLong(Problem):
    status, code = 414, "uri-too-long"


class UnsupportedMediaType(Problem):
    status, code = 415, "unsupported-media-type"


class Invalid(Problem):
    status, code = 422, "validation-failed"


class UnknownReference(Invalid):
    code = "unknown-reference"


class PreconditionRequired(Problem):
    status, code = 428, "precondition-required"


class RateLimited(Problem):
    """`policies` are the quotas that are used up; the last of them begins anew in `seconds`."""

    status, code = 429, "rate-limited"

    def __init__(self, detail: str, *policies: str, seconds: int) -> None:
        violated = {"violated-policies": list(policies)}
        super().__init__(detail, headers={"Retry-After": str(seconds)}, **violated)


class HeadersTooLarge(Problem):
    status, code = 431, "headers-too-large"


class Internal(Problem):
    """A defect of ours; the log has the trace under the request's id."""


class Unavailable(Problem):
    status, code = 503, "unavailable"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"Retry-After": "1"})
