"""The fair floor: the product's own statements, the same rows, and none of its machinery.

What is left between it and the product is the price of the machinery alone. Its rows are whole;
what a customer is searched by is worked out once, since that is the product's work and not SQL.
"""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from pydantic_core import to_json

from crm_api.features.customers.models import Customer, CustomerKey
from crm_api.features.customers.queries import CustomerQuery
from crm_api.features.customers.rules import NO_PREFERENCES
from crm_api.features.customers.schemas import CustomerRead
from crm_api.kit.db import table_of
from crm_api.kit.paging import after, page
from crm_api.kit.projection import one_of
from crm_api.kit.search import found_by
from crm_api.kit.writing import Step, hidden_by, write_all

from .bare import TENANT, Call, Floor
from .people import PLACE, TERMS

Row = dict[str, Any]


class FairFloor(Floor):
    def __init__(self, tenant: UUID) -> None:
        super().__init__(tenant)
        self.found = found_by(
            tenant, "王小芳", "wang xiao fang", "u1@example.com", "+8613800138000"
        )
        searches = {f"q={quote(term)}".encode(): CustomerQuery(q=term) for term in TERMS}
        self.searches = {said: self._list(query, {}) for said, query in searches.items()}
        self.later = self._list(CustomerQuery(), after(list(PLACE)))

    def one(self, id: UUID) -> Call:
        statement = one_of(CustomerRead)
        values = {"tenant": self.tenant, "id": id, "masked": False}
        return (statement.sql, *statement.arguments(values))

    def page(self, query: bytes) -> Call:
        return self.searches.get(query, self.later)

    def _list(self, query: CustomerQuery, place: Any) -> Call:
        statement = page(CustomerRead, CustomerQuery, query.asked(), query.sort_keys(), bool(place))
        given = {"tenant": self.tenant, "limit": query.limit, "masked": False, **place}
        return (statement.sql, *statement.arguments({**given, **query.arguments(self.tenant)}))

    def insert(self, sent: Row, id: UUID, event: UUID) -> Call:
        now = datetime.now(UTC)
        points = [p | {"label": None, "is_primary": True} for p in sent["contact_points"]]
        keys = [(p["kind"], p["value"]) for p in points] + [("tag", tag) for tag in sent["tags"]]
        owned = {"tenant_id": self.tenant, "customer_id": id}
        rows = [owned | {"kind": kind, "value": value} for kind, value in keys]
        customer = self._customer(sent, points) | {"id": id, "created_at": now, "updated_at": now}
        steps = (
            Step("insert", table_of(CustomerKey), tuple(rows[0])),
            Step("insert", table_of(Customer), tuple(customer)),
        )
        texts = [to_json(part).decode() for part in ([self._event(id, event)], rows, [customer])]
        nothing: list[list[str]] = [[] for _ in hidden_by([CustomerRead])]
        return (write_all(steps, (CustomerRead,)), self.tenant, id, *texts, *nothing)

    def _customer(self, sent: Row, points: list[Row]) -> Row:
        return {
            "tenant_id": self.tenant,
            "kind": sent["kind"],
            "name": sent["name"],
            "sort_name": "wang xiao fang",
            "acquired_at": datetime.now(UTC),
            "contact_points": points,
            "tags": sent["tags"],
            "preferences": NO_PREFERENCES,
            **self.found,
        }

    def _event(self, id: UUID, event: UUID) -> Row:
        return {
            "tenant_id": self.tenant,
            "id": event,
            "type": "customer.created",
            "object_id": id,
            "version": 1,
            "schema_version": 1,
            "causation_depth": 0,
            "actor_id": self.tenant,
            "request_id": f"req_{self.tenant.hex}",
            "created_at": datetime.now(UTC),
        }

    def body(self, found: Any) -> bytes:
        """A document, or an array of the documents and what else the API wants to know."""
        first = found if isinstance(found, str) else found[0]
        return first if isinstance(first, bytes) else str(first).encode()


class SilentFloor(FairFloor):
    """Writes the same records and no events of them."""

    def insert(self, sent: Row, id: UUID, event: UUID) -> Call:
        sql, *arguments = super().insert(sent, id, event)
        before, _, after = sql.partition(", journal AS (")
        return (before + after[after.rindex(" SELECT d.body") :], *arguments)


app = FairFloor(TENANT)
