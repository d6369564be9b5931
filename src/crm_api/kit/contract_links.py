"""What can be done next: links (OpenAPI 3.1, 4.8.20) from what was made to its operations."""

import re
from typing import Any

from .accepted import JOBS

Json = dict[str, Any]
PLACE = re.compile("{([a-z_]+)}")


def link(paths: Json) -> None:
    """In place: every 201 leads to all operations at the address of the new record, every 202 to
    those of its job.

    What was made at a name of the caller's choice is found there again, too.
    """
    for path, item in paths.items():
        for operation in item.values():
            for status, where in (("201", path), ("202", JOBS)):
                made = operation["responses"].get(status)
                if made is not None and (links := _links(paths, where)):
                    made["links"] = links


def _links(paths: Json, path: str) -> Json:
    address = f"{path.partition('/external/')[0]}/{{id}}"
    links: Json = {}
    for other, item in paths.items():
        if other == address or other.startswith(f"{address}/"):
            links |= _leading_to(item, {"id": "$response.body#/id"})
    if names := PLACE.findall(path):
        links |= _leading_to(paths[path], {name: f"$request.path.{name}" for name in names})
    return links


def _leading_to(item: Json, parameters: Json) -> Json:
    return {
        operation["operationId"]: {
            "operationId": operation["operationId"],
            "parameters": dict(parameters),
        }
        for operation in item.values()
    }
