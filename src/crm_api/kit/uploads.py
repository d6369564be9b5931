"""Files that are sent as bodies: larger than other bodies, and never in memory as a whole."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import Any

from fastapi import Depends, Request

from .bodies import media_type
from .wire_errors import UnsupportedMediaType
from .words import say

IN_MEMORY = 1_048_576
LIMIT = "x-body-limit"
"""What an operation says that takes more bytes than others."""


@dataclass(slots=True)
class Upload:
    """`charset` is as the sender names it, in lower case; `digest` is that of the bytes."""

    file: "SpooledTemporaryFile[bytes]"
    media_type: str
    charset: str
    size: int
    digest: str


class Uploaded:
    """A route parameter: the body, kept in a file until the answer is sent."""

    def __init__(self, *media_types: str) -> None:
        self.media_types = media_types

    async def __call__(self, request: Request) -> Upload:
        """The same one each time. Raises UnsupportedMediaType."""
        if "upload" not in request.scope:
            request.scope["upload"] = await self._receive(request)
        upload: Upload = request.scope["upload"]
        return upload

    async def _receive(self, request: Request) -> Upload:
        said, charset, plain = media_type(request.scope["headers"])
        if said not in self.media_types or not plain:
            types = ", ".join(self.media_types)
            raise UnsupportedMediaType(
                say("Send one of {types}, not compressed.", types=types),
                headers={"Accept-Post": types},
            )
        file, digest, size = SpooledTemporaryFile(IN_MEMORY), hashlib.sha256(), 0  # noqa: SIM115
        upload = request.scope["upload"] = Upload(file, said, charset or "utf-8", 0, "")
        async for chunk in request.stream():
            file.write(chunk)
            digest.update(chunk)
            size += len(chunk)
        file.seek(0)
        upload.size, upload.digest = size, digest.hexdigest()
        return upload


def uploaded(*media_types: str) -> Any:
    """A route parameter: `Annotated[Upload, uploaded("text/csv")]`."""
    return Depends(Uploaded(*media_types))


def upload_of(media_types: Iterable[str], limit: int) -> dict[str, Any]:
    """What its operation says of it: `router.post(path, **upload_of(...))`."""
    content = {kind: {"schema": {"type": "string"}} for kind in media_types}
    said = {"required": True, "content": content}
    return {"openapi_extra": {"requestBody": said, LIMIT: limit}}
