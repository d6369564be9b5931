from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.figures import AggregateAnswer
from crm_api.kit.http import answered, changed, created, found, listed, many
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource
from crm_api.platform.external_ids import router as external_ids

from .queries import (
    CustomerAggregate,
    CustomerIds,
    CustomerPages,
    CustomerQuery,
    CustomerSearch,
    CustomersFound,
    CustomerShown,
    CustomerThen,
)
from .resource import CUSTOMER
from .schemas import (
    ContactPointsChange,
    CustomerBatch,
    CustomerCreate,
    CustomerId,
    CustomerRead,
    CustomerUpdate,
    CustomerUpsert,
    TagsChange,
    Unmasking,
)
from .service import CustomerService

ids_in_paths(CUSTOMER.prefix)
router = resource("customers", "customers")
by_external_ids = external_ids.by_external_ids(
    external_ids.Known(
        noun=CUSTOMER,
        service=CustomerService,
        read=CustomerRead,
        shown=CustomerShown,
        upsert=CustomerUpsert,
        batch=CustomerBatch,
    )
)

Reader = Annotated[CustomerService, provide(CustomerService, "customers:read")]
Writer = Annotated[CustomerService, provide(CustomerService, "customers:write")]
Unmasker = Annotated[
    CustomerService, provide(CustomerService, "customers:read", "customers:unmask")
]
Query = Annotated[CustomerQuery, asked(CustomerQuery)]
Then = Annotated[CustomerThen, asked(CustomerThen)]


@router.get("", response_model=CustomerPages)
async def list_customers(customers: Reader, query: Query) -> Response:
    """List customers, live ones unless `state` says otherwise, newest first."""
    return listed(await customers.list(query))


@router.post("", status_code=201, response_model=CustomerRead)
async def create_customer(customers: Writer, data: CustomerCreate) -> Response:
    """Create a person or an organization."""
    return created(await customers.create(data))


@router.post("/batch-get", response_model=CustomersFound)
async def get_customers(customers: Reader, data: CustomerIds) -> Response:
    """Read up to 200 customers by their ids, in that order."""
    items, missing = await customers.get_many(data.ids, data.expand)
    return many(items, [CUSTOMER.prefix.write(id) for id in missing])


@router.post("/search", response_model=CustomerPages)
async def search_customers(customers: Reader, data: CustomerSearch) -> Response:
    """Find customers by a filter over their fields, and by all that the list understands."""
    return answered((await customers.search(data)).body)


@router.post("/aggregate", response_model=AggregateAnswer)
async def aggregate_customers(customers: Reader, data: CustomerAggregate) -> Response:
    """Count customers, and reckon over their fields, in groups of up to three fields."""
    return answered(await customers.aggregate(data))


@router.get("/{id:cus}", response_model=CustomerRead)
async def get_customer(customers: Reader, id: CustomerId, query: Then) -> Response:
    """Read a customer, also as it was before. An archived one is answered: look at its `state`."""
    return found(await customers.get(id, query.expand, query.as_of))


@router.patch("/{id:cus}", response_model=CustomerRead)
async def update_customer(customers: Writer, id: CustomerId, data: CustomerUpdate) -> Response:
    """Change some fields. A patch that changes nothing makes no new version and no event."""
    return changed(await customers.update(id, data))


@router.post("/{id:cus}/archive", response_model=CustomerRead)
async def archive_customer(customers: Writer, id: CustomerId) -> Response:
    """Hide a customer from daily work; orders, tickets and points remain."""
    return changed(await customers.archive(id))


@router.post("/{id:cus}/restore", response_model=CustomerRead)
async def restore_customer(customers: Writer, id: CustomerId) -> Response:
    """Bring an archived customer back into daily work."""
    return changed(await customers.restore(id))


@router.post("/{id:cus}/unmask", response_model=CustomerRead)
async def unmask_customer(customers: Unmasker, id: CustomerId, data: Unmasking) -> Response:
    """Read a customer whole, with a key that sees it masked. The audit tells who did, and why.

    Under an `Idempotency-Key` the answer is kept for whoever was given it: nobody else may repeat
    the request. A rehearsal shows what a GET does.
    """
    return changed(await customers.unmask(id, data))


@router.post("/{id:cus}/add-tags", response_model=CustomerRead)
async def add_customer_tags(customers: Writer, id: CustomerId, data: TagsChange) -> Response:
    """Add tags, whatever others add at the same time; a tag that is there stays there."""
    return changed(await customers.add_tags(id, data))


@router.post("/{id:cus}/remove-tags", response_model=CustomerRead)
async def remove_customer_tags(customers: Writer, id: CustomerId, data: TagsChange) -> Response:
    """Remove tags, whatever others change at the same time."""
    return changed(await customers.remove_tags(id, data))


@router.post("/{id:cus}/add-contact-points", response_model=CustomerRead)
async def add_customer_contact_points(
    customers: Writer, id: CustomerId, data: ContactPointsChange
) -> Response:
    """Add e-mails, phones or WeChat ids; one that is there takes the new label and rank."""
    return changed(await customers.add_contact_points(id, data))


@router.post("/{id:cus}/remove-contact-points", response_model=CustomerRead)
async def remove_customer_contact_points(
    customers: Writer, id: CustomerId, data: ContactPointsChange
) -> Response:
    """Remove contact points by kind and value. Where the primary goes, the first one follows."""
    return changed(await customers.remove_contact_points(id, data))
