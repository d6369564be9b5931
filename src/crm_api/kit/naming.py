"""Records that are looked for and sorted by their names, Chinese ones by their pinyin too."""

from typing import Any, ClassVar, TypeVar

from sqlalchemy import ARRAY, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from .db import Entity
from .events import Event
from .pinyin import sort_key
from .projection import Written
from .repository import Repository
from .schema import Read
from .search import found_by


class Named(Entity):
    """The other columns follow from the name, and from what else the record is found by."""

    __abstract__ = True

    name: Mapped[str]
    sort_name: Mapped[str] = mapped_column(Text(collation="C"))
    search_text: Mapped[str] = mapped_column(server_default="")
    search_pieces: Mapped[list[int]] = mapped_column(ARRAY(Integer), server_default="{}")


M = TypeVar("M", bound=Named)
R = TypeVar("R", bound=Read)


class NamedRepository(Repository[M, R]):
    """`texts` are the columns that `q` looks at beside the name, `person` says whose name it is."""

    texts: ClassVar[tuple[str, ...]] = ()
    person: ClassVar[bool] = False

    def add(self, event: type[Event], **values: Any) -> Written[R]:
        return super().add(event, **values, **self._found(values))

    def rewrite(self, row: M, event: type[Event], **values: Any) -> Written[R]:
        before, after = vars(row), vars(row) | values
        same = all(after[name] == before[name] for name in ("name", *self.texts))
        return self.change(row, event, **values, **({} if same else self._found(after)))

    def _found(self, row: dict[str, Any]) -> dict[str, Any]:
        sort_name = sort_key(row["name"], person=self.person)
        others = (row.get(column) for column in self.texts)
        found = found_by(self.ctx.tenant.id, row["name"], sort_name, *others)
        return {"sort_name": sort_name, **found}
