"""Who did it, as ids on the wire: a key, or whoever came with a token of a provider.

The id itself tells which: those of subjects are made of their names (UUID version 5).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Uuid, bindparam, case, func, select

from crm_api.kit.columns import Columns, hexadecimal
from crm_api.kit.db import table_of
from crm_api.kit.filters import Form, Plain
from crm_api.kit.statement import TENANT, number, quoted
from crm_api.platform.access.resource import API_KEY
from crm_api.platform.identity_providers.claims import is_subject
from crm_api.platform.identity_providers.resource import SUBJECT
from crm_api.platform.users.models import User
from crm_api.platform.users.resource import USER

USERS = table_of(User)
VERSION_DIGIT: ColumnElement[int] = number(13)
ONE: ColumnElement[int] = number(1)
KEY, BY_NAME = API_KEY.prefix.name, SUBJECT.prefix.name
NOBODY = UUID(int=2**128 - 1)


@dataclass(frozen=True, slots=True)
class IdOfActor:
    """A field that is the id of a key or of a subject."""

    column: str

    def written(self, row: Columns) -> ColumnElement[Any]:
        digits = hexadecimal(row[self.column])
        version = func.substr(digits, VERSION_DIGIT, ONE)
        prefix = case((version == quoted("5"), quoted(f"{BY_NAME}_")), else_=quoted(f"{KEY}_"))
        return prefix.concat(digits)


@dataclass(frozen=True, slots=True)
class WhereActor(Plain):
    """Binds an `AnyId` to such a column: a key's, a subject's, or a user's, who is the subject that
    is linked now. What is none of them did nothing."""

    column: str

    def condition(self, table: FromClause, name: str, form: Form) -> ColumnElement[bool]:
        asked: ColumnElement[Any] = bindparam(name, type_=Uuid())
        if form:
            user = select(USERS.c.subject_id).where(USERS.c.tenant_id == TENANT)
            asked = user.where(USERS.c.id == asked).scalar_subquery()
        same: ColumnElement[bool] = table.c[self.column] == asked
        return same

    def form(self, value: Any) -> Form:
        return bool(value.startswith(f"{USER.prefix.name}_"))

    def values(self, name: str, value: Any, tenant: UUID) -> Mapping[str, Any]:
        prefix, _, digits = value.partition("_")
        id = UUID(hex=digits)
        fits = {USER.prefix.name, BY_NAME if is_subject(id) else KEY}
        return {name: id if prefix in fits else NOBODY}
