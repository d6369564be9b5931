"""Which language a caller reads, of those that there are.

Worked out when something is said in words, and only then: where an answer depends on it, the
answer carries `language_headers`. Codes, names of fields and stored data have no language.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from .schema import LANGUAGE, Line
from .words import ENGLISH, LANGUAGES, misfit, say

RANGE = re.compile(
    r"\s*([*]|[a-z]{1,8}(?:-[a-z0-9]{1,8})*)\s*(?:;\s*q=(0(?:[.][0-9]{0,3})?|1(?:[.]0{0,3})?)\s*)?",
    re.IGNORECASE,
)
MOST = 50
Headers = Iterable[tuple[bytes, bytes]]


def negotiated(header: str, offered: Sequence[str]) -> str:
    """The one of `offered` that `Accept-Language` likes best; else the first, as the default.

    By weight (RFC 9110, 12.5.4), then in the caller's order; by look-up (RFC 4647, 3.4), so
    `zh-Hans-CN` finds `zh`, and `zh` finds `zh-CN` where there is no `zh`.
    """
    asked = dict(_ranges(header))
    rest = [one for one in offered if one.lower() not in asked]
    for name in sorted(asked, key=lambda name: -asked[name]):
        if not asked[name]:
            break
        found = rest[:1] if name == "*" else list(_looked_up(name, offered))
        if found:
            return found[0]
    return rest[0] if rest else offered[0]


def _ranges(header: str) -> Iterator[tuple[str, float]]:
    """Language ranges with their weights; what is none is passed over."""
    for part in header.split(",", MOST)[:MOST]:
        if found := RANGE.fullmatch(part):
            yield found[1].lower(), float(found[2] or 1)


def _looked_up(name: str, offered: Sequence[str]) -> Iterator[str]:
    while name:
        yield from (one for one in offered if one.lower() == name)
        yield from (one for one in offered if one.lower().startswith(f"{name}-"))
        name = name.rpartition("-")[0]


def accepted(headers: Headers) -> str:
    """All that a request says in `Accept-Language`."""
    asked = [value for name, value in headers if name == b"accept-language"]
    return b",".join(asked).decode("latin-1")


def language_of(headers: Headers) -> str:
    """The language of the API that a request's headers ask for."""
    asked = accepted(headers)
    return negotiated(asked, LANGUAGES) if asked else LANGUAGES[0]


def language_headers(*languages: str) -> list[tuple[bytes, bytes]]:
    return [(b"content-language", ", ".join(languages).encode()), (b"vary", b"Accept-Language")]


def _tagged(labels: dict[str, Any]) -> dict[str, Any]:
    if any(re.fullmatch(LANGUAGE, tag) is None for tag in labels):
        raise misfit("language_invalid", say("A label is named by a language, as zh-CN"))
    return labels


Label = Annotated[Line, Field(max_length=100)]
BY_LANGUAGE = {
    "propertyNames": {"pattern": LANGUAGE},
    "examples": [{"en": "Loyalty tier", "zh-CN": "会员等级"}],
}
Labels = Annotated[
    dict[str, Label],
    Field(
        min_length=1,
        max_length=20,
        description="For people, by BCP 47 language.",
        json_schema_extra=BY_LANGUAGE,
    ),
    AfterValidator(_tagged),
]
"""What a definition is called, in some languages; `Speaker` chooses."""
LabelsPatch = Annotated[
    dict[str, Label | None],
    Field(
        max_length=20,
        description="Null removes the label of a language.",
        json_schema_extra=BY_LANGUAGE,
    ),
    AfterValidator(_tagged),
]


class Speaker:
    """Says labels to one caller, and remembers in which languages they were."""

    def __init__(self, headers: Headers) -> None:
        self._asked = accepted(headers)
        self._chosen: dict[tuple[str, ...], str] = {}

    def label(self, labels: Mapping[str, str]) -> str:
        """The one that `Accept-Language` likes best; if it likes none, English before others."""
        offered = tuple(sorted(labels, key=_english_first))
        if offered not in self._chosen:
            self._chosen[offered] = negotiated(self._asked, offered)
        return labels[self._chosen[offered]]

    @property
    def languages(self) -> tuple[str, ...]:
        """For `language_headers`: each once, as they were needed."""
        return tuple(dict.fromkeys(self._chosen.values()))


def _english_first(tag: str) -> tuple[bool, str]:
    return tag.partition("-")[0] != ENGLISH, tag
