"""How long a request may take; then it is undone, and its caller told."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

from .errors import Unavailable
from .metrics import Metrics


class Deadline:
    """`async with Deadline(scope, 10.0, metrics)`: what is inside is cancelled when it is over.

    A statement that runs then is cancelled in the database, and its connection is closed, so that
    its transaction is undone. While a body arrives the time stands still: `kit.guard` has a
    deadline of its own for that.
    """

    def __init__(self, scope: MutableMapping[str, Any], seconds: float, metrics: Metrics) -> None:
        self.seconds, self.metrics = seconds, metrics
        self.timeout = asyncio.timeout(seconds)
        scope["deadline"] = self

    async def __aenter__(self) -> None:
        await self.timeout.__aenter__()

    async def __aexit__(self, *error: Any) -> None:
        try:
            await self.timeout.__aexit__(*error)
        except TimeoutError as late:
            self.metrics.refused("deadline")
            raise Unavailable(
                f"The request took longer than {self.seconds:g} seconds and was given up: "
                "repeat it in a moment."
            ) from late

    def pause(self) -> None:
        if not self.timeout.expired():
            self.timeout.reschedule(None)

    def begin_anew(self) -> None:
        if not self.timeout.expired():
            self.timeout.reschedule(asyncio.get_running_loop().time() + self.seconds)
