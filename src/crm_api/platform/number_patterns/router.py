from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.http import changed, created, found, gone, listed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .resource import NUMBER_PATTERN
from .schemas import (
    NumberPatternCreate,
    NumberPatternId,
    NumberPatternPage,
    NumberPatternQuery,
    NumberPatternRead,
    NumberPatternUpdate,
)
from .service import NumberPatternService

ids_in_paths(NUMBER_PATTERN.prefix)
router = resource("number-patterns", "number-patterns")

Reader = Annotated[NumberPatternService, provide(NumberPatternService, "number_patterns:read")]
Writer = Annotated[NumberPatternService, provide(NumberPatternService, "number_patterns:write")]


@router.get("", response_model=NumberPatternPage)
async def list_number_patterns(
    patterns: Reader, query: Annotated[NumberPatternQuery, asked(NumberPatternQuery)]
) -> Response:
    """List number patterns, newest first.

    Documents of a unit are numbered by its own pattern, else by that of the nearest unit above
    that has one, else by the group's; where there is none, by `SO{yyyy}{mm}{dd}-{n:4}` and its
    like, from 1 each day: `SO` for orders, `SH` shipments, `RT` returns, `RC` receipts.
    """
    return listed(await patterns.list(query))


@router.post("", status_code=201, response_model=NumberPatternRead)
async def create_number_pattern(patterns: Writer, data: NumberPatternCreate) -> Response:
    """Say how documents of a noun are numbered, in a unit and those below it, or in the group.

    Numbers run without gaps. Those that are written alike are counted together, whichever unit
    they are of; a pattern that is new begins at 1.
    """
    return created(await patterns.create(data))


@router.get("/{id:nup}", response_model=NumberPatternRead)
async def get_number_pattern(patterns: Reader, id: NumberPatternId) -> Response:
    """Read a number pattern."""
    return found(await patterns.get(id))


@router.patch("/{id:nup}", response_model=NumberPatternRead)
async def update_number_pattern(
    patterns: Writer, id: NumberPatternId, data: NumberPatternUpdate
) -> Response:
    """Change how documents are numbered from now on; those that are there keep their numbers.

    With other digits (`{n:6}` for `{n:5}`), or restarting at other times, the count goes on.
    """
    return changed(await patterns.update(id, data))


@router.delete("/{id:nup}", status_code=204)
async def delete_number_pattern(patterns: Writer, id: NumberPatternId) -> Response:
    """Delete a number pattern: that of the nearest unit above is in force instead, or the group's.

    Should it be made again, its count goes on where it was.
    """
    await patterns.delete(id)
    return gone()
