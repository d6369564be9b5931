"""What can be done next: links (OpenAPI 3.1, 4.8.20) from what was made to its operations."""

from typing import Any

Json = dict[str, Any]


def link(paths: Json) -> None:
    """In place: every 201 leads to all operations at the address of the new record."""
    for path, item in paths.items():
        address = f"{path.partition('/external/')[0]}/{{id}}"
        for operation in item.values():
            made = operation["responses"].get("201")
            if made is not None and (links := _links(paths, address)):
                made["links"] = links


def _links(paths: Json, address: str) -> Json:
    return {
        operation["operationId"]: {
            "operationId": operation["operationId"],
            "parameters": {"id": "$response.body#/id"},
        }
        for path, item in paths.items()
        if path == address or path.startswith(f"{address}/")
        for operation in item.values()
    }
