"""The demo data as bodies of POST /v1/customers: real households under invented names.

Needs the `demo` extra; raises ImportError where it is not installed.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from .journey import weeks_behind, whole_year
from .people import person
from .suppliers import SUPPLIERS, supplier


def persons() -> list[dict[str, Any]]:
    """One person for each of the 2,469 households; the same ones every time.

    Baskets are bought now: all times are shifted by `shift_weeks()`.
    """
    shift = timedelta(weeks=shift_weeks())
    return [person(household, shift) for household in whole_year()]


def organizations() -> list[dict[str, Any]]:
    """Invented suppliers, parents first.

    `parent` is not of the API: it names another one's external id `demo`.
    """
    opened = min(household.first_basket for household in whole_year())
    shift = timedelta(weeks=shift_weeks())
    return [supplier(number, row, opened + shift) for number, row in enumerate(SUPPLIERS, 1)]


def shift_weeks() -> int:
    """By how many weeks the newest basket comes into last week, Monday to Sunday in UTC."""
    return weeks_behind(datetime.now(UTC).date())
