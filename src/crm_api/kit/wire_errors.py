"""What may be wrong with a request before anybody asks what it means."""

from collections.abc import Iterable
from typing import Any

from .errors import BadRequest, FieldError, Problem
from .words import Words, say


class IdempotencyKeyRequired(BadRequest):
    code = "idempotency-key-required"


class IdempotencyKeyInvalid(BadRequest):
    code = "idempotency-key-invalid"

    def __init__(self, detail: Words) -> None:
        pointer = "header:Idempotency-Key"
        super().__init__(detail, {"pointer": pointer, "code": "invalid", "message": detail})


class IdempotencyKeyReused(Problem):
    status, code = 422, "idempotency-key-reused"


class MethodNotAllowed(Problem):
    status, code = 405, "method-not-allowed"

    def __init__(self, allowed: Iterable[str]) -> None:
        listed = ", ".join(sorted(allowed))
        super().__init__(
            say("This path answers {methods}.", methods=listed), headers={"Allow": listed}
        )


class RequestTimeout(Problem):
    status, code = 408, "request-timeout"


class PayloadTooLarge(Problem):
    status, code = 413, "payload-too-large"


class UriTooLong(Problem):
    status, code = 414, "uri-too-long"


class UnsupportedMediaType(Problem):
    status, code = 415, "unsupported-media-type"


class HeadersTooLarge(Problem):
    status, code = 431, "headers-too-large"


class FileRejected(Problem):
    """A file that cannot be read as what it should be: nothing of it is taken."""

    status, code = 422, "file-rejected"

    def __init__(self, code: str, message: Words, **params: Any) -> None:
        error: FieldError = {"pointer": "", "code": code, "message": message}
        if params:
            error["params"] = params
        super().__init__(say("The file cannot be read, so nothing of it was taken."), error)
