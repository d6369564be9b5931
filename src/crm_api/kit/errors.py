"""What may go wrong, in the words of the API. Status codes live here and nowhere else."""

from collections.abc import Mapping
from typing import Any, ClassVar, TypedDict

from .words import Words, say

NO_RECORD = say("There is no such record.")


class FieldError(TypedDict, total=False):
    """One mistake: where (`/name`, `?limit`, `header:If-Match`), which, and in words."""

    pointer: str
    code: str
    message: Words
    params: Mapping[str, Any]


class Problem(Exception):
    """An expected failure; `kit.problems` renders it as RFC 9457 problem+json.

    `extra` adds members to the document, `headers` adds headers to the answer.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"

    def __init__(
        self,
        detail: Words,
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

    def __init__(self, detail: Words) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"})


class Forbidden(Problem):
    status, code = 403, "forbidden"


class OutOfReach(Forbidden):
    """A record that one sees, and may not change."""

    def __init__(self) -> None:
        super().__init__(say("Your roles let you read this record, and not change it."))


class NotFound(Problem):
    status, code = 404, "not-found"

    def __init__(self, detail: Words = NO_RECORD) -> None:
        super().__init__(detail)


class Conflict(Problem):
    status, code = 409, "conflict"


class Archived(Conflict):
    """An archived record is read, and restored before it is changed."""

    def __init__(self) -> None:
        super().__init__(say("This record is archived: restore it before you change it."))


class DuplicateValue(Conflict):
    code = "duplicate-value"


class InvalidTransition(Conflict):
    code = "invalid-transition"


class RequestInProgress(Conflict):
    code = "request-in-progress"

    def __init__(self, detail: Words) -> None:
        super().__init__(detail, headers={"Retry-After": "1"})


class Gone(Problem):
    status, code = 410, "gone"


class PreconditionFailed(Problem):
    status, code = 412, "precondition-failed"


class Invalid(Problem):
    status, code = 422, "validation-failed"


class UnknownReference(Invalid):
    """By the places of the references, such as `/parent_id`."""

    code = "unknown-reference"

    def __init__(self, *places: str, message: Words = NO_RECORD) -> None:
        wrong = (FieldError(pointer=p, code="unknown_reference", message=message) for p in places)
        super().__init__(say("The request refers to a record that is not there."), *wrong)


class PreconditionRequired(Problem):
    status, code = 428, "precondition-required"


class RateLimited(Problem):
    """`policies` are the quotas that are used up; the last of them begins anew in `seconds`."""

    status, code = 429, "rate-limited"

    def __init__(self, detail: Words, *policies: str, seconds: int) -> None:
        violated = {"violated-policies": list(policies)}
        super().__init__(detail, headers={"Retry-After": str(seconds)}, **violated)


class Internal(Problem):
    """A defect of ours; the log has the trace under the request's id."""


class Unavailable(Problem):
    status, code = 503, "unavailable"

    def __init__(self, detail: Words) -> None:
        super().__init__(detail, headers={"Retry-After": "1"})
