"""The statuses that are there from the beginning."""

from collections.abc import Iterator, Sequence
from typing import Any

from crm_api.features.desk.terms.schemas import CATEGORY, TicketCategory
from crm_api.kit.languages import negotiated
from crm_api.kit.words import LANGUAGES, translated


def built_in(languages: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The columns of each, one for a category, named in the language that a tenant names first."""
    language = negotiated(", ".join(languages), LANGUAGES)
    for number, category in enumerate(TicketCategory, start=1):
        name = translated(CATEGORY.labels[category.value], language)
        yield {"name": name, "category": category, "position": 10 * number, "is_default": True}
