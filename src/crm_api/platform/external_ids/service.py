"""Records created or changed by the ids that other systems know them by; for any resource."""

from asyncio import sleep
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from operator import attrgetter
from typing import Any

from crm_api.kit.batch import Done, in_item, run_batch
from crm_api.kit.conflicts import expect
from crm_api.kit.errors import NotFound, OutOfReach, Problem
from crm_api.kit.projection import Written
from crm_api.kit.refusing import refuse_failures, refuse_repeated
from crm_api.kit.words import say

from .schemas import Batch, BatchItem
from .upsertable import Gathering, M, Settling, Upsertable
from .upsertable import Sent as Sent

ONCE = say("Send each external id once.")


async def upsert(
    records: Upsertable[M], system: str, item: BatchItem[Any], *, create: bool
) -> Written[Any]:
    """The record of an external id, changed or new. `If-Match` is checked against what is there.

    Raises NotFound where there is none and `create` says not to make one, and OutOfReach for one
    that the caller sees and may not change.
    """
    sent = item.data.changes()
    row = (await records.claim(system, [item.external_id], [sent])).get(item.external_id)
    if row is None and records.ctx.actor.reach.is_limited:
        await _check_unseen(records, system, item.external_id)
    if row is None and not create:
        raise NotFound(
            say("No record has this external id, and `if_missing` says not to make one.")
        )
    await expect(records.ctx, row)
    put = await _put(records, row, sent, {system: item.external_id})
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
    sent = [item.data.changes() for item in items]
    known = await records.claim(system, [item.external_id for item in items], sent)
    if len({row.id for row in known.values()}) < len(known):
        return [done for item in items for done in await _put_all(records, system, [item])]
    done: list[Done] = []
    for item, said in zip(items, sent, strict=True):
        await sleep(0)  # many items take long to reckon: others have their turn in between
        row, named = known.get(item.external_id), {system: item.external_id}
        done.append(await _try(records, row, said, named))
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


async def _try(records: Upsertable[M], row: M | None, sent: Sent, named: dict[str, str]) -> Done:
    try:
        return await _put(records, row, sent, named)
    except Problem as problem:
        return in_item(problem)


async def _put(
    records: Upsertable[M], row: M | None, sent: Sent, named: dict[str, str]
) -> Written[Any]:
    """`named` is the external id by which it is sent."""
    if row is not None:
        return await records.seen_again(row, sent)
    ids = {s: v for s, v in sent.get("external_ids", {}).items() if v is not None}
    return await records.seen_first({**sent, "external_ids": {**ids, **named}})
