from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from crm_api.kit.asked import asked
from crm_api.kit.http import listed, shown
from crm_api.kit.journal import EVENT, EventId
from crm_api.kit.provide import provide
from crm_api.kit.resource import Resource
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .schemas import AuditQuery, AuditRecordPage, AuditRecordRead, HistoryQuery
from .service import AuditService

ids_in_paths(EVENT)
router = resource("audit-records", "audit")

Reader = Annotated[AuditService, provide(AuditService, "audit:read")]


@router.get("", response_model=AuditRecordPage)
async def list_audit_records(
    records: Reader, query: Annotated[AuditQuery, asked(AuditQuery)]
) -> Response:
    """List what happened, newest first: who changed what, when, from what to what.

    A change is listed once it has its number, a moment after it was made.
    """
    return listed(await records.list(query))


@router.get("/{id:evt}", response_model=AuditRecordRead)
async def get_audit_record(records: Reader, id: EventId) -> Response:
    """Read an audit record. It never changes, except that its values may be erased."""
    return shown(await records.get(id))


def history(noun: Resource, collection: str, scope: str) -> APIRouter:
    """`GET /v1/customers/{id}/history`: the audit records of one record of any noun."""
    records_of = resource(collection, collection)

    async def changes(
        records: Annotated[AuditService, provide(AuditService, scope)],
        id: Annotated[UUID, noun.prefix],
        query: Annotated[HistoryQuery, asked(HistoryQuery)],
    ) -> Response:
        return listed(await records.of(noun, id, query))

    changes.__name__ = f"list_{noun.word}_changes"
    about = f"List what became of one {noun.noun}, newest first, as audit records."
    path = f"/{{id:{noun.prefix.name}}}/history"
    records_of.get(path, response_model=AuditRecordPage, description=about)(changes)
    return records_of
