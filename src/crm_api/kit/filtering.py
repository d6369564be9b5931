"""`POST /v1/.../search`: what it takes beside the parameters of a list."""

from typing import Annotated

from pydantic import Field

from . import tree
from .asking import Asker
from .criteria import Criterion
from .errors import Invalid
from .forms import form
from .matching import Matching
from .query import ListQuery
from .schema import Input
from .unfit import Unfit, mistake
from .words import say

CustomSort = Annotated[
    str,
    form(
        r"^-?custom[.][a-z][a-z0-9_]{0,39}$",
        say("Send a sort key of the contract, or custom. and the key of an own field."),
        examples=["-custom.tier"],
    ),
]


class Search(Input):
    """What a search understands beside the other parameters of a list: put it before those."""

    filter: Annotated[
        tree.Filter | None,
        Matching(),
        Field(description="What the records must be: see the how-to on filters."),
    ] = None


def order(asker: Asker, query: ListQuery) -> Criterion | None:
    """The field by whose values the query sorts, if it is no column.

    Raises Invalid; Forbidden for what the caller may not see.
    """
    asked = query.by_value()
    if asked is None:
        return None
    try:
        return _sortable(asker, query, *asked)
    except Unfit as unfit:
        raise Invalid(say("This cannot be sorted by."), mistake(f"/{unfit.part}", unfit)) from unfit


def _sortable(asker: Asker, query: ListQuery, place: int, name: str) -> Criterion:
    criterion = asker.criterion(name, f"sort/{place}")
    if not criterion.sortable:
        message = say("Only indexed fields of one value sort records.")
        raise Unfit(f"sort/{place}", "not_sortable", message)
    if len(getattr(query, "sort", ())) > 1:
        raise Unfit(f"sort/{place or 1}", "not_sortable", say("A field of your own sorts alone."))
    return criterion
