"""Members of a map that are not shown: which ones, a parameter of the statement says."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Text, bindparam
from sqlalchemy.dialects.postgresql import JSONB

from .columns import Columns, mark
from .schema import Read

PARAMETER = re.compile(r":(hidden_[a-z_]+)::TEXT\[\]")
Hidden = Mapping[str, list[str]]
"""Keys by the name of the parameter; where a statement is told nothing, it hides nothing."""


def parameter(noun: str) -> str:
    return f"hidden_{noun}"


@dataclass(frozen=True, slots=True)
class Without:
    """A field that is a map, without the keys that are hidden in records of this noun."""

    column: str
    noun: str

    @property
    def parameter(self) -> str:
        return parameter(self.noun)

    @property
    def keys(self) -> ColumnElement[Any]:
        return bindparam(self.parameter, value=[], type_=ARRAY(Text()))

    def written(self, row: Columns) -> ColumnElement[Any]:
        return self.rest(row[self.column])

    def rest(self, map: ColumnElement[Any]) -> ColumnElement[Any]:
        """What is left of such a map."""
        left: ColumnElement[Any] = map.op("-", return_type=JSONB())(self.keys)
        return left


@lru_cache
def hidden_in(read: type[Read]) -> tuple[str, ...]:
    """The parameters of what its documents do not show."""
    marks = (mark(field, Without) for field in read.model_fields.values())
    return tuple(found.parameter for found in marks if found)


def from_tenant(sql: str) -> str:
    """SQL with named parameters, which takes the keys from the `tenant` of a statement instead."""
    return PARAMETER.sub(r"(SELECT \1 FROM tenant)", sql)
