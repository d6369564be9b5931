"""The doors by which other systems read and write the records of a noun, for any noun."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Response

from crm_api.kit.asked import asked
from crm_api.kit.batch import Outcomes, answered
from crm_api.kit.http import found, put
from crm_api.kit.provide import provide
from crm_api.kit.resource import Resource
from crm_api.kit.schema import Input, Read
from crm_api.kit.unit_route import resource

from .schemas import Batch, BatchItem, IfMissing, System, ValueInPath
from .service import upsert, upsert_batch


@dataclass(frozen=True, slots=True)
class Known:
    """A noun whose records other systems know by ids of their own.

    `service` is an `Upsertable` with a `by_external_id`; `shown` is what a read may be asked;
    `ended` says what becomes of records that are over, where they are not archived and restored.
    """

    noun: Resource
    service: type[Any]
    read: type[Read]
    shown: type[Input]
    upsert: type[Input]
    batch: type[Batch[Any]]
    ended: str = ""

    @property
    def collection(self) -> str:
        return self.noun.collection


def by_external_ids(known: Known) -> APIRouter:
    """`/v1/customers/external/{system}/{external_id}` and `/v1/customers/batch-upsert`."""
    router = resource(known.collection, known.collection)
    _read(router, known)
    _upsert(router, known)
    _batch_upsert(router, known)
    return router


def _read(router: APIRouter, known: Known) -> None:
    async def get(
        records: Annotated[Any, provide(known.service, f"{known.collection}:read")],
        system: System,
        external_id: ValueInPath,
        query: Annotated[Any, asked(known.shown)],
    ) -> Response:
        return found(await records.by_external_id(system, external_id, query.expand))

    get.__name__ = f"get_{known.noun.word}_by_external_id"
    about = (
        f"Read the {known.noun.noun} that a system knows by an id, or by one that it has replaced."
    )
    path = "/external/{system}/{external_id}"
    router.get(path, response_model=known.read, description=about)(get)


def _upsert(router: APIRouter, known: Known) -> None:
    async def patch(
        records: Annotated[Any, provide(known.service, f"{known.collection}:write")],
        system: System,
        external_id: ValueInPath,
        query: Annotated[IfMissing, asked(IfMissing)],
        data: known.upsert,  # type: ignore[name-defined]
    ) -> Response:
        item = BatchItem[Any](external_id=external_id, data=data)
        written = await upsert(records, system, item, create=query.if_missing == "create")
        return put(written, f"/v1/{known.collection}")

    patch.__name__ = f"upsert_{known.noun.word}_by_external_id"
    about = (
        f"Change the {known.noun.noun} of an external id, or create it: 200 or 201.\n\n"
        "A merge patch: what an ERP does not know it does not wipe."
    )
    if known.ended:
        about += f" {known.ended}"
    elif any("archived" in one.kind.__members__ for one in known.noun.machines.values()):
        about += f" Archived {known.collection} are restored."
    path, made = "/external/{system}/{external_id}", {"model": known.read}
    router.patch(path, response_model=known.read, responses={201: made}, description=about)(patch)


def _batch_upsert(router: APIRouter, known: Known) -> None:
    async def post(
        records: Annotated[Any, provide(known.service, f"{known.collection}:write")],
        data: known.batch,  # type: ignore[name-defined]
    ) -> Response:
        return answered(records.ctx, await upsert_batch(records, data))

    post.__name__ = f"upsert_{known.collection}"
    about = (
        f"Create or change up to 100 {known.collection} by their external ids, in one "
        "statement.\n\nAn item that changes nothing makes no new version and no event; a bad item "
        "costs only itself, unless the batch is `atomic`."
    )
    some = {"model": Outcomes}
    path = "/batch-upsert"
    router.post(path, response_model=Outcomes, responses={207: some}, description=about)(post)
