"""No row of the catalogue is forgotten: it is data, or code, or waits for its resource."""

from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest

from crm_api.kit.embedded import OWNER, EmbeddedServer
from tests.conftest import Unchanged

from .catalogue import HERE, read
from .conftest import Side

ROWS = (
    {f"A{n}" for n in range(1, 19)}
    | {f"B{n}" for n in range(1, 14)}
    | {f"C{n}" for n in range(1, 10)}
    | {f"D{n}" for n in range(1, 12)}
    | {f"E{n}" for n in range(1, 13)}
    | {f"F{n}" for n in range(1, 13)}
    | {f"H{n}" for n in range(1, 11)}
    | {"I1", "I2", "I9", "I10"}
)


def _rows(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from [node["row"]] if "row" in node else []
        for part in node.values():
            yield from _rows(part)
    elif isinstance(node, list):
        for part in node:
            yield from _rows(part)


def test_every_row_is_attacked_or_waits_for_its_resource() -> None:
    told = read("rows.yaml")
    listed = {row for file in HERE.glob("*.yaml") for row in _rows(read(file.name))}
    assert listed | told["in_code"].keys() | told["waiting"].keys() == ROWS
    assert not told["waiting"].keys() & (listed | told["in_code"].keys())


def test_every_test_that_a_row_names_is_there() -> None:
    code = "".join(file.read_text("utf-8") for file in HERE.parent.rglob("test_*.py"))
    missing = [name for name in read("rows.yaml")["in_code"].values() if f"def {name}(" not in code]
    assert missing == []


async def test_the_proof_that_nothing_changes_notices_one_value(
    own: Side, nothing_changes: Unchanged
) -> None:
    with pytest.raises(AssertionError, match="tenant_settings"):
        async with nothing_changes():
            await own.client.patch("/v1/tenant", json={"name": "Another"})


@pytest.mark.usefixtures("own")
async def test_that_proof_notices_what_was_written_before_and_is_committed_meanwhile(
    server: EmbeddedServer, database: str, nothing_changes: Unchanged
) -> None:
    """Under a savepoint: its rows bear another number than their transaction."""
    writer = await asyncpg.connect(server.url(OWNER, database))
    await writer.execute("BEGIN; SAVEPOINT inside")
    await writer.execute("UPDATE tenant_settings SET name = name || '!'")
    await writer.execute("RELEASE inside")
    with pytest.raises(AssertionError, match="tenant_settings"):
        async with nothing_changes():
            await writer.execute("COMMIT")
    await writer.close()
