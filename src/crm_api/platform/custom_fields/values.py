"""The values that the records of a noun carry in fields that the tenant has defined."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from crm_api.kit.context import Context
from crm_api.kit.definitions import NONE, Definitions
from crm_api.kit.errors import FieldError, UnknownReference
from crm_api.kit.looking import seen_of
from crm_api.kit.resource import Resource, declared

from . import reading
from .errors import WrongValues
from .repository import CustomValueRepository

Sent = Mapping[str, Any]


class Carrier(Protocol):
    """A row with values of custom fields."""

    custom: Any


class CustomValues:
    """What is sent is held against the definitions, completed, and made canonical."""

    def __init__(self, ctx: Context, noun: Resource) -> None:
        self.ctx, self.noun = ctx, noun.word
        self.rows = CustomValueRepository(ctx, noun.word)
        self.there: set[str] = set()
        self.renewed = False

    async def complete(self, sent: Sent) -> dict[str, Any]:
        """What was sent for a new record, with the whole of its values.

        Raises: WrongValues, UnknownReference.
        """
        own = sent.get("custom", {})
        fields = await self._fields(own)
        values, wrong = reading.read_all(fields, {}, reading.with_defaults(fields, own))
        told = {error["pointer"] for error in wrong}
        lost = reading.missing(fields, fields, values)
        wrong += [error for error in lost if error["pointer"] not in told]
        await self._check(fields, {}, values, wrong)
        return {**sent, "custom": reading.merged({}, values)}

    async def revised(self, row: Carrier, sent: Sent) -> dict[str, Any]:
        """What was sent as a merge patch, with all values that the record has from now on.

        Raises: WrongValues, UnknownReference.
        """
        if "custom" not in sent:
            return dict(sent)
        fields = await self._fields(sent["custom"])
        values, wrong = reading.read_all(fields, row.custom, sent["custom"])
        wrong += reading.missing(fields, values, values)
        await self._check(fields, row.custom, values, wrong)
        return {**sent, "custom": reading.merged(row.custom, values)}

    async def inherited(self, row: Carrier) -> dict[str, Any]:
        """What a copy of a record takes over: not what no two records have."""
        fields = (await self.ctx.learn()).get(self.noun, NONE)
        return {k: v for k, v in row.custom.items() if k in fields and not fields[k].unique}

    async def look_up(self, sent: Iterable[Sent]) -> None:
        """Finds at once what many new values refer to."""
        fields = (await self.ctx.learn()).get(self.noun, NONE)
        found = [r for one in sent for r in reading.references(fields, {}, one.get("custom", {}))]
        await self._find(fields, found)

    async def _fields(self, sent: Sent) -> Definitions:
        """What is unknown may have been defined a moment ago, by another process."""
        fields = await self.ctx.learn()
        if not self.renewed and any(key not in fields.get(self.noun, NONE) for key in sent):
            self.renewed = True
            fields = await self.ctx.learn(again=True)
        return fields.get(self.noun, NONE)

    async def _check(
        self, fields: Definitions, before: Sent, values: Sent, wrong: list[FieldError]
    ) -> None:
        referred = list(reading.references(fields, before, values))
        await self._find(fields, referred)
        unknown = UnknownReference(
            *(
                f"/custom/{key}"
                for key, id in referred
                if f"{fields[key].reference_to} {id}" not in self.there
            )
        )
        if wrong:
            raise WrongValues(*wrong, *unknown.errors)
        if unknown.errors:
            raise unknown

    async def _find(self, fields: Definitions, referred: Iterable[tuple[str, str]]) -> None:
        """Who is not there is not told from whom the caller does not see."""
        wanted: dict[str, set[str]] = {}
        for key, id in referred:
            noun = fields[key].reference_to or ""
            if f"{noun} {id}" not in self.there:
                wanted.setdefault(noun, set()).add(id)
        for noun, ids in wanted.items():
            prefix, model = declared[noun].prefix, declared[noun].model
            asked = [prefix.read(id) for id in ids if re.fullmatch(prefix.pattern, id)]
            found = await seen_of(self.ctx, model, asked) if asked else set()
            self.there |= {f"{noun} {prefix.write(id)}" for id in found}
