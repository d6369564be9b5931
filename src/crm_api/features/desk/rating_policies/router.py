from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.http import changed, created, found, gone, listed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .resource import RATING_POLICY
from .schemas import (
    RatingPolicyCreate,
    RatingPolicyId,
    RatingPolicyPage,
    RatingPolicyQuery,
    RatingPolicyRead,
    RatingPolicyUpdate,
)
from .service import RatingPolicyService

ids_in_paths(RATING_POLICY.prefix)
router = resource("rating-policies", "rating-policies")

Reader = Annotated[RatingPolicyService, provide(RatingPolicyService, "rating_policies:read")]
Writer = Annotated[RatingPolicyService, provide(RatingPolicyService, "rating_policies:write")]


@router.get("", response_model=RatingPolicyPage)
async def list_rating_policies(
    policies: Reader, query: Annotated[RatingPolicyQuery, asked(RatingPolicyQuery)]
) -> Response:
    """List rating policies, newest first."""
    return listed(await policies.list(query))


@router.post("", status_code=201, response_model=RatingPolicyRead)
async def create_rating_policy(policies: Writer, data: RatingPolicyCreate) -> Response:
    """Say whether customers of a unit, or of the group, are asked how satisfied they are.

    They are asked about a ticket once it is resolved: see `rating.requested`. A unit follows its
    own policy, else that of the nearest unit above it, else that of the group.
    """
    return created(await policies.create(data))


@router.get("/{id:rpl}", response_model=RatingPolicyRead)
async def get_rating_policy(policies: Reader, id: RatingPolicyId) -> Response:
    """Read a rating policy."""
    return found(await policies.get(id))


@router.patch("/{id:rpl}", response_model=RatingPolicyRead)
async def update_rating_policy(
    policies: Writer, id: RatingPolicyId, data: RatingPolicyUpdate
) -> Response:
    """Change some fields of a rating policy. Who was asked already answers as he was asked; who
    would be asked later is asked by the policy as it is then, in the kind of before."""
    return changed(await policies.update(id, data))


@router.delete("/{id:rpl}", status_code=204)
async def delete_rating_policy(policies: Writer, id: RatingPolicyId) -> Response:
    """Delete a rating policy: that of the nearest unit above is in force instead, or the group's.

    Who was to be asked by it is not asked; who was asked already may answer.
    """
    await policies.delete(id)
    return gone()
