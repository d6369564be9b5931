from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.contract_parts import IN_WORDS
from crm_api.kit.http import said
from crm_api.kit.languages import language_headers
from crm_api.kit.provide import provide
from crm_api.kit.unit_route import resource

from .schemas import StateMachineQuery, StateMachines
from .service import StateMachineService

router = resource("state-machines", "state-machines")

Machines = Annotated[StateMachineService, provide(StateMachineService)]
Query = Annotated[StateMachineQuery, asked(StateMachineQuery)]


@router.get("", response_model=StateMachines, responses={200: IN_WORDS})
async def get_state_machines(machines: Machines, query: Query) -> Response:
    """Tell which states records may have, and which operations lead from one to another.

    Labels come in the language of `Accept-Language`. It is the same for everybody, and changes with
    releases only: ask once. Whether you may call an operation is a matter of your scopes.
    """
    told, language = machines.get(query.resource)
    return said(told, *language_headers(language))
