"""Domain events: facts in the past tense, handled inside the transaction that made them true."""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar
from uuid import UUID

from .ids import uuid7

if TYPE_CHECKING:
    from .context import Context

E = TypeVar("E", bound="Event")
Handler = Callable[["Context", Any], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Event:
    """A fact about one object. `type` is its public name, on the wire and in the catalogue."""

    type: ClassVar[str]

    object_id: UUID
    id: UUID = field(default_factory=uuid7)


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
            ctx.cause = event.id
            for cls in type(event).__mro__:
                for handle in self._handlers.get(cls, ()):
                    await handle(ctx, event)
        ctx.cause = None
