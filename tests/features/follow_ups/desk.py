"""Somebody at a desk: a customer in a unit, and what is done with the customer."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from httpx import AsyncClient, Response

from crm_api.kit.context import House
from crm_api.kit.times import rfc3339
from crm_api.platform.journal.sequencer import Sequencer
from tests.features.profiles.test_unit_profiles import begun, made
from tests.platform.test_business_units import unit

Json = dict[str, Any]


def ago(**back: float) -> str:
    return rfc3339(datetime.now(UTC) - timedelta(**back))


@dataclass
class Desk:
    client: AsyncClient
    unit: str
    customer: str

    @property
    def place(self) -> str:
        """Of the profile that the unit has of the customer."""
        return f"/customers/{self.customer}/unit-profiles/{self.unit}"

    async def post(self, **said: Any) -> Response:
        body = {
            "kind": "call",
            "subject": "Spring order",
            "customer_id": self.customer,
            "business_unit_id": self.unit,
            **said,
        }
        return await self.client.post("/activities", json=body)

    async def plan(self, starts_at: str = "", **said: Any) -> Json:
        return _made(await self.post(starts_at=starts_at or ago(hours=1), **said))

    async def done(self, done_at: str = "", **said: Any) -> Json:
        return _made(await self.post(done_at=done_at or ago(minutes=1), **said))

    async def tell(self, activity: Json, verb: str, **said: Any) -> Response:
        return await self.client.post(f"/activities/{activity['id']}/{verb}", json=said)

    async def told(self, activity: Json, verb: str, **said: Any) -> Json:
        answer = await self.tell(activity, verb, **said)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def patch(self, activity: Json, **said: Any) -> Response:
        return await self.client.patch(f"/activities/{activity['id']}", json=said)

    async def read(self, activity: Json) -> Json:
        return dict((await self.client.get(f"/activities/{activity['id']}")).json())

    async def listed(self, path: str = "", **asked: Any) -> list[str]:
        answer = await self.client.get(f"/activities{path}", params={"limit": 200, **asked})
        assert answer.status_code == 200, answer.text
        return [one["id"] for one in answer.json()["data"]]

    async def due(self, **asked: Any) -> list[str]:
        return await self.listed("/due", **asked)

    async def profile(self) -> Json:
        return await begun(self.client, self.place)

    async def last_contact(self) -> str | None:
        told: str | None = (await self.client.get(self.place)).json()["last_contact_at"]
        return told

    async def wait(self, **ahead: float) -> None:
        """The clock of the sandbox goes on."""
        said = {"seconds": int(timedelta(**ahead).total_seconds())}
        assert (await self.client.post("/sandbox/clock/advance", json=said)).is_success

    async def history(self, activity: Json, house: House) -> list[Json]:
        """What became of it, newest first."""
        await Sequencer(house.pool).number_all()
        answer = await self.client.get(f"/activities/{activity['id']}/history")
        assert answer.status_code == 200, answer.text
        records: list[Json] = answer.json()["data"]
        return records


def _made(answer: Response) -> Json:
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def desk_of(client: AsyncClient) -> Desk:
    customer = await made(client, "customers", kind="person", name="王芳")
    return Desk(client, (await unit(client, "Shop"))["id"], customer["id"])
