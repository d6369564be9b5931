"""What the demo's customers bought, put into the API by the ids of the file.

Whoever breaks off begins again: what is there already is sent once more and stays `unchanged`.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

import httpx
from rich.progress import Progress

from .loading import ALL, SYSTEM, Json, Known, Sample, every, out
from .trouble import Trouble

if TYPE_CHECKING:
    from .households import Good

AT_ONCE, BATCH, TRIES, PAUSE = 4, 100, 60, 0.5
UNIT = {"name": "Store", "kind": "shop", "code": "COMPLETE-JOURNEY", "time_zone": "Etc/UTC"}
RATE = {"currency": "USD", "rate": "7.1", "valid_from_on": "2017-01-01", "source": "demo"}
Ids = dict[str, str]


@dataclass
class Trading:
    """`outcomes` counts what became of the items, by the nouns."""

    api: httpx.AsyncClient
    progress: Progress
    outcomes: dict[str, Counter[str]] = field(default_factory=dict)

    async def upsert(self, noun: str, items: Iterable[Json], total: int) -> Ids:
        """A hundred at once, on several connections; their ids, by those of the file."""
        ids: Ids = {}
        bar = self.progress.add_task(f"Demo {noun}", total=total)
        self.outcomes[noun] = Counter()
        batches = _batches(items)

        async def worker() -> None:
            for batch in batches:
                ids.update(await self._put(noun, batch))
                self.progress.advance(bar, len(batch))

        await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
        return ids

    async def post(self, path: str, body: Json) -> httpx.Response:
        """Sent again while the server has too much to do."""
        for _ in range(TRIES):
            answer = await self.api.post(path, json=body)
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                break
            await asyncio.sleep(PAUSE)
        return answer

    async def _put(self, noun: str, items: list[Json]) -> Ids:
        body = {"system": SYSTEM, "items": items}
        answer = await self.post(f"/{noun}/batch-upsert", body)
        told = answer.json().get("data", [])
        if answer.status_code != httpx.codes.OK:
            refused = [one["problem"] for one in told if one["outcome"] == "failed"]
            raise Trouble(f"The API refused some {noun}: {refused[:1] or answer.text}")
        self.outcomes[noun].update(one["outcome"] for one in told)
        return {item["external_id"]: one["id"] for item, one in zip(items, told, strict=True)}


async def load_trade(api: httpx.AsyncClient, sample: Sample, customers: Known) -> Trading:
    """Baskets of households that are no customers are left out.

    Raises: Trouble where something is refused.
    """
    from .households import WEEK, Shop, order  # takes a second to load

    ids = {household: str(row["id"]) for household, row in customers.items()}
    bought = [basket for basket in sample.baskets if str(basket.household) in ids]
    with Progress(console=out) as progress:
        trading = Trading(api, progress)
        products = await load_products(trading, sample.goods)
        shop = Shop(await store(api), ids, products, WEEK * sample.shift_weeks)
        await trading.upsert("orders", (order(one, shop) for one in bought), len(bought))
    return trading


async def load_products(trading: Trading, goods: "Sequence[Good]") -> Ids:
    """Their categories too; those that are there stay as they are."""
    from .households import categories, product

    places = await _categories(trading.api, categories(goods))
    return await trading.upsert("products", (product(one, places) for one in goods), len(goods))


async def store(api: httpx.AsyncClient) -> str:
    """The unit that sold all of it. What it took is in dollars: a tenant whose base is the yuan
    gets a rate for them, an invented one, by which all is summed up."""
    async for unit in every(api, "/business-units", code=UNIT["code"], state=ALL):
        return str(unit["id"])
    if (await _answer(api.get("/tenant")))["base_currency"] == "CNY":
        await _answer(api.post("/exchange-rates", json=RATE), spared="duplicate-value")
    return str((await _answer(api.post("/business-units", json=UNIT)))["id"])


async def _categories(api: httpx.AsyncClient, bodies: list[Json]) -> Ids:
    """Ids by codes. `parent` names one by its code."""
    rows = every(api, "/product-categories", state=ALL)
    there = {row["code"]: str(row["id"]) async for row in rows}
    for body in bodies:
        parent = there.get(body.pop("parent", ""))
        if body["code"] not in there:
            asked = api.post("/product-categories", json=body | {"parent_id": parent})
            there[body["code"]] = (await _answer(asked))["id"]
    return there


async def _answer(asked: Awaitable[httpx.Response], spared: str = "") -> Json:
    answer = await asked
    said: Json = answer.json()
    if answer.is_error and said["code"] != spared:
        raise Trouble(f"The API refused what the demo is sold with: {answer.text}")
    return said


def _batches(items: Iterable[Json]) -> Iterator[list[Json]]:
    waiting = iter(items)
    while batch := list(islice(waiting, BATCH)):
        yield batch
