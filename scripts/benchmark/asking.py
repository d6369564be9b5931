"""One caller who asks one question after another, over HTTP."""

import http.client
import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode


def ask(
    line: http.client.HTTPConnection, key: str, path: str, asked: Mapping[str, Any]
) -> tuple[float, Any]:
    """Milliseconds until the last byte, and what was answered."""
    begun = time.perf_counter()
    query = urlencode(asked, doseq=True)
    line.request("GET", f"/v1{path}?{query}", headers={"Authorization": f"Bearer {key}"})
    answer = line.getresponse()
    said = answer.read()
    assert answer.status == http.client.OK, said
    return (time.perf_counter() - begun) * 1000, json.loads(said)
