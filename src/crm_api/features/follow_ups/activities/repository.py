from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from crm_api.features.customers.resource import CUSTOMER
from crm_api.features.follow_ups.last_contacts.queries import Fields
from crm_api.kit.context import Context
from crm_api.kit.events import Event
from crm_api.kit.linked import Held, Linked, relink
from crm_api.kit.projection import Written
from crm_api.kit.words import say
from crm_api.platform.custom_fields.repository import CustomValueRepository
from crm_api.platform.external_ids.repository import KnownElsewhere
from crm_api.platform.users.listed import relist

from .errors import Misfitting
from .events import ActivityCreated
from .models import Activity, ActivityCollaborator, ActivityRecord
from .resource import ACTIVITY
from .rules import NEW
from .schemas import ActivityRead

PERSON = "person"


class ActivityRepository(KnownElsewhere[Activity, ActivityRead]):
    model = Activity
    noun = ACTIVITY
    read = ActivityRead

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.customers, self.linked = Held(ctx, CUSTOMER, "kind"), Linked(ctx)
        self.values = CustomValueRepository(ctx, "activity")

    async def claim_owned(
        self, owners: Mapping[str, UUID], customers: Iterable[UUID], records: Iterable[str]
    ) -> dict[str, Activity]:
        """The activities of external ids, locked, of those that the caller may change; and what
        they are going to name, looked for at once."""
        rows = {row.id: row for row in await self.load_all(list(owners.values()))} if owners else {}
        self.customers = Held(self.ctx, CUSTOMER, "kind")
        await self.customers.look_up(customers)
        await self.linked.look_up(records)
        return {value: rows[id] for value, id in owners.items() if id in rows}

    async def check_named(self, before: Fields, sent: Fields) -> None:
        """Customers and other records that are named and were not before; a contact is a person.

        Raises UnknownReference, Archived, Misfitting.
        """
        named = customers_in(before, sent)
        await self.customers.check(named)
        contact = named.get("/contact_id")
        if contact and self.customers.rows[contact].kind != PERSON:
            raise Misfitting("contact_id", "no_person", say("Send a customer of kind person."))
        await self.linked.check(before["records"], sent.get("records", ()), "/records")

    def add_new(self, **values: Any) -> Written[ActivityRead]:
        id = values.pop("id")
        self._find(id, NEW, values)
        return self.add(ActivityCreated, id=id, **values)

    def rewrite(self, row: Activity, event: type[Event], **values: Any) -> Written[ActivityRead]:
        return self.revise(row, event, None, values)

    def revise(
        self, row: Activity, event: type[Event], why: str | None, values: Fields
    ) -> Written[ActivityRead]:
        self._find(row.id, vars(row), {**vars(row), **values})
        return self.change(row, event, why, **values)

    def _find(self, id: UUID, before: Fields, after: Fields) -> None:
        """The rows by which an activity is found, from now on."""
        mine = {"activity_id": id}
        relist(self, ActivityCollaborator, mine, *_of("collaborator_ids", before, after))
        relink(self, ActivityRecord, mine, *_of("records", before, after))
        self.rename(id, before, after)
        self.values.move(id, (before["custom"], True), (after["custom"], True))


def customers_in(before: Fields, sent: Fields) -> dict[str, UUID]:
    """Those that are named and were not before, by where they stand in the body."""
    names = ("customer_id", "contact_id")
    return {f"/{n}": sent[n] for n in names if sent.get(n) not in (None, before[n])}


def _of(name: str, *activities: Fields) -> list[Any]:
    return [activity[name] for activity in activities]
