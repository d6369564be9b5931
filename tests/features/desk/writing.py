"""What customers write, as it comes in by channels."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from httpx import AsyncClient, Response

from crm_api.kit.signing import signed
from tests.features.pipeline.selling import unit
from tests.grouping import made

Json = dict[str, Any]


def mail(*headers: str, body: str = "The filler leaks.", **said: str) -> bytes:
    """A mail of Wang Fang, unless it says otherwise."""
    told = {
        "From": "Wang Fang <wang.fang@example.com>",
        "To": "service@example.com",
        "Subject": "The filler leaks",
        "Message-ID": f"<{uuid4().hex}@mail.example.com>",
        "Date": "Fri, 27 Nov 2026 08:00:00 +0800",
        **{name.replace("_", "-"): value for name, value in said.items()},
    }
    lines = [*(f"{name}: {value}" for name, value in told.items() if value), *headers, "", body]
    return "\r\n".join(lines).encode()


@dataclass
class Counter:
    """A channel, and whoever hands in what has come by it."""

    client: AsyncClient
    channel: Json
    unit: str

    @property
    def place(self) -> str:
        return f"/channels/{self.channel['id']}"

    async def send(self, raw: bytes) -> Response:
        headers = {"Content-Type": "message/rfc822"}
        return await self.client.post(f"{self.place}/inbound-mail", content=raw, headers=headers)

    async def took(self, raw: bytes, outcome: str = "received") -> Json:
        return took(await self.send(raw), outcome)

    async def filled(self, **said: Any) -> Response:
        return await self.client.post(f"{self.place}/inbound-form", json=said)

    async def wrote(self, **said: Any) -> Response:
        return await self.client.post(f"{self.place}/inbound-message", json=said)

    async def ticket(self, receipt: Json, **asked: Any) -> Json:
        return await read(self.client, f"/tickets/{receipt['ticket_id']}", **asked)

    async def messages(self, receipt: Json) -> list[Json]:
        path = f"/tickets/{receipt['ticket_id']}/messages"
        told: list[Json] = (await read(self.client, path, limit=200))["data"]
        return told

    async def tickets(self) -> list[Json]:
        asked = {"limit": 200, "sort": "created_at"}
        told: list[Json] = (await read(self.client, "/tickets", **asked))["data"]
        return told


async def counter(client: AsyncClient, **said: Any) -> Counter:
    at = await unit(client)
    told = {"name": f"Service {uuid4().hex[:6]}", "business_unit_id": at, **said}
    return Counter(client, await made(client, "/channels", told), at)


def took(answer: Response, outcome: str = "received") -> Json:
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    assert told["outcome"] == outcome, told
    return told


async def read(client: AsyncClient, path: str, **asked: Any) -> Json:
    answer = await client.get(path, params=asked)
    assert answer.status_code == 200, answer.text
    told: Json = answer.json()
    return told


def signature(secret: str, body: bytes, at: datetime | None = None) -> dict[str, str]:
    """Of text, as the library of Standard Webhooks makes it."""
    return signed([secret], f"msg_{uuid4().hex}", at or datetime.now(UTC), body.decode())
