"""Records with a marker in every text, so that a byte of them is known wherever it turns up."""

import json
from itertools import count
from pathlib import Path
from typing import Any

from httpx import Response

from tests.hostile.catalogue import OPERATIONS, read
from tests.hostile.conftest import Caller

HERE = Path(__file__).parent
PLANTED: dict[str, Any] = read(HERE / "planted.yaml")
CREATING = {(o.method, o.path): o.id for o in OPERATIONS.values() if o.id in PLANTED}
NUMBER = count(1)


def planted(body: Any, marker: str) -> Any:
    text = json.dumps(body)
    while "@one@" in text:
        text = text.replace("@one@", f"{marker}{next(NUMBER)}", 1)
    return json.loads(text.replace("@mark@", marker))


class Planter(Caller):
    """Plants its marker into the bodies that it creates with; of some operations another one."""

    marker = ""
    others: dict[str, str] = {}

    async def request(self, method: str, url: Any, **said: Any) -> Response:
        operation = CREATING.get((method, str(url)))
        if operation and said.get("json"):
            mark = self.others.get(operation, self.marker)
            said["json"] = {**said["json"], **planted(PLANTED[operation], mark)}
        return await super().request(method, url, **said)


class Ours(Planter):
    marker = "plantedours"


class Theirs(Planter):
    """Of another tenant."""

    marker = "plantedtheirs"
