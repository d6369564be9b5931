from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.http import changed, created, found, listed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .resource import LEGAL_ENTITY
from .schemas import (
    LegalEntityCreate,
    LegalEntityId,
    LegalEntityPage,
    LegalEntityQuery,
    LegalEntityRead,
    LegalEntityUpdate,
)
from .service import LegalEntityService

ids_in_paths(LEGAL_ENTITY.prefix)
router = resource("legal-entities", "legal-entities")

Reader = Annotated[LegalEntityService, provide(LegalEntityService, "legal_entities:read")]
Writer = Annotated[LegalEntityService, provide(LegalEntityService, "legal_entities:write")]


@router.get("", response_model=LegalEntityPage)
async def list_legal_entities(
    entities: Reader, query: Annotated[LegalEntityQuery, asked(LegalEntityQuery)]
) -> Response:
    """List the companies of the group, live ones unless `state` says otherwise, newest first."""
    return listed(await entities.list(query))


@router.post("", status_code=201, response_model=LegalEntityRead)
async def create_legal_entity(entities: Writer, data: LegalEntityCreate) -> Response:
    """Add a company of the group."""
    return created(entities.create(data))


@router.get("/{id:leg}", response_model=LegalEntityRead)
async def get_legal_entity(entities: Reader, id: LegalEntityId) -> Response:
    """Read a legal entity."""
    return found(await entities.get(id))


@router.patch("/{id:leg}", response_model=LegalEntityRead)
async def update_legal_entity(
    entities: Writer, id: LegalEntityId, data: LegalEntityUpdate
) -> Response:
    """Change some fields of a legal entity."""
    return changed(await entities.update(id, data))


@router.post("/{id:leg}/archive", response_model=LegalEntityRead)
async def archive_legal_entity(entities: Writer, id: LegalEntityId) -> Response:
    """Put a legal entity away that no live business unit belongs to, now or by plan."""
    return changed(await entities.archive(id))


@router.post("/{id:leg}/restore", response_model=LegalEntityRead)
async def restore_legal_entity(entities: Writer, id: LegalEntityId) -> Response:
    """Bring an archived legal entity back into daily work."""
    return changed(await entities.restore(id))
