"""What people say who ask for customers, and share them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from httpx import Response

from tests.grouping import Group, Person, made

Json = dict[str, Any]
EMAIL = "wang.fang@example.com"
CONTACT: Json = {"contact_points": [{"kind": "email", "value": EMAIL}]}
UNKNOWN = "019a2b7c4d5e7f60a1b2c3d4e5f60718"
BASIS: Json = {
    "basis": "separate_consent",
    "recipient": "西部零售有限公司",
    "purpose": "Joint membership",
}


def ahead(**by: float) -> str:
    return (datetime.now(UTC) + timedelta(**by)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


async def resolved(person: Person, **keys: Any) -> Json:
    return await made(person.client, "/customers/resolve", keys or {"email": EMAIL}, 200)


async def requested(person: Person, **said: Any) -> Json:
    """A request for whom the group knows by EMAIL."""
    told = await resolved(person)
    body = {"reference": told["reference"], "reason": "Joint tender", **said}
    return await made(person.client, "/access-requests", body)


async def decided(person: Person, request: Json, verb: str, **said: Any) -> Response:
    return await person.client.post(f"/access-requests/{request['id']}/{verb}", json=said)


async def granted(group: Group, customer: str, unit: str, **said: Any) -> Json:
    body = {"customer_id": customer, "business_unit_id": group.units[unit], **said}
    return await made(group.admin, "/access-grants", body)
