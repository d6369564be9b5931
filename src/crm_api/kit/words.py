"""Words for people. English stands in the code; translations/<language>.json has it in others."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic_core import PydanticCustomError

ENGLISH = "en"
Misfit = PydanticCustomError
TRANSLATIONS = Path(__file__).with_name("translations")
LANGUAGES = (ENGLISH, *sorted(path.stem for path in TRANSLATIONS.glob("*.json")))
"""All that the API speaks; the first one to callers who ask for none of them."""


class Words(str):
    """A sentence in English; it knows what it was made from, and so can be translated."""

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, Any]

    def __new__(cls, english: str, template: str, values: Mapping[str, Any]) -> "Words":
        made = super().__new__(cls, english)
        made.template, made.values = template, values
        return made

    def __getnewargs__(self) -> Any:
        """Pydantic copies schemas, and titles with them."""
        return str(self), self.template, self.values


def say(template: str, **values: Any) -> Words:
    """`say("A body may have {most} bytes.", most=MAX_BODY)`.

    A literal: `scripts/words` finds it in the code and asks for its translations.
    """
    return Words(template.format(**values) if values else template, template, values)


def misfit(code: str, words: Words) -> Misfit:
    """What a validator of a schema raises: the `code` of the mistake, and how to mend it."""
    return Misfit(code, "{words}", {"words": words})


def words_of(error: Misfit) -> Words:
    told: Words = (error.context or {})["words"]
    return told


class Misread(ValueError):
    """A text that cannot be read as what it should be; `words` tell its sender why."""

    def __init__(self, words: Words) -> None:
        super().__init__(words)
        self.words = words


def translated(words: Words, language: str) -> str:
    """The words in a language of `LANGUAGES`; in English where there is no translation."""
    known = _translations(language).get(words.template) if language != ENGLISH else None
    if known is None:
        return str(words)
    return known.format(**_values(words, language)) if words.values else known


def by_language(words: Words) -> Mapping[str, str]:
    """The words in all languages of the API."""
    return {language: translated(words, language) for language in LANGUAGES}


def _values(words: Words, language: str) -> Mapping[str, Any]:
    """Some of them may be words too."""
    said = words.values.items()
    return {k: translated(v, language) if isinstance(v, Words) else v for k, v in said}


@cache
def _translations(language: str) -> Mapping[str, str]:
    found: dict[str, str] = json.loads((TRANSLATIONS / f"{language}.json").read_text("utf-8"))
    return found
