import os
import time
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import httpx

URL, KEY = os.environ["CRM_URL"], os.environ["CRM_KEY"]
SHANGHAI = ZoneInfo("Asia/Shanghai")
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


unit = made("/business-units", name="旭日上海", kind="subsidiary")["id"]
hours = [{"opens": "09:00", "closes": "12:00"}, {"opens": "13:00", "closes": "18:00"}]
calendar = made(
    "/business-calendars",
    name="Service desk Shanghai",
    time_zone="Asia/Shanghai",
    week=dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), hours),
    country="CN",
)["id"]


def days(since: date, many: int) -> list[dict]:
    asked = {"from_on": since.isoformat(), "days": many}
    return read(f"/business-calendars/{calendar}/days", **asked)["days"]


saturday, _, monday = days(date(2026, 2, 14), 3)
assert (saturday["because"], saturday["hours"]) == ("make_up_workday", hours)
assert (monday["because"], monday["name"], monday["hours"]) == ("public_holiday", "农历除夕", [])


def now() -> datetime:
    return datetime.fromisoformat(read("/sandbox/clock")["now"]).astimezone(SHANGHAI)


def until(on: str, clock: str) -> None:
    made("/sandbox/clock/advance", to=f"{on}T{clock}:00+08:00")


year = days(now().date() + timedelta(days=15), 385)
eve = next(number for number, one in enumerate(year) if one["name"] == "农历除夕")
last_day = next(one["on"] for one in reversed(year[:eve]) if one["hours"])
festival = days(date.fromisoformat(year[eve]["on"]), 20)
over = next(n for n, one in enumerate(festival) if one["because"] == "week")
make_up = next(one["on"] for one in festival[over:] if not one["hours"])
first_day = min(make_up, next(one["on"] for one in festival if one["hours"]))
said = {"exceptions": [{"on": make_up, "name": "春节调休", "hours": hours}]}
done(api.patch(f"/business-calendars/{calendar}", json=said))


minutes = {"first_response_minutes": 240, "next_response_minutes": 480, "resolution_minutes": 2400}
made(
    "/sla-policies",
    name="Shanghai",
    business_unit_id=unit,
    calendar_id=calendar,
    targets={"normal": minutes},
)


roles = {role["code"]: role["id"] for role in read("/roles", limit=100)["data"]}


def hired(name: str) -> tuple[str, str]:
    user = made("/users", name=name, business_unit_id=unit)["id"]
    made(f"/users/{user}/activate")
    role = roles["service_agent"]
    made("/role-assignments", user_id=user, role_id=role, business_unit_id=unit)
    return user, made("/agents", user_id=user, capacity=8)["id"]


(lina, agent_lina), (chen, agent_chen) = hired("李娜"), hired("陈静")
queue = made(
    "/queues",
    name="Service Shanghai",
    business_unit_id=unit,
    strategy="round_robin",
    member_ids=[agent_lina, agent_chen],
)["id"]
made("/routing-rules", name="Shanghai", position=10, business_unit_id=unit, queue_id=queue)


channel = made(
    "/channels",
    name="Service mail",
    kind="email",
    business_unit_id=unit,
    address="service@sunrise.example",
)["id"]
made("/rating-policies", business_unit_id=unit, enabled=True, kind="csat")


def mailed(subject: str, text: str) -> bytes:
    mail = EmailMessage()
    mail["Message-ID"] = f"<{time.time_ns()}@haiyue.example>"
    mail["From"] = "王芳 <wang.fang@haiyue.example>"
    mail["To"] = "service@sunrise.example"
    mail["Subject"] = subject
    mail.set_content(text)
    return bytes(mail)


def handed_in(mail: bytes) -> dict:
    """As a mail server does it, with each mail that comes."""
    kind = {"Content-Type": "message/rfc822"}
    return done(api.post(f"/channels/{channel}/inbound-mail", content=mail, headers=kind))


until(last_day, "17:30")
made(f"/agents/{agent_lina}/go-online", lina)
tried = made("/routing-rules/try", ticket={"subject": "灌装机漏液"}, business_unit_id=unit)
hindrances = {one["agent_id"]: one["hindrances"] for one in tried["agents"]}
assert hindrances == {agent_lina: [], agent_chen: ["offline"]}

