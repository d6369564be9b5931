"""Whatever happens to an order, its shipments, returns and receipts: it is what a small model says.

As many steps as you like: `CRM_TRADE_STEPS=50000 pytest tests/features/trade/test_trade_model.py`.
"""

import asyncio
import os
from collections.abc import Coroutine
from decimal import Decimal
from typing import Any, ClassVar, TypeVar
from uuid import uuid4

from httpx import AsyncClient, Response
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from tests.features.pipeline.selling import money

from .ordering import Counter, Json, counter, line
from .trade_model import Line, Order

STEPS = int(os.environ.get("CRM_TRADE_STEPS", "1000"))
AT_ONCE = 40
LINES = {1: (5, 1000), 2: (3, 755), 3: (2, 99)}
"""Quantity and price in cents, by number."""
PARTS = st.dictionaries(st.sampled_from([*LINES]), st.integers(1, 4), min_size=1)
CENTS = st.sampled_from([1, 500, 2000, 8512, 10_000])
T = TypeVar("T")


def amount(cents: int) -> Json:
    return money(f"{Decimal(cents) / 100:.2f}")


def sent(lines: dict[int, int]) -> list[Json]:
    return [{"line": number, "quantity": str(q)} for number, q in lines.items()]


class Caller:
    """Calls of one order, from another thread than that of the application."""

    def __init__(self, loop: asyncio.AbstractEventLoop, ordering: Counter) -> None:
        self.loop, self.ordering, self.client = loop, ordering, ordering.client

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    def post(self, path: str, **said: Any) -> Response:
        keyed = {"Idempotency-Key": uuid4().hex}
        return self.wait(self.client.post(path, json=said or None, headers=keyed))

    def done(self, answer: Response) -> bool:
        assert answer.status_code in (200, 201, 409, 422), answer.text
        return answer.status_code < 300


class Trade(RuleBasedStateMachine):
    caller: ClassVar[Caller]
    shipments, returns, receipts = Bundle("shipments"), Bundle("returns"), Bundle("receipts")

    @initialize()
    def order_something(self) -> None:
        lines = [
            line(amount(price)["amount"], str(q), tax_percent="13") for q, price in LINES.values()
        ]
        self.order = self.caller.wait(self.caller.ordering.order(*lines))
        self.model = Order({n: Line(q, price) for n, (q, price) in LINES.items()})
        self.path = f"/orders/{self.order['id']}"

    @rule(verb=st.sampled_from(["confirm", "confirm", "complete", "cancel"]))
    def go_on(self, verb: str) -> None:
        said = {"reason": "Changed his mind"} if verb == "cancel" else {}
        self._same(self.caller.post(f"{self.path}/{verb}", **said), getattr(self.model, verb)())

    @rule(number=st.sampled_from([*LINES]), quantity=st.integers(1, 8))
    def revise(self, number: int, quantity: int) -> None:
        lines = [
            line(
                amount(one.price)["amount"],
                str(quantity if n == number else one.quantity),
                tax_percent="13",
            )
            for n, one in self.model.lines.items()
        ]
        answer = self.caller.wait(self.caller.ordering.put(self._now(), lines=lines))
        self._same(answer, self.model.revise(number, quantity))

    @rule(target=shipments, lines=PARTS)
    def plan(self, lines: dict[int, int]) -> Any:
        said = {"order_id": self.order["id"], "lines": sent(lines), "status": "ready"}
        answer = self.caller.post("/shipments", **said)
        return self._new(answer, self.model.plan(answer.json().get("id", ""), lines))

    @rule(id=shipments, verb=st.sampled_from(["ship", "ship", "fail", "ready", "deliver"]))
    def move(self, id: str, verb: str) -> None:
        said = {"reason": "Nobody was there"} if verb == "fail" else {}
        answer = self.caller.post(f"/shipments/{id}/{verb}", **said)
        self._same(answer, getattr(self.model, verb)(id))

    @rule(target=returns, lines=PARTS)
    def ask_to_return(self, lines: dict[int, int]) -> Any:
        answer = self.caller.post("/returns", order_id=self.order["id"], lines=sent(lines))
        return self._new(answer, self.model.request(answer.json().get("id", ""), lines))

    @rule(id=returns, verb=st.sampled_from(["approve", "receive"]))
    def take_back(self, id: str, verb: str) -> None:
        said = {"lines": None} if verb == "receive" else {}
        answer = self.caller.post(f"/returns/{id}/{verb}", **said)
        self._same(answer, getattr(self.model, verb)(id))

    @rule(target=receipts, cents=CENTS)
    def pay(self, cents: int) -> Any:
        named = {"customer_id": self.caller.ordering.customer, "method": "bank"}
        of = {"business_unit_id": self.caller.ordering.unit, "status": "confirmed"}
        answer = self.caller.post("/receipts", **named, **of, amount=amount(cents))
        return self._new(answer, self.model.receipt(answer.json()["id"], cents))

    @rule(id=receipts, cents=CENTS)
    def allocate(self, id: str, cents: int) -> None:
        said = [{"order_id": self.order["id"], "amount": amount(cents)}]
        answer = self.caller.post(f"/receipts/{id}/allocate", allocations=said)
        self._same(answer, self.model.allocate(id, cents))

    @rule(id=receipts)
    def reverse(self, id: str) -> None:
        answer = self.caller.post(f"/receipts/{id}/reverse", reason="The cheque bounced")
        self._same(answer, self.model.reverse(id))

    @invariant()
    def is_what_the_model_says(self) -> None:
        now, model = self._now(), self.model
        assert [
            (one["line"], one["quantity"], one["shipped_quantity"], one["returned_quantity"])
            for one in now["lines"]
        ] == [
            (n, str(one.quantity), str(one.shipped), str(one.returned))
            for n, one in model.lines.items()
        ]
        assert (now["status"], now["revision"]) == (model.status, model.revision)
        assert now["shipment_status"] == model.shipment_status()
        assert now["payment_status"] == model.payment_status()
        sums = [now[name] for name in ("net", "tax", "total", "paid")]
        assert sums == [amount(n) for n in (model.net, model.tax, model.total, model.paid)]

    def _now(self) -> Json:
        return self.caller.wait(self.caller.ordering.now(self.order))

    def _same(self, answer: Response, expected: bool) -> None:
        assert self.caller.done(answer) == expected, answer.text

    def _new(self, answer: Response, expected: bool) -> Any:
        self._same(answer, expected)
        return answer.json()["id"] if expected else multiple()


async def test_an_order_is_what_a_small_model_says_whatever_happens(client: AsyncClient) -> None:
    Trade.caller = Caller(asyncio.get_running_loop(), await counter(client))
    walks = settings(
        max_examples=max(1, STEPS // AT_ONCE),
        stateful_step_count=AT_ONCE,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    await asyncio.to_thread(run_state_machine_as_test, Trade, settings=walks)
