import os
import time
from datetime import date, datetime, timedelta

import httpx

URL, KEY = os.environ["CRM_URL"], os.environ["CRM_KEY"]
api = httpx.Client(base_url=f"{URL}/v1", headers={"Authorization": f"Bearer {KEY}"})


def done(response: httpx.Response) -> dict:
    if response.is_error:
        problem = response.json()
        raise RuntimeError(f"{problem['code']}: {problem['detail']} {problem['errors']}")
    return response.json()


def made(path: str, who: str | None = None, **body) -> dict:
    return done(api.post(path, json=body, headers=acting(who)))


def listed(path: str, who: str | None = None, **asked) -> list[dict]:
    return done(api.get(path, params=asked, headers=acting(who)))["data"]


def acting(who: str | None) -> dict:
    return {"Crm-On-Behalf-Of": who} if who else {}


def now() -> datetime:
    return datetime.fromisoformat(done(api.get("/sandbox/clock"))["now"])


def until(day: date) -> None:
    ahead = datetime(day.year, day.month, day.day, 1, tzinfo=now().tzinfo) - now()
    made("/sandbox/clock/advance", seconds=int(ahead.total_seconds()))


def following(day: date, months: int) -> date:
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


today = now().date()
quarter = following(today, 3 - (today.month - 1) % 3)
until(quarter)

unit = made("/business-units", name="旭日上海", kind="subsidiary")["id"]
roles = {role["code"]: role["id"] for role in listed("/roles", limit=100)}


def hired(name: str, role: str) -> str:
    user = made("/users", name=name, business_unit_id=unit)["id"]
    made(f"/users/{user}/activate")
    made("/role-assignments", user_id=user, role_id=roles[role], business_unit_id=unit)
    return user


manager = hired("王强", "unit_manager")
lina, chen = hired("李娜", "sales"), hired("陈静", "sales")
spring = {"period": "quarter", "starts_on": quarter.isoformat(), "business_unit_id": unit}
for whom, amount in (({"user_id": lina}, 300_000), ({"user_id": chen}, 200_000)):
    made("/quotas", **spring, **whom, amount={"amount": str(amount), "currency": "CNY"})
made("/quotas", **spring, amount={"amount": "500000", "currency": "CNY"})

pipeline = made("/pipelines", name="Machines", business_unit_id=unit, is_default=True)
stages = [
    {name: value for name, value in stage.items() if name not in ("id", "retired")}
    for stage in pipeline["stages"]
]
proposal = next(stage for stage in stages if stage["code"] == "proposal")
proposal["required_fields"] = ["amount"]
proposal["checklist"] = [{"key": "credit_checked", "labels": {"zh-CN": "信用审核"}}]
done(api.patch(f"/pipelines/{pipeline['id']}", json={"stages": stages}))

factory = made("/customers", lina, kind="organization", name="北京机械厂", source="trade_fair")[
    "id"
]
buyer = made("/customers", lina, kind="person", name="赵敏", title="采购经理")["id"]
call = made(
    "/activities",
    lina,
    kind="call",
    subject="After the fair",
    state="done",
    customer_id=factory,
    contact_id=buyer,
    outcome="Needs a packaging line next year",
    next_step="Visit them",
    next_contact_at=(now() + timedelta(days=5)).isoformat(),
)
deal = made(
    "/deals",
    lina,
    name="Packaging line",
    customer_id=factory,
    source="trade_fair",
    contacts=[{"customer_id": buyer, "role": "decision_maker", "is_primary": True}],
    expected_close_on=following(quarter, 2).isoformat(),
)
assert (deal["owner_id"], deal["stage"], deal["status"]) == (lina, "contact", "open")
assert listed("/deals", chen) == []

[profile] = listed(f"/customers/{factory}/unit-profiles", manager)
assert profile["last_contact_at"] == call["done_at"]

