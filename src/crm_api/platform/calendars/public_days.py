"""Public holidays and the workdays that make up for them, from a library that knows countries."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache

import holidays
from holidays import HolidayBase

from .rules import Reason


class OfCountry:
    """The days of a country, or of a part of it."""

    def __init__(self, country: str, subdivision: str | None) -> None:
        own = holidays.country_holidays(country).default_language  # else that of the process
        self.known: HolidayBase = holidays.country_holidays(country, subdivision, language=own)

    def kind(self, day: date) -> Reason | None:
        if day in self.known:
            return "public_holiday"
        makes_up = day in self.known.weekend_workdays  # known since the year was looked at
        return "make_up_workday" if makes_up else None

    def name(self, day: date) -> str | None:
        return self.known.get(day)


class OfNoCountry:
    def kind(self, day: date) -> Reason | None:
        return None

    def name(self, day: date) -> str | None:
        return None


@lru_cache(1)
def countries() -> Mapping[str, Sequence[str]]:
    """ISO 3166-1 codes, and the parts of each whose days are known."""
    return holidays.list_supported_countries(include_aliases=False)


@lru_cache(maxsize=200)
def public_days(country: str | None, subdivision: str | None) -> OfCountry | OfNoCountry:
    return OfCountry(country, subdivision) if country else OfNoCountry()
