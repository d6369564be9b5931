from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from crm_api.features.profiles.unit_profiles.service import UnitProfileService
from crm_api.kit.context import Context
from crm_api.kit.events import Event
from crm_api.kit.repository import Repository

from .queries import Contact, Fields, Pair, pair_of
from .repository import LastContactRepository

W = TypeVar("W")


class LastContactService:
    """When customers were contacted for units, and what follows from it: for the records that tell
    of contacts, whose keeper calls. `changed` tells that something is due by one, or is not."""

    def __init__(self, ctx: Context, records: Repository[Any, Any], changed: type[Event]) -> None:
        self.ctx, self.records, self.changed = ctx, records, changed
        self.contacts = LastContactRepository(ctx, records)
        self.many = False
        self.put_off: set[Pair] = set()
        self.touched: dict[Pair, Event] = {}

    async def alone(self, ids: Iterable[UUID], customers: Iterable[UUID | None]) -> None:
        """Nobody else tells of contacts with the customers of these records, or with these ones,
        until the commit."""
        await self.contacts.alone(ids, customers)

    async def load(self, id: UUID, *customers: UUID | None) -> Any:
        """A record, as `Repository.load` does, for who is alone with its customer."""
        held = await self.contacts.alone([id], customers)
        record = await self.records.load(id)
        if record.customer_id and record.customer_id not in held:
            await self.contacts.alone([id], ())
        return record

    async def last(self, record: Fields, id: UUID) -> datetime | None:
        """When the customer of a record was contacted by others than this one, if that matters: if
        it says when to contact him again. Of many it is asked at the end."""
        if not (record["customer_id"] and record["done_at"] and record["next_contact_at"]):
            return None
        if self.many:
            self.put_off = {pair_of(record)}
            return None
        return await self.contacts.last(pair_of(record), id)

    def told(self, was: Contact | None, now: Contact | None, written: W) -> W:
        """What was just written told of one contact, and tells of another."""
        pairs = {one[0] for one in (was, now) if one and was != now} | self.put_off
        if pairs:
            self.touched |= dict.fromkeys(pairs, self.ctx.events[-1])
        self.put_off = set()
        return written

    async def settled(self, written: W) -> W:
        """What follows from it is done too."""
        await self.settle()
        return written

    async def settle(self) -> Mapping[UUID, int]:
        """Nothing is due any more by what was done before the last contact, and the profiles of
        the units tell when that was. The versions of the records that this has changed."""
        touched = {pair: event for pair, event in self.touched.items() if event in self.ctx.events}
        if not touched:
            return {}
        contacts, versions = await self.contacts.judge(touched, self.changed)
        await UnitProfileService(self.ctx).contacted(contacts)
        return versions
