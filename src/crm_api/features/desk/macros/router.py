from typing import Annotated

from fastapi import Response

from crm_api.features.desk.tickets.resource import TICKET
from crm_api.features.desk.tickets.schemas import TicketId, TicketRead
from crm_api.kit.asked import asked
from crm_api.kit.http import changed, created, found, listed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .queries import MacroPage, MacroQuery
from .resource import MACRO
from .schemas import MacroApply, MacroCreate, MacroId, MacroRead, MacroUpdate
from .service import MacroService

ids_in_paths(MACRO.prefix)
ids_in_paths(TICKET.prefix)
router = resource("macros", "macros")
of_tickets = resource("tickets", "tickets")

Reader = Annotated[MacroService, provide(MacroService, "macros:read")]
Writer = Annotated[MacroService, provide(MacroService, "macros:write")]
Doer = Annotated[MacroService, provide(MacroService, "tickets:write", "macros:read")]


@router.get("", response_model=MacroPage)
async def list_macros(macros: Reader, query: Annotated[MacroQuery, asked(MacroQuery)]) -> Response:
    """List macros, live ones unless `state` says otherwise, by their names."""
    return listed(await macros.list(query))


@router.post("", status_code=201, response_model=MacroRead)
async def create_macro(macros: Writer, data: MacroCreate) -> Response:
    """Put together what is done to tickets again and again: an answer, a status, tags."""
    return created(await macros.create(data))


@router.get("/{id:mac}", response_model=MacroRead)
async def get_macro(macros: Reader, id: MacroId) -> Response:
    """Read a macro. An archived one is answered: look at its `state`."""
    return found(await macros.get(id))


@router.patch("/{id:mac}", response_model=MacroRead)
async def update_macro(macros: Writer, id: MacroId, data: MacroUpdate) -> Response:
    """Change some fields of a macro. What it has done stays done."""
    return changed(await macros.update(id, data))


@router.post("/{id:mac}/archive", response_model=MacroRead)
async def archive_macro(macros: Writer, id: MacroId) -> Response:
    """Take a macro out of use."""
    return changed(await macros.archive(id))


@router.post("/{id:mac}/restore", response_model=MacroRead)
async def restore_macro(macros: Writer, id: MacroId) -> Response:
    """Put an archived macro into use again."""
    return changed(await macros.restore(id))


@of_tickets.post("/{id:tic}/apply-macro", response_model=TicketRead)
async def apply_ticket_macro(macros: Doer, id: TicketId, data: MacroApply) -> Response:
    """Do to a ticket what a macro says, all of it or nothing: it answers and notes first, and then
    changes the ticket. It does nothing to a closed ticket, or to one of another unit than its own
    (409)."""
    return changed(await macros.apply(id, data))
