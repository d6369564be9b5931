"""The demo data as bodies of the API: real households under invented names, and what they bought.

Needs the `demo` extra; raises ImportError where it is not installed.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from statistics import mode
from typing import Any

from .baskets import Basket as Basket
from .baskets import baskets as baskets
from .baskets import spread as spread
from .goods import Good as Good
from .goods import categories as categories
from .goods import goods as goods
from .goods import product as product
from .journey import weeks_behind, whole_year
from .orders import Shop as Shop
from .orders import order as order
from .people import person
from .suppliers import SUPPLIERS, supplier

WEEK = timedelta(weeks=1)


def persons(weeks: int | None = None) -> list[dict[str, Any]]:
    """One person for each of the 2,469 households; the same ones every time.

    All times are shifted by so many weeks: by those of today, when not said.
    """
    shift = _shift(weeks)
    return [person(household, shift) for household in whole_year()]


def organizations(weeks: int | None = None) -> list[dict[str, Any]]:
    """Invented suppliers, parents first.

    `parent` is not of the API: it names another one's external id `demo`.
    """
    opened = min(household.first_basket for household in whole_year()) + _shift(weeks)
    return [supplier(number, row, opened) for number, row in enumerate(SUPPLIERS, 1)]


def shift_weeks(acquired: Mapping[str, str] | None = None) -> int:
    """By how many weeks the newest basket comes into last week, Monday to Sunday in UTC.

    Where customers were loaded before, by how many those were shifted then: `acquired` tells, by
    their external ids, when they became customers.
    """
    first = {str(one.id): one.first_basket for one in whole_year()}
    known = [(first[id], at) for id, at in (acquired or {}).items() if id in first]
    if not known:
        return weeks_behind(datetime.now(UTC).date())
    return mode(round((datetime.fromisoformat(at) - bought) / WEEK) for bought, at in known)


def _shift(weeks: int | None) -> timedelta:
    return WEEK * (shift_weeks() if weeks is None else weeks)
