"""The forms of text that the contract knows, with words for whoever sent another."""

from typing import Any

from pydantic import Field

from .words import Words

WORDING: dict[str, Words] = {}


def form(pattern: str, words: Words, **said: Any) -> Any:
    """A `Field` with this pattern; `kit.mistakes` answers `words` where a text does not fit it."""
    WORDING[pattern] = words
    return Field(pattern=pattern, **said)
