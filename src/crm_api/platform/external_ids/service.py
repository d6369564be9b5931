"""Records created or changed by the ids that other systems know them by; for any resource."""

from asyncio import sleep
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from operator import attrgetter
from typing import Any, Protocol, TypeVar, runtime_checkable
from uuid import UUID

from crm_api.kit.batch import Done, in_item, run_batch
from crm_api.kit.conflicts import expect
from crm_api.kit.context import Context
from crm_api.kit.db import Entity
from crm_api.kit.errors import NotFound, OutOfReach, Problem
from crm_api.kit.projection import Document, Written
from crm_api.kit.refusing import refuse_failures, refuse_repeated
from crm_api.kit.words import say

from .schemas import Batch, BatchItem

M = TypeVar("M", bound=Entity)
Sent = dict[str, Any]
ONCE = say("Send each external id once.")


class Upsertable(Protocol[M]):
    """What a resource's service says of itself, so that other systems may upsert its records."""

    ctx: Context

    async def by_external_id(self, system: str, value: str) -> Document[Any]:
        """The record that the caller sees. Raises NotFound."""

    async def claim(self, system: str, values: Sequence[str], sent: Sequence[Sent]) -> dict[str, M]:
        """The records of these external ids, locked; nobody else gives the others a record."""

    async def seen_first(self, sent: Sent) -> Written[Any]:
        """A record that nobody knew; `sent` names its external id."""

    async def seen_again(self, row: M, sent: Sent) -> Written[Any]:
        """A record that is there, as the system sees it now."""


@runtime_checkable
class Gathering(Protocol):
    """An `Upsertable` that keeps new records back, to write those of a request together."""

    async def write_new(self) -> None:
        """All that were seen first since the last claim."""


@runtime_checkable
class Settling(Protocol):
    """An `Upsertable` where more follows when all records of a request have been seen."""

    async def settle(self) -> Mapping[UUID, int]:
        """The versions of the records that this has changed once more."""


async def upsert(
    records: Upsertable[M], system: str, item: BatchItem[Any], *, create: bool
) -> Written[Any]:
    """The record of an external id, changed or new. `If-Match` is checked against what is there.

    Raises NotFound where there is none and `create` says not to make one, and OutOfReach for one
    that the caller sees and may not change.
    """
    row = (await _claim(records, system, [item])).get(item.external_id)
    if row is None and records.ctx.actor.reach.is_limited:
        await _check_unseen(records, system, item.external_id)
    if row is None and not create:
        raise NotFound(
            say("No record has this external id, and `if_missing` says not to make one.")
        )
    await expect(records.ctx, row)
    put = await _put(records, row, system, item)
    await _write_new(records)
    [written] = await _settled(records, [put])
    assert isinstance(written, Written)
    return written


async def _check_unseen(records: Upsertable[M], system: str, value: str) -> None:
    with suppress(NotFound):
        await records.by_external_id(system, value)
        raise OutOfReach


async def upsert_batch(records: Upsertable[M], batch: Batch[Any]) -> list[Done]:
    """Each item created, changed or left as it is, in one statement. An id may be named once."""
    refuse_repeated(batch.items, attrgetter("external_id"), ONCE, "/external_id")
    claim = partial(_claim, records, batch.system)
    put = partial(_put_all, records, batch.system)
    done = await run_batch(records.ctx, batch.items, claim, put)
    if batch.atomic:
        refuse_failures(done)
    return await _settled(records, done)


async def _settled(records: Upsertable[M], done: list[Done]) -> list[Done]:
    versions = await records.settle() if isinstance(records, Settling) else {}
    return [
        replace(one, version=versions.get(one.id, one.version)) if isinstance(one, Written) else one
        for one in done
    ]


async def _put_all(
    records: Upsertable[M], system: str, items: Sequence[BatchItem[Any]]
) -> list[Done]:
    """One statement changes a row once, so two ids of one record are put one after the other."""
    known = await _claim(records, system, items)
    if len({row.id for row in known.values()}) < len(known):
        return [done for item in items for done in await _put_all(records, system, [item])]
    done: list[Done] = []
    for item in items:
        await sleep(0)  # many items take long to reckon: others have their turn in between
        done.append(await _try(records, known.get(item.external_id), system, item))
    await _write_new(records)
    return done


async def _write_new(records: Upsertable[Any]) -> None:
    if isinstance(records, Gathering):
        await records.write_new()


async def _claim(
    records: Upsertable[M], system: str, items: Sequence[BatchItem[Any]]
) -> dict[str, M]:
    sent = [item.data.changes() for item in items]
    return await records.claim(system, [item.external_id for item in items], sent)


async def _try(records: Upsertable[M], row: M | None, system: str, item: BatchItem[Any]) -> Done:
    try:
        return await _put(records, row, system, item)
    except Problem as problem:
        return in_item(problem)


async def _put(
    records: Upsertable[M], row: M | None, system: str, item: BatchItem[Any]
) -> Written[Any]:
    sent = item.data.changes()
    if row is not None:
        return await records.seen_again(row, sent)
    ids = {s: v for s, v in sent.get("external_ids", {}).items() if v is not None}
    return await records.seen_first({**sent, "external_ids": {**ids, system: item.external_id}})
