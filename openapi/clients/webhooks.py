import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
from standardwebhooks import Webhook, WebhookVerificationError

URL, KEY = os.environ["CRM_URL"], os.environ["CRM_KEY"]
PORT = int(os.environ.get("PORT", "9480"))
api = httpx.Client(base_url=f"{URL}/v1", headers={"Authorization": f"Bearer {KEY}"})


def done(response: httpx.Response) -> dict:
    if response.is_error:
        problem = response.json()
        raise RuntimeError(f"{problem['code']}: {problem['detail']}")
    return response.json()


subscription = {"url": f"http://127.0.0.1:{PORT}/crm", "event_types": ["customer.*"]}
endpoint = done(api.post("/webhook-endpoints", json=subscription))
secret = endpoint["secret"]
place = f"/webhook-endpoints/{endpoint['id']}"

down = threading.Event()


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if down.is_set():
            return self.answer(503)
        try:
            event = Webhook(secret).verify(body, dict(self.headers))
        except WebhookVerificationError:
            return self.answer(400)
        take(event)
        self.answer(204)

    def answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *said: object) -> None:
        """Quietly."""


lock = threading.Lock()
seen: set[str] = set()
customers: dict[str, dict] = {}
versions: dict[str, int] = {}


def take(event: dict) -> None:
    with lock:  # a transaction, where you have a database
        if event["id"] in seen or event["type"] == "webhook.test":
            return
        seen.add(event["id"])
        if event["object_version"] > versions.get(event["object_id"], 0):
            versions[event["object_id"]] = event["object_version"]
            customers[event["object_id"]] = event["data"]


threading.Thread(
    target=ThreadingHTTPServer(("127.0.0.1", PORT), Receiver).serve_forever, daemon=True
).start()


def until(happened, what: str) -> None:
    for _ in range(300):
        if happened():
            return
        time.sleep(0.1)
    raise TimeoutError(what)


test = done(api.post(f"{place}/test"))
assert test["delivered"], test

wang = done(api.post("/customers", json={"kind": "person", "name": "王芳"}))
wang = done(api.patch(f"/customers/{wang['id']}", json={"source": "trade_fair"}))
until(lambda: customers.get(wang["id"]) == wang, "both events have arrived")

began = wang["updated_at"]
down.set()
missed = [
    done(api.post("/customers", json={"kind": "person", "name": f"Bob {n}"})) for n in range(3)
]


def states() -> set[str]:
    asked = {"created_at__gte": began, "event_type": "customer.created", "limit": 3}
    return {one["state"] for one in done(api.get(f"{place}/deliveries", params=asked))["data"]}


until(lambda: states() == {"retrying"}, "three deliveries have failed")
down.clear()
job = done(api.post(f"{place}/replay", json={"from": began, "only": "failed"}))
until(lambda: all(one["id"] in customers for one in missed), "what was missed has arrived")

rotated = done(api.post(f"{place}/rotate-secret", json={"overlap_seconds": 3600}))
secret = rotated["secret"]

li = done(api.post("/customers", json={"kind": "person", "name": "李娜"}))
until(lambda: li["id"] in customers, "what is signed with both secrets has arrived")
api.delete(place)
assert len(customers) == 5, customers