until(quarter + timedelta(days=6))
assert [one["id"] for one in listed("/activities/due", lina)] == [call["id"]]
made(
    "/activities",
    lina,
    kind="visit",
    subject="Their plant",
    state="done",
    customer_id=factory,
    records=[deal["id"]],
    outcome="Wants an offer for two machines",
)
assert listed("/activities/due", lina) == []
task = made(
    "/tasks",
    lina,
    subject="Write how far the offer is",
    customer_id=factory,
    records=[deal["id"]],
    due_on=(quarter + timedelta(days=13)).isoformat(),
    recurrence={"rule": "FREQ=WEEKLY;COUNT=3"},
)
completed = done(api.post(f"/tasks/{task['id']}/complete", headers=acting(lina)))
assert completed["next_task_id"]


def act(who: str, deal: dict, verb: str, **body) -> httpx.Response:
    seen = {"If-Match": f'"{deal["version"]}"', **acting(who)}
    return api.post(f"/deals/{deal['id']}/{verb}", json=body, headers=seen)


refused = act(lina, deal, "move", stage="proposal")
assert refused.status_code == 409
assert [error["code"] for error in refused.json()["errors"]] == ["field_missing"]
told = done(api.get(f"/deals/{deal['id']}/transitions", headers=acting(lina)))
blocked = {move["stage"]: [one["field"] for one in move["obstacles"]] for move in told["moves"]}
assert (blocked["needs"], blocked["proposal"]) == ([], ["amount"])

offer = [
    {
        "name": "Filling machine F-200",
        "quantity": "2",
        "unit_price": {"amount": "180000", "currency": "CNY"},
        "discount_percent": "5",
    }
]
place = f"/deals/{deal['id']}"
deal = done(api.patch(place, json={"products": offer}, headers=acting(lina)))
assert deal["amount"] == {"amount": "342000.00", "currency": "CNY"}
deal = done(act(lina, deal, "move", stage="proposal"))

stale_card = {**deal, "version": deal["version"] - 1}
assert act(manager, stale_card, "move", stage="needs").status_code == 412

made("/exchange-rates", currency="EUR", rate="7.8", valid_from_on=quarter.isoformat())
euros = made("/customers", chen, kind="organization", name="Müller Maschinenbau")["id"]
export = made(
    "/deals",
    chen,
    name="Spare parts",
    customer_id=euros,
    amount={"amount": "12500", "currency": "EUR"},
    expected_close_on=following(quarter, 1).isoformat(),
)
assert export["base_amount"] == {"amount": "97500.00", "currency": "CNY"}
slow = made("/deals", chen, name="Old contact", customer_id=euros)

until(following(quarter, 1))
deal = done(api.get(place, headers=acting(lina)))
assert act(lina, deal, "win").status_code == 409
deal = done(api.patch(place, json={"checklist": {"credit_checked": True}}, headers=acting(lina)))
deal = done(act(lina, deal, "win", note="Signed in Beijing"))
stays = listed(f"/deals/{deal['id']}/stage-history", manager)
kinds = [(stay["kind"], stay["skipped"]) for stay in stays]
assert kinds == [("open", False), ("open", True), ("open", False), ("open", True), ("won", False)]

export = done(api.get(f"/deals/{export['id']}", headers=acting(chen)))
done(act(chen, export, "lose", reason="price", note="A third cheaper elsewhere"))

until(following(quarter, 1) + timedelta(days=10))
for _ in range(50):
    forgotten = listed("/deals", manager, stale=True)
    if forgotten:
        break
    time.sleep(0.2)
assert [one["id"] for one in forgotten] == [slow["id"]]

made("/exchange-rates", currency="EUR", rate="9", valid_from_on=now().date().isoformat())
asked = {"period": "quarter", "from_on": quarter.isoformat(), "periods": 1, "by": "owner_id"}
forecast = done(api.get("/forecasts", params=asked, headers=acting(manager)))
closed = {row["owner_id"]: (row["closed"]["amount"], row["quota"]) for row in forecast["rows"]}
assert closed[lina] == ("342000.00", {"amount": "300000.00", "currency": "CNY"})
assert closed[chen][0] == "0.00"
place = f"/pipelines/{pipeline['id']}/funnel"
funnel = done(api.get(place, params={"from_on": quarter.isoformat()}, headers=acting(manager)))
counts = {stage["stage"]: (stage["entered"], stage["went_on"]) for stage in funnel["stages"]}
assert counts["contact"] == (3, 1)
assert counts["won"] == (1, 0)
