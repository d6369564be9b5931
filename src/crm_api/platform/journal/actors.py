"""Who did it, as ids on the wire: a key, or whoever came with a token of a provider.

The id itself tells which: those of subjects are made of their names (UUID version 5).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Uuid, bindparam, case, func
from sqlalchemy.sql.elements import literal_column

from crm_api.kit.columns import Columns, hexadecimal
from crm_api.kit.filters import Form, Plain
from crm_api.kit.statement import quoted
from crm_api.platform.access.resource import API_KEY
from crm_api.platform.identity_providers.claims import is_subject
from crm_api.platform.identity_providers.resource import SUBJECT

VERSION_DIGIT: ColumnElement[int] = literal_column("13")
ONE: ColumnElement[int] = literal_column("1")
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
    """Binds an `AnyId` to such a column; what is neither a key nor a subject did nothing."""

    column: str

    def condition(self, table: FromClause, name: str, form: Form) -> ColumnElement[bool]:
        same: ColumnElement[bool] = table.c[self.column] == bindparam(name, type_=Uuid())
        return same

    def values(self, name: str, value: Any, tenant: UUID) -> Mapping[str, Any]:
        prefix, _, digits = value.partition("_")
        id = UUID(hex=digits)
        return {name: id if prefix == (BY_NAME if is_subject(id) else KEY) else NOBODY}
