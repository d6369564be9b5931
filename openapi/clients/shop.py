import os
from uuid import uuid4

import httpx

URL, KEY = os.environ["CRM_URL"], os.environ["CRM_KEY"]
api = httpx.Client(base_url=f"{URL}/v1", headers={"Authorization": f"Bearer {KEY}"})


def done(response: httpx.Response) -> dict:
    if response.is_error:
        problem = response.json()
        raise RuntimeError(f"{problem['code']}: {problem['detail']} {problem['errors']}")
    return response.json()


def made(path: str, **body) -> dict:
    return done(api.post(path, json=body))


def moved(path: str, **body) -> dict:
    """Goods and money move once: a repetition with the same key does nothing."""
    return done(api.post(path, json=body, headers={"Idempotency-Key": uuid4().hex}))


def cny(amount: str) -> dict:
    return {"amount": amount, "currency": "CNY"}


unit = made("/business-units", name="旭日网店", kind="shop", code="WEB")["id"]
made(
    "/number-patterns",
    noun="order",
    business_unit_id=unit,
    pattern="{unit}-{yyyy}-{n:6}",
    restarts="year",
)
kettle = made("/products", sku="K-1", name="电热水壶", unit="个", list_price=cny("199"))
cup = made("/products", sku="C-6", name="马克杯", unit="个", list_price=cny("39.90"))
customer = made("/customers", kind="person", name="王芳", external_ids={"shop": "u-88"})["id"]


def basket(version: int, cups: int) -> dict:
    lines = [
        {"line": 1, "sku": "K-1", "name": "Kettle", "quantity": "1", "amount": cny("199.00")},
        {
            "line": 2,
            "sku": "C-6",
            "name": "Mug",
            "quantity": str(cups),
            "amount": cny(f"{cups * 40}.00"),
        },
    ]
    return {
        "customer_id": customer,
        "business_unit_id": unit,
        "pricing": "given",
        "prices_include_tax": True,
        "status": "confirmed",
        "source_version": version,
        "lines": lines,
    }


def pushed(version: int, cups: int) -> dict:
    item = {"external_id": "100048", "data": basket(version, cups)}
    return made("/orders/batch-upsert", system="shop", items=[item])["data"][0]


assert pushed(1, cups=4)["outcome"] == "created"
assert pushed(1, cups=4)["outcome"] == "unchanged"
assert pushed(3, cups=6)["outcome"] == "updated"
assert pushed(2, cups=5)["outcome"] == "unchanged"  # late: the shop's third version is there

order = done(api.get("/orders/external/shop/100048"))
assert order["total"] == cny("439.00")
assert order["number"].startswith("WEB-")
assert order["revision"] == 2
assert order["lines"][0]["product_id"] == kettle["id"]


def status() -> tuple[str, str, str]:
    now = done(api.get(f"/orders/{order['id']}"))
    return now["status"], now["shipment_status"], now["payment_status"]


def shipped(*lines: dict) -> dict:
    said = {"lines": list(lines)} if lines else {}
    shipment = made("/shipments", order_id=order["id"], status="ready", carrier="SF", **said)
    return moved(f"/shipments/{shipment['id']}/ship")


first = shipped({"line": 1, "quantity": "1"}, {"line": 2, "quantity": "2"})
assert status() == ("in_progress", "partial", "none")
refused = api.post(
    "/shipments", json={"order_id": order["id"], "lines": [{"line": 2, "quantity": "5"}]}
)
assert refused.status_code == 422
assert refused.json()["errors"][0]["pointer"] == "/lines/0/quantity"

second = shipped()  # all that is left
assert status() == ("in_progress", "full", "none")
made(
    f"/shipments/{first['id']}/track",
    events=[{"at": first["shipped_at"], "code": "picked_up", "location": "上海"}],
)
for shipment in (first, second):
    made(f"/shipments/{shipment['id']}/deliver")
    made(f"/shipments/{shipment['id']}/accept", accepted_by="王芳")

receipt = moved(
    "/receipts",
    customer_id=customer,
    business_unit_id=unit,
    amount=cny("439.00"),
    method="wechat_pay",
    status="confirmed",
    allocations=[{"order_id": order["id"], "amount": cny("439.00")}],
)
assert status() == ("in_progress", "full", "full")

back = made(
    "/returns",
    order_id=order["id"],
    lines=[{"line": 2, "quantity": "2", "reason": "Chipped"}],
)
made(f"/returns/{back['id']}/approve")
back = moved(f"/returns/{back['id']}/receive")
assert (back["status"], back["received_total"]) == ("received", cny("80.00"))
line = done(api.get(f"/orders/{order['id']}"))["lines"][1]
assert (line["shipped_quantity"], line["returned_quantity"]) == ("6", "2")
made(f"/orders/{order['id']}/complete")

overview = done(api.get(f"/customers/{customer}/overview"))
assert overview["orders"]["count"] == 1
assert overview["orders"]["totals"] == overview["orders"]["paid"] == [cny("439.00")]
