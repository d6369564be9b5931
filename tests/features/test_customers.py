"""The customers resource, as a caller meets it."""

from typing import Any

from httpx import AsyncClient

from crm_api.features.customers.schemas import CustomerRead

WANG: dict[str, Any] = {
    "kind": "person",
    "name": "王芳",
    "family_name": "王",
    "given_name": "芳",
    "contact_points": [
        {"kind": "email", "value": "Wang.Fang@Example.com"},
        {"kind": "phone", "value": "138 0013 8000", "label": "work"},
    ],
    "external_ids": {"sap": "0000104711"},
    "tags": ["vip", "vip", "east"],
    "addresses": [{"country": "CN", "city": "上海"}],
    "preferences": {"channel": "wechat"},
}


async def test_what_is_written_is_what_is_read(client: AsyncClient) -> None:
    created = await client.post("/customers", json=WANG)
    assert created.status_code == 201, created.text
    one = await client.get(f"/customers/{created.json()['id']}")
    page = await client.get("/customers")
    assert one.content == created.content
    assert page.content == b'{"data":[' + one.content + b'],"has_more":false,"next_cursor":null}'
    assert created.headers["etag"] == one.headers["etag"] == '"1"'
    assert created.headers["location"] == f"/v1/customers/{created.json()['id']}"


async def test_the_bytes_are_what_the_schema_says(client: AsyncClient) -> None:
    full = await client.post("/customers", json=WANG)
    bare = await client.post("/customers", json={"kind": "organization", "name": "Acme"})
    for response in (full, bare):
        assert response.status_code == 201, response.text
        read = CustomerRead.model_validate_json(response.content)
        assert list(response.json()) == list(CustomerRead.model_fields)
        assert read.model_dump(mode="json") == response.json()
