"""What the journal costs a write: the API's own statement, with its events and without them."""

from statistics import median

from .database import alone
from .world import World

KINDS = {"with its events": "fair", "without them": "silent"}
ROUNDS, SECONDS = 5, 3


def run(world: World) -> str:
    rates: dict[str, list[float]] = {name: [] for name in KINDS}
    for _ in range(ROUNDS):
        for name, floor in KINDS.items():
            rates[name].append(alone(world, floor, "create", SECONDS).rate)
    return table({name: median(taken) for name, taken in rates.items()})


def table(rates: dict[str, float]) -> str:
    """Creates a second, and as a share of those that leave no event."""
    most = rates["without them"]
    head = "| a create | per second | ratio |\n|---|---|---|"
    rows = [f"| {name} | {rate:.0f} | {rate / most:.2f} |" for name, rate in rates.items()]
    return "\n".join([head, *rows])
