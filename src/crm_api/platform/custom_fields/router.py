from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.http import changed, created, found, listed, said
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .resource import CUSTOM_FIELD
from .schemas import (
    CustomFieldCreate,
    CustomFieldId,
    CustomFieldPage,
    CustomFieldPurge,
    CustomFieldQuery,
    CustomFieldRead,
    CustomFieldUpdate,
)
from .service import CustomFieldService

ids_in_paths(CUSTOM_FIELD.prefix)
router = resource("custom-fields", "custom-fields")

Reader = Annotated[CustomFieldService, provide(CustomFieldService, "custom_fields:read")]
Writer = Annotated[CustomFieldService, provide(CustomFieldService, "custom_fields:write")]


@router.get("", response_model=CustomFieldPage)
async def list_custom_fields(
    fields: Reader, query: Annotated[CustomFieldQuery, asked(CustomFieldQuery)]
) -> Response:
    """List the fields that the tenant has defined, live ones unless `state` says otherwise.

    `labels` holds all languages, for whoever edits them. To show fields to people, take
    `GET /v1/filter-fields`: there each has one `label`, in the caller's language.
    """
    return listed(await fields.list(query))


@router.post("", status_code=201, response_model=CustomFieldRead)
async def create_custom_field(fields: Writer, data: CustomFieldCreate) -> Response:
    """Define a field. Records carry its values in `custom`, under its key, from now on.

    The process that answers knows it at once, others within a second.
    """
    return created(await fields.create(data))


@router.get("/{id:fld}", response_model=CustomFieldRead)
async def get_custom_field(fields: Reader, id: CustomFieldId) -> Response:
    """Read a definition, also a retired one."""
    return found(await fields.get(id))


@router.patch("/{id:fld}", response_model=CustomFieldRead)
async def update_custom_field(
    fields: Writer, id: CustomFieldId, data: CustomFieldUpdate
) -> Response:
    """Change a definition. Values that records have already stay as they are."""
    return changed(await fields.update(id, data))


@router.post("/{id:fld}/retire", response_model=CustomFieldRead)
async def retire_custom_field(fields: Writer, id: CustomFieldId) -> Response:
    """Hide a field and its values everywhere; they are kept, and nobody writes new ones."""
    return changed(await fields.retire(id))


@router.post("/{id:fld}/restore", response_model=CustomFieldRead)
async def restore_custom_field(fields: Writer, id: CustomFieldId) -> Response:
    """Show a retired field again, with the values that records have."""
    return changed(await fields.restore(id))


@router.post("/{id:fld}/purge", response_model=CustomFieldPurge)
async def purge_custom_field(fields: Writer, id: CustomFieldId) -> Response:
    """Remove a field that was retired a minute ago or more, and its values from all records.

    A call clears 10,000 records at most: repeat it until `complete`. There is no way back, and
    the key is free then. What records were before stays in their history.
    """
    return said(await fields.purge(id))
