"""Where wrong keys come from, and how many: in memory, and for each process by itself."""

from ipaddress import ip_address, ip_network
from math import ceil
from time import monotonic

from crm_api.kit.errors import RateLimited
from crm_api.kit.metrics import Metrics
from crm_api.kit.words import say

WINDOW = 60.0
FEW = 10_000
NETWORK = 64


class Strangers:
    """An address may send `most` wrong keys in a minute."""

    def __init__(self, most: int, metrics: Metrics) -> None:
        self.most, self.metrics = most, metrics
        self._wrong: dict[str, tuple[int, float]] = {}

    def missed(self, address: str | None) -> None:
        if address is not None:
            place, now = _place(address), monotonic()
            count, ends = self._wrong.get(place, (0, 0.0))
            self._forget(now)
            self._wrong[place] = (count + 1, ends) if now < ends else (1, now + WINDOW)

    def check(self, address: str | None) -> None:
        """Raises RateLimited where no more wrong keys are taken from an address."""
        if address is None or not self._wrong:
            return
        now = monotonic()
        count, ends = self._wrong.get(_place(address), (0, 0.0))
        if count >= self.most and now < ends:
            self.metrics.refused("address")
            raise RateLimited(
                say("Too many wrong keys came from your address."),
                "address",
                seconds=ceil(ends - now),
            )

    def _forget(self, now: float) -> None:
        """Windows that have ended, and the oldest where there are too many."""
        if len(self._wrong) < FEW:
            return
        self._wrong = {place: of for place, of in self._wrong.items() if now < of[1]}
        while len(self._wrong) >= FEW:
            del self._wrong[next(iter(self._wrong))]


def _place(address: str) -> str:
    """One host of IPv4; of IPv6 what one customer of a provider has at least."""
    if ":" not in address:
        return address
    try:
        return str(ip_network((ip_address(address.partition("%")[0]), NETWORK), strict=False))
    except ValueError:
        return address
