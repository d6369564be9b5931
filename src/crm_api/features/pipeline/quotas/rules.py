"""What makes a quota: pure functions."""

from datetime import date

from crm_api.kit.words import say

from .errors import UnfitQuota
from .models import QuotaPeriod

MONTHS = {QuotaPeriod.month: 1, QuotaPeriod.quarter: 3, QuotaPeriod.year: 12}


def begins(period: QuotaPeriod, day: date) -> date:
    """The first day of the period that a day is in; `date_trunc` is the same in SQL."""
    months = MONTHS[period]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def next_of(period: QuotaPeriod, first: date, further: int = 1) -> date:
    """The first day of a period so many later."""
    months = first.year * 12 + first.month - 1 + MONTHS[period] * further
    return date(months // 12, months % 12 + 1, 1)


def check_begins(period: QuotaPeriod, starts_on: date) -> None:
    """Raises UnfitQuota."""
    first = begins(period, starts_on)
    if starts_on != first:
        message = say("Send the first day of the period: {first}.", first=first)
        raise UnfitQuota("starts_on", "not_first_day", message)


def check_currency(currency: str, base: str) -> None:
    """Raises UnfitQuota."""
    if currency != base:
        message = say("Send an amount in {currency}, the tenant's currency.", currency=base)
        raise UnfitQuota("amount/currency", "other_currency", message)
