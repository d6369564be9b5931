"""An order with its shipments, returns and receipts, as the rules in words have them.

Whole numbers all through: quantities, and amounts in cents.
"""

from dataclasses import dataclass, field

UNDER_WAY = ("confirmed", "in_progress")
TAKEN_ON = (*UNDER_WAY, "completed")
Quantities = dict[int, int]


@dataclass
class Line:
    quantity: int
    price: int
    shipped: int = 0
    returned: int = 0


@dataclass
class Shipment:
    lines: Quantities
    status: str = "ready"


@dataclass
class Return:
    lines: Quantities
    status: str = "requested"


@dataclass
class Receipt:
    amount: int
    status: str = "confirmed"
    allocated: int = 0

    @property
    def left(self) -> int:
        return self.amount - self.allocated


@dataclass
class Order:
    """Each verb answers whether it is done; where it is not, nothing changes."""

    lines: dict[int, Line]
    tax_percent: int = 13
    status: str = "draft"
    revision: int = 1
    shipments: dict[str, Shipment] = field(default_factory=dict)
    returns: dict[str, Return] = field(default_factory=dict)
    receipts: dict[str, Receipt] = field(default_factory=dict)

    @property
    def net(self) -> int:
        return sum(line.quantity * line.price for line in self.lines.values())

    @property
    def tax(self) -> int:
        """Half up."""
        return (self.net * self.tax_percent * 2 + 100) // 200

    @property
    def total(self) -> int:
        return self.net + self.tax

    @property
    def paid(self) -> int:
        return sum(receipt.allocated for receipt in self.receipts.values())

    @property
    def shipped(self) -> int:
        return sum(line.shipped for line in self.lines.values())

    def payment_status(self) -> str:
        if self.status == "draft":
            return "none"
        if self.paid > self.total:
            return "over"
        if self.paid == self.total:
            return "full"
        return "partial" if self.paid else "none"

    def shipment_status(self) -> str:
        ordered = sum(line.quantity for line in self.lines.values())
        returned = sum(line.returned for line in self.lines.values())
        if returned and returned >= (self.shipped or ordered):
            return "returned"
        if not self.shipped:
            return "none"
        return "full" if self.shipped >= ordered else "partial"

    def confirm(self) -> bool:
        return self._go(("draft",), "confirmed")

    def complete(self) -> bool:
        return self._go(UNDER_WAY, "completed")

    def cancel(self) -> bool:
        if self.shipped or not self._go(("draft", *UNDER_WAY), "cancelled"):
            return False
        for shipment in self.shipments.values():
            if shipment.status in ("draft", "ready"):
                shipment.status = "cancelled"
        return True

    def revise(self, number: int, quantity: int) -> bool:
        line = self.lines[number]
        if quantity == line.quantity:
            return True
        if self.status not in ("draft", *UNDER_WAY):
            return False
        if quantity < max(line.shipped, line.returned):
            return False
        line.quantity = quantity
        self.revision += self.status != "draft"
        return True

    def plan(self, id: str, lines: Quantities) -> bool:
        if self.status not in TAKEN_ON or not self._fits(lines):
            return False
        self.shipments[id] = Shipment(lines)
        return True

    def ship(self, id: str) -> bool:
        shipment = self.shipments[id]
        if shipment.status != "ready" or self.status not in TAKEN_ON:
            return False
        if not self._fits(shipment.lines):
            return False
        self._moved(shipment.lines, 1)
        shipment.status = "shipped"
        if self.status == "confirmed":
            self.status = "in_progress"
        return True

    def fail(self, id: str) -> bool:
        shipment = self.shipments[id]
        if shipment.status != "shipped":
            return False
        self._moved(shipment.lines, -1)
        shipment.status = "failed"
        return True

    def ready(self, id: str) -> bool:
        shipment = self.shipments[id]
        if shipment.status not in ("draft", "failed") or self.status not in TAKEN_ON:
            return False
        shipment.status = "ready"
        return True

    def deliver(self, id: str) -> bool:
        shipment = self.shipments[id]
        if shipment.status != "shipped":
            return False
        shipment.status = "delivered"
        return True

    def request(self, id: str, lines: Quantities) -> bool:
        if self.status not in TAKEN_ON or not self._has(lines):
            return False
        self.returns[id] = Return(lines)
        return True

    def approve(self, id: str) -> bool:
        back = self.returns[id]
        if back.status != "requested":
            return False
        back.status = "approved"
        return True

    def receive(self, id: str) -> bool:
        back = self.returns[id]
        if back.status != "approved" or self.status not in TAKEN_ON or not self._has(back.lines):
            return False
        for number, quantity in back.lines.items():
            self.lines[number].returned += quantity
        back.status = "received"
        return True

    def receipt(self, id: str, amount: int) -> bool:
        self.receipts[id] = Receipt(amount)
        return True

    def allocate(self, id: str, amount: int) -> bool:
        receipt = self.receipts[id]
        fits = amount <= receipt.left and amount <= self.total - self.paid
        if receipt.status != "confirmed" or self.status not in TAKEN_ON or not fits:
            return False
        receipt.allocated += amount
        return True

    def reverse(self, id: str) -> bool:
        receipt = self.receipts[id]
        if receipt.status != "confirmed":
            return False
        receipt.status, receipt.allocated = "reversed", 0
        return True

    def _go(self, allowed: tuple[str, ...], to: str) -> bool:
        if self.status not in allowed:
            return False
        self.status = to
        return True

    def _fits(self, lines: Quantities) -> bool:
        return all(q <= self.lines[n].quantity - self.lines[n].shipped for n, q in lines.items())

    def _has(self, lines: Quantities) -> bool:
        """What of the goods the customer has: over a counter all is handed over at once."""
        at_once = self.status == "completed" and not self.shipped
        return all(
            q <= (line.quantity if at_once else line.shipped) - line.returned
            for q, line in ((q, self.lines[n]) for n, q in lines.items())
        )

    def _moved(self, lines: Quantities, sign: int) -> None:
        for number, quantity in lines.items():
            self.lines[number].shipped += sign * quantity
