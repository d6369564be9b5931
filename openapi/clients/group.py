import os
import time

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


head = made("/legal-entities", name="旭日集团", country="CN")
group = made("/business-units", name="旭日集团", kind="group", legal_entity_id=head["id"])
units = {}
for name in ("零售", "批发", "电商"):
    entity = made("/legal-entities", name=f"旭日{name}有限公司", country="CN")
    units[name] = made(
        "/business-units",
        name=f"旭日{name}",
        kind="subsidiary",
        parent_id=group["id"],
        legal_entity_id=entity["id"],
    )["id"]

roles = {role["code"]: role["id"] for role in done(api.get("/roles"))["data"]}


def hired(name: str, role: str, unit: str) -> str:
    user = made("/users", name=name, business_unit_id=units[unit])["id"]
    made(f"/users/{user}/activate")
    made("/role-assignments", user_id=user, role_id=roles[role], business_unit_id=units[unit])
    return user


retail = hired("李娜", "unit_manager", "零售")
wholesale = hired("王强", "unit_manager", "批发")
online = hired("周敏", "unit_manager", "电商")
seller, colleague = hired("陈静", "sales", "零售"), hired("刘洋", "sales", "零售")


def acting(user: str) -> dict:
    return {"Crm-On-Behalf-Of": user}


def seen(user: str) -> list[str]:
    page = done(api.get("/customers", params={"sort": "name"}, headers=acting(user)))
    return [customer["name"] for customer in page["data"]]


def sold(**customer) -> str:
    return done(api.post("/customers", json=customer, headers=acting(seller)))["id"]


acme = sold(kind="organization", name="Acme", external_ids={"erp": "4711"})
bauer = sold(kind="organization", name="Bauer")
wang = sold(kind="person", name="王芳", contact_points=[{"kind": "phone", "value": "13800138000"}])
assert seen(seller) == seen(retail) == ["Acme", "Bauer", "王芳"]
assert seen(wholesale) == seen(online) == seen(colleague) == []

for customer in (acme, bauer):
    place = f"/customers/{customer}/unit-profiles/{units['批发']}"
    done(api.patch(place, json={"owner_id": wholesale, "credit_days": 60}))
assert seen(wholesale) == ["Acme", "Bauer"]
profiles = done(api.get(f"/customers/{acme}/unit-profiles", headers=acting(wholesale)))["data"]
assert [profile["credit_days"] for profile in profiles] == [60]

taken = api.patch(
    "/customers/external/erp/4711",
    json={"kind": "organization", "name": "Acme"},
    headers=acting(online),
)
assert taken.status_code == 409
assert "existing" not in taken.json()

done(api.patch("/tenant", json={"tells_known_to_group": True}))
asked = {"phone": "13800138000"}
resolved = done(api.post("/customers/resolve", json=asked, headers=acting(online)))
assert resolved["data"] == []
assert resolved["known_to_group"]

request = done(
    api.post(
        "/access-requests",
        json={
            "reference": resolved["reference"],
            "level": "read",
            "reason": "She ordered in the online shop",
            "basis": "separate_consent",
            "recipient": "旭日电商有限公司",
            "purpose": "Joint membership",
            "until": "2099-12-31T16:00:00Z",
        },
        headers=acting(online),
    )
)
assert request["customer_id"] is None
(waiting,) = done(api.get("/access-requests", params={"state": "pending"}, headers=acting(retail)))[
    "data"
]
assert waiting["customer_id"] == wang
decided = f"/access-requests/{waiting['id']}/approve"
approved = done(api.post(decided, json={}, headers=acting(retail)))
assert seen(online) == ["王芳"]
refused = api.patch(f"/customers/{wang}", json={"name": "X"}, headers=acting(online))
assert refused.status_code == 403

made(f"/access-grants/{approved['access_grant_id']}/revoke")
assert seen(online) == []

rules = {"rules": [{"business_unit_id": units["零售"], "to_user_id": colleague}]}
preview = done(api.post(f"/users/{seller}/preview-handover", json=rules))
owned = next(r for r in preview["roles"] if (r["noun"], r["role"]) == ("unit_profile", "owner"))
assert owned["to"] == [{"user_id": colleague, "records": 3}]

job = done(api.post(f"/users/{seller}/handover", json=rules))
while job["state"] in ("queued", "running"):
    time.sleep(0.2)
    job = done(api.get(f"/jobs/{job['id']}"))
assert job["state"] == "succeeded", job
made(f"/users/{seller}/depart")
assert seen(colleague) == ["Acme", "Bauer", "王芳"]

time.sleep(1.1)
assert api.get("/customers", headers=acting(seller)).status_code == 403
why = made("/access/explain", user_id=seller, scope="customers:read", record_id=wang)
assert (why["allowed"], why["reason"]) == (False, "user_not_active")
