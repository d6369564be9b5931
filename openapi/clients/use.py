"""The generated Python client at work: create, read, patch, page, upsert, and what goes
wrong.

CRM_URL and CRM_KEY name a running API and a key that may write customers of a sandbox tenant.
"""

import os
import uuid
from collections.abc import Iterator

from crm_client import AuthenticatedClient
from crm_client.api.access import get_me
from crm_client.api.customers import (
    add_customer_tags,
    archive_customer,
    create_customer,
    get_customer,
    list_customers,
    update_customer,
    upsert_customer_by_external_id,
    upsert_customers,
)
from crm_client.models import (
    CustomerBatch,
    CustomerBatchItem,
    CustomerKind,
    CustomerPage,
    CustomerRead,
    CustomerSummaryPage,
    CustomerUpdate,
    CustomerUpsert,
    EmailInput,
    ListCustomersView,
    Me,
    OrganizationCreate,
    Outcomes,
    PersonCreate,
    Problem,
    TagsChange,
)

client = AuthenticatedClient(
    os.environ["CRM_URL"], os.environ["CRM_KEY"], raise_on_unexpected_status=True
)


class Refused(Exception):
    """The API answered with a problem: decide by its `code`, show its `detail`."""


def done(answer: CustomerRead | Problem | None) -> CustomerRead:
    """The generated functions return what came, success or not."""
    if not isinstance(answer, CustomerRead):
        raise Refused(answer)
    return answer


def refused(answer: CustomerRead | Problem | None) -> Problem:
    assert isinstance(answer, Problem), answer
    return answer


def all_customers(tag: str) -> Iterator[CustomerRead]:
    """Every page, by its cursor."""
    page = list_customers.sync(client=client, tag=[tag], limit=2)
    while isinstance(page, CustomerPage):
        yield from page.data
        if page.next_cursor is None:
            return
        page = list_customers.sync(client=client, tag=[tag], limit=2, cursor=page.next_cursor)
    raise Refused(page)


me = get_me.sync(client=client)
assert isinstance(me, Me), me
assert me.tenant.kind == "sandbox", "use.py writes, so it wants a sandbox"

tag = f"client-{uuid.uuid4().hex[:12]}"
email = EmailInput(kind="email", value=f"{tag}@example.com")
wang = done(
    create_customer.sync(
        client=client,
        body=PersonCreate(kind="person", name="王芳", tags=[tag], contact_points=[email]),
    )
)
assert (wang.kind, wang.sort_name, wang.legal_name) == ("person", "wang fang", None)
assert wang.contact_points[0].is_primary

for number in range(4):
    name = f"Sunrise {number}"
    company = OrganizationCreate(kind="organization", name=name, tags=[tag])
    done(create_customer.sync(client=client, body=company))
assert len({customer.id for customer in all_customers(tag)}) == 5

# A field that is not set stays, None clears; If-Match keeps two writers from each other's changes.
etag = f'"{wang.version}"'
patch = CustomerUpdate(occupation="Engineer", source=None)
changed = done(update_customer.sync(wang.id, client=client, body=patch, if_match=etag))
assert (changed.occupation, changed.name, changed.version) == ("Engineer", "王芳", 2)
late = refused(update_customer.sync(wang.id, client=client, body=patch, if_match=etag))
assert (late.status, late.code) == (412, "precondition-failed")

# A list in short, for a screen.
short = list_customers.sync(client=client, tag=[tag], view=ListCustomersView.SUMMARY)
assert isinstance(short, CustomerSummaryPage), short
assert short.data[-1].email == f"{tag}@example.com"

# Every mistake is named, with its place in what was sent.
tags = TagsChange(tags=["vip", " "])
wrong = refused(add_customer_tags.sync(wang.id, client=client, body=tags))
assert (wrong.code, wrong.errors[0].pointer) == ("validation-failed", "/tags/1")

# By the id of another system: created once, then changed, and left alone where nothing is new.
seen = CustomerUpsert(kind=CustomerKind.PERSON, name="Ada", tags=[tag])
first = done(upsert_customer_by_external_id.sync("erp", tag, client=client, body=seen))
again = done(upsert_customer_by_external_id.sync("erp", tag, client=client, body=seen))
assert (first.external_ids["erp"], again) == (tag, first)

# A hundred at once; a bad one costs itself only, and says why.
items = [
    CustomerBatchItem(external_id=tag, data=CustomerUpsert(occupation="Analyst")),
    CustomerBatchItem(external_id=f"{tag}-2", data=CustomerUpsert(name="Nobody knows the kind")),
]
told = upsert_customers.sync(client=client, body=CustomerBatch(system="erp", items=items))
assert isinstance(told, Outcomes), told
assert [item.outcome for item in told.data] == ["updated", "failed"]
assert isinstance(told.data[1].problem, Problem)
assert told.data[1].problem.errors[0].pointer == "/data/kind"

done(archive_customer.sync(wang.id, client=client))
assert refused(update_customer.sync(wang.id, client=client, body=patch)).code == "conflict"
assert done(get_customer.sync(wang.id, client=client)).state == "archived"
