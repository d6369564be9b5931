import os
import time
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from zoneinfo import ZoneInfo

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


def read(path: str, who: str | None = None, **asked) -> dict:
    return done(api.get(path, params=asked, headers=acting(who)))


def acting(who: str | None) -> dict:
    return {"Crm-On-Behalf-Of": who} if who else {}


unit = made("/business-units", name="旭日上海", kind="subsidiary", code="SH")["id"]
day = [{"opens": "09:00", "closes": "12:00"}, {"opens": "13:00", "closes": "18:00"}]
calendar = made(
    "/business-calendars",
    name="Service desk",
    time_zone="Asia/Shanghai",
    week=dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), day),
    country="CN",
)["id"]


def days(since: date, many: int) -> list[dict]:
    asked = {"from_on": since.isoformat(), "days": many}
    return read(f"/business-calendars/{calendar}/days", **asked)["days"]


fourteenth, *_, eve = days(date(2026, 2, 14), 3)
assert (fourteenth["because"], fourteenth["hours"]) == ("make_up_workday", day)
assert (eve["because"], eve["name"], eve["hours"]) == ("public_holiday", "农历除夕", [])

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    return datetime.fromisoformat(read("/sandbox/clock")["now"]).astimezone(SHANGHAI)


def until(on: str, clock: str) -> None:
    made("/sandbox/clock/advance", to=f"{on}T{clock}:00+08:00")


year = days(now().date() + timedelta(days=15), 385)
place = next(number for number, one in enumerate(year) if one["name"] == "农历除夕")
holiday = days(date.fromisoformat(year[place]["on"]), 20)
before = next(one["on"] for one in reversed(year[:place]) if one["hours"])
over = next(n for n, one in enumerate(holiday) if one["because"] != "public_holiday" and one["hours"])
make_up = next(one["on"] for one in holiday[over:] if not one["hours"])
back = min(make_up, holiday[over]["on"])
done(
    api.patch(
        f"/business-calendars/{calendar}",
        json={"exceptions": [{"on": make_up, "name": "春节调休", "hours": day}]},
    )
)

target = {"first_response_minutes": 240, "next_response_minutes": 480, "resolution_minutes": 2400}
policy = made(
    "/sla-policies",
    name="Shanghai",
    business_unit_id=unit,
    calendar_id=calendar,
    targets={"normal": target},
)["id"]

roles = {role["code"]: role["id"] for role in read("/roles", limit=100)["data"]}


def hired(name: str) -> tuple[str, str]:
    user = made("/users", name=name, business_unit_id=unit)["id"]
    made(f"/users/{user}/activate")
    made(
        "/role-assignments",
        user_id=user,
        role_id=roles["service_agent"],
        business_unit_id=unit,
    )
    return user, made("/agents", user_id=user, capacity=8)["id"]


(lina, at_first), (chen, at_second) = hired("李娜"), hired("陈静")
made(
    "/queues",
    name="Service",
    business_unit_id=unit,
    strategy="round_robin",
    member_ids=[at_first, at_second],
    is_default=True,
)
channel = made(
    "/channels",
    name="Service mail",
    kind="email",
    business_unit_id=unit,
    address="service@sunrise.example",
)["id"]
made("/rating-policies", business_unit_id=unit, enabled=True, kind="csat")


def mailed(subject: str, text: str) -> dict:
    mail = EmailMessage()
    mail["Message-ID"] = f"<{time.time_ns()}@haiyue.example>"
    mail["From"] = "王芳 <wang.fang@haiyue.example>"
    mail["To"] = "service@sunrise.example"
    mail["Subject"] = subject
    mail.set_content(text)
    return done(
        api.post(
            f"/channels/{channel}/inbound-mail",
            content=bytes(mail),
            headers={"Content-Type": "message/rfc822"},
        )
    )


until(before, "17:00")
made(f"/agents/{at_first}/go-online", lina)
receipt = mailed("灌装机漏液", "左边的阀门从今天早上开始漏液。")
assert receipt["outcome"] == "received"
ticket = read(f"/tickets/{receipt['ticket_id']}", expand="requester")
print(ticket)
ticket = read(f"/tickets/{receipt['ticket_id']}", lina)
assert (ticket["category"], ticket["assignee_id"]) == ("open", lina)
sla = read(f"/tickets/{ticket['id']}/sla", lina)
import json
print(json.dumps(sla, ensure_ascii=False))