mail = mailed("灌装机漏液", "左边的阀门从今天早上开始漏液。")
came = handed_in(mail)
assert came["outcome"] == "received"
assert handed_in(mail) == {**came, "outcome": "known"}  # sent twice, there once

place = f"/tickets/{came['ticket_id']}"
ticket = read(place, lina, expand="requester")
assert (ticket["category"], ticket["assignee_id"]) == ("open", lina)
assert ticket["requester"]["name"] == "王芳"  # nobody knew her: now she is a customer


def local(instant: str) -> str:
    return datetime.fromisoformat(instant).astimezone(SHANGHAI).strftime("%a %d %b %H:%M")


def clock(kind: str) -> dict:
    return next(one for one in read(f"{place}/sla", lina)["clocks"] if one["clock"] == kind)


def why(kind: str) -> list[str]:
    told = []
    for piece in clock(kind)["because"]:
        day = " ".join(word for word in (piece["because"], piece["name"]) if word)
        stretch = f"{local(piece['starts_at'])} - {local(piece['ends_at'])}"
        told.append(f"{stretch}  {piece['kind']:8}{day}")
    return told


due = datetime.fromisoformat(clock("first_response")["due_at"]).astimezone(SHANGHAI)
assert f"{due:%Y-%m-%d %H:%M}" == f"{first_day} 13:30"


closed = [one["name"] for one in clock("first_response")["because"] if one["kind"] == "closed"]
assert "农历除夕" in closed
assert "春节" in closed
worked = [one for one in clock("resolution")["because"] if one["name"] == "春节调休"]
assert sum(one["seconds"] for one in worked if one["kind"] == "counted") == 8 * 3600
assert clock("resolution")["remaining_seconds"] <= 40 * 3600


until(first_day, "09:30")
note = made(f"{place}/note", lina, text="Under warranty. It may be the seal of the valve.")
assert (note["is_public"], clock("first_response")["state"]) == (False, "running")
made(f"{place}/reply", lina, text="请把阀门的照片发给我们。", then="waiting_customer")
assert clock("first_response")["state"] == "met"
stands = clock("resolution")
assert (stands["state"], stands["due_at"]) == ("paused", None)


until(first_day, "10:30")
answer = handed_in(mailed(f"Re: 灌装机漏液 [{ticket['number']}]", "照片在附件里。"))
assert answer["ticket_id"] == ticket["id"]
assert read(place, lina)["category"] == "open"
goes_on = clock("resolution")
[pause] = [one for one in goes_on["because"] if one["kind"] == "paused"]
assert (goes_on["state"], round(pause["seconds"] / 60)) == ("running", 60)
assert clock("next_response")["state"] == "running"


until(first_day, "10:45")
made(f"{place}/reply", lina, text="我们会上门更换阀门。")
until(make_up, "11:00")
made(f"{place}/reply", lina, text="阀门已更换。", then="resolved")
resolved = read(place, lina)
assert (resolved["category"], resolved["is_breached"]) == ("resolved", False)
happened = read(f"{place}/sla-events", lina)["data"]
assert [(one["clock"], one["kind"]) for one in happened] == [
    ("first_response", "begun"),
    ("resolution", "begun"),
    ("first_response", "met"),
    ("resolution", "paused"),
    ("resolution", "resumed"),
    ("next_response", "begun"),
    ("next_response", "met"),
    ("resolution", "met"),
]


for _ in range(50):
    [rating] = read("/ratings", lina, ticket_id=ticket["id"])["data"]
    if rating["state"] == "sent":
        break
    time.sleep(0.2)
link = made(f"/ratings/{rating['id']}/link")
page = f"{URL}/v1/ratings/by-token/{link['token']}"
asked = done(httpx.get(page))  # without a key
assert (asked["number"], asked["lowest"], asked["highest"]) == (ticket["number"], 1, 5)


score = {"score": 5, "comment": "节后第一天就有人回复。"}
assert httpx.post(page, json=score).status_code == 204
assert httpx.post(page, json={"score": 1}).status_code == 409
[figures] = read("/satisfaction", by="assignee_id", business_unit_id=unit)["groups"]
assert (figures["assignee_id"], figures["asked"], figures["answered"]) == (lina, 1, 1)
assert figures["csat"] == "1.0000"
