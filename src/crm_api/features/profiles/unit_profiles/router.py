from typing import Annotated

from fastapi import Response

from crm_api.features.customers.resource import CUSTOMER
from crm_api.features.customers.schemas import CustomerId
from crm_api.kit.asked import asked
from crm_api.kit.http import answered, changed, found, listed, put
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource
from crm_api.platform.business_units.resource import BUSINESS_UNIT
from crm_api.platform.business_units.schemas import BusinessUnitId
from crm_api.platform.users.schemas import CollaboratorsChange

from .queries import (
    UnitProfilePage,
    UnitProfileQuery,
    UnitProfileSearch,
    UnitProfileShown,
    UnitProfilesOfCustomer,
)
from .resource import UNIT_PROFILE
from .schemas import (
    LifecycleMove,
    UnitProfileId,
    UnitProfileRead,
    UnitProfileUpsert,
)
from .service import UnitProfileService

ids_in_paths(UNIT_PROFILE.prefix, CUSTOMER.prefix, BUSINESS_UNIT.prefix)
router = resource("unit-profiles", "unit-profiles")
of_customers = resource("customers", "unit-profiles")
AT = "/{id:cus}/unit-profiles/{business_unit_id:bun}"

Reader = Annotated[UnitProfileService, provide(UnitProfileService, "unit_profiles:read")]
Writer = Annotated[UnitProfileService, provide(UnitProfileService, "unit_profiles:write")]
Shown = Annotated[UnitProfileShown, asked(UnitProfileShown)]


@router.get("", response_model=UnitProfilePage)
async def list_unit_profiles(
    profiles: Reader, query: Annotated[UnitProfileQuery, asked(UnitProfileQuery)]
) -> Response:
    """List the profiles of all customers: those of a unit, of its subtree, of an owner.

    "My customers" is `owner_id` with `expand=customer`.
    """
    return listed(await profiles.list(query))


@router.post("/search", response_model=UnitProfilePage)
async def search_unit_profiles(profiles: Reader, data: UnitProfileSearch) -> Response:
    """Find profiles by a filter over their fields, and over those of their customers."""
    return answered((await profiles.search(data)).body)


@router.get("/{id:upf}", response_model=UnitProfileRead)
async def get_unit_profile(profiles: Reader, id: UnitProfileId, query: Shown) -> Response:
    """Read a profile by its own id, as events name it."""
    return found(await profiles.get(id, query.expand))


@of_customers.get("/{id:cus}/unit-profiles", response_model=UnitProfilePage)
async def list_customer_unit_profiles(
    profiles: Reader,
    id: CustomerId,
    query: Annotated[UnitProfilesOfCustomer, asked(UnitProfilesOfCustomer)],
) -> Response:
    """List what the units know about one customer."""
    return listed(await profiles.of_customer(id, query))


@of_customers.get(AT, response_model=UnitProfileRead)
async def get_customer_unit_profile(
    profiles: Reader, id: CustomerId, business_unit_id: BusinessUnitId, query: Shown
) -> Response:
    """Read what one unit knows about one customer."""
    return found(await profiles.of_unit(id, business_unit_id, query.expand))


@of_customers.patch(AT, response_model=UnitProfileRead, responses={201: {"model": UnitProfileRead}})
async def upsert_customer_unit_profile(
    profiles: Writer, id: CustomerId, business_unit_id: BusinessUnitId, data: UnitProfileUpsert
) -> Response:
    """Change what a unit knows about a customer, or begin to know it: 200 or 201.

    A new profile is a `prospect`; its lifecycle is changed by `move`. Profiles of archived
    customers are read only.
    """
    return put(await profiles.upsert(id, business_unit_id, data), "/v1/unit-profiles")


@of_customers.post(f"{AT}/add-collaborators", response_model=UnitProfileRead)
async def add_unit_profile_collaborators(
    profiles: Writer, id: CustomerId, business_unit_id: BusinessUnitId, data: CollaboratorsChange
) -> Response:
    """Add users who work on the customer, whatever others add at the same time."""
    return changed(await profiles.add_collaborators(id, business_unit_id, data))


@of_customers.post(f"{AT}/remove-collaborators", response_model=UnitProfileRead)
async def remove_unit_profile_collaborators(
    profiles: Writer, id: CustomerId, business_unit_id: BusinessUnitId, data: CollaboratorsChange
) -> Response:
    """Remove users who worked on the customer, whatever others change at the same time."""
    return changed(await profiles.remove_collaborators(id, business_unit_id, data))


@of_customers.post(f"{AT}/move", response_model=UnitProfileRead)
async def move_unit_profile(
    profiles: Writer, id: CustomerId, business_unit_id: BusinessUnitId, data: LifecycleMove
) -> Response:
    """Say where the customer is now in its life with the unit, and why.

    What cannot follow is refused with 409 `invalid-transition`, which lists what can.
    """
    return changed(await profiles.move(id, business_unit_id, data))
