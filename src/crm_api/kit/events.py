"""Domain events: facts in the past tense, handled inside the transaction that made them true."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar
from uuid import UUID

from .below import below
from .contract_words import article
from .ids import rising

if TYPE_CHECKING:
    from .context import Context

MOST_DEEP = 16
E = TypeVar("E", bound="Event")
Handler = Callable[["Context", Any], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Event:
    """A fact about one object. `type` is its public name, on the wire and in the catalogue.

    `schema_version` grows when the data of new events fits no reader of the old ones any more.
    What happens at the same moment has ids in the order in which it was told.
    `depth` is 0 for what a request did, and one more than its cause's for what follows from it.
    """

    type: ClassVar[str]
    schema_version: ClassVar[int] = 1

    object_id: UUID
    id: UUID = field(default_factory=rising)
    depth: int = 0

    @classmethod
    def says(cls) -> str:
        """When it happens: the first words of its docstring, or what its name says."""
        if told := vars(cls).get("__doc__"):
            return " ".join(told.partition("\n\n")[0].split())
        noun, _, deed = cls.type.replace("_", " ").partition(".")
        return f"{article(noun).capitalize()} {noun} was {deed}."


@dataclass(frozen=True, slots=True)
class Cause:
    """The event that led to what is done now, and its depth."""

    id: UUID
    depth: int

    @property
    def next(self) -> int:
        """The depth of what follows. Raises RuntimeError where events feed one another."""
        if self.depth >= MOST_DEEP:
            raise RuntimeError(f"{MOST_DEEP} events led to one another: a loop of handlers")
        return self.depth + 1


@contextmanager
def following(ctx: "Context", event: Event) -> Iterator[None]:
    """Whatever is done inside names the event as its cause."""
    before, ctx.cause = ctx.cause, Cause(event.id, event.depth)
    try:
        yield
    finally:
        ctx.cause = before


def word_of(type: str) -> str:
    """Of the noun that a type of event is about, or a pattern such as `customer.*`."""
    return type.partition(".")[0]


def kinds() -> list[type[Event]]:
    """Every kind that this process knows, by name."""
    return sorted(below(Event), key=lambda kind: kind.type)


class Subscriptions:
    """Who wants to hear what; for features that react, never for audit or webhooks."""

    def __init__(self, *others: "Subscriptions") -> None:
        self._handlers: defaultdict[type[Event], list[Handler]] = defaultdict(list)
        for other in others:
            for event_type, handlers in other._handlers.items():
                self._handlers[event_type] += handlers

    def on(
        self, event_type: type[E]
    ) -> Callable[[Callable[["Context", E], Awaitable[None]]], Handler]:
        def register(handler: Callable[["Context", E], Awaitable[None]]) -> Handler:
            self._handlers[event_type].append(handler)
            return handler

        return register

    async def dispatch(self, ctx: "Context") -> None:
        """Hand out the events of `ctx` in order, including those that handlers emit.

        What a handler emits names the event that it handles as its cause.
        """
        while ctx.events:
            event = ctx.events.popleft()
            with following(ctx, event):
                for cls in type(event).__mro__:
                    for handle in self._handlers.get(cls, ()):
                        await handle(ctx, event)
