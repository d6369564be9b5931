"""Search by parts of words, in any script: texts become sets of small pieces.

Trigrams do not serve terms of two characters, the usual length of a Chinese name; so where one
character is as good as a word, pieces have one or two.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, pairwise, zip_longest
from uuid import UUID
from zlib import crc32

from .words import Misread, say

MOST = 3
"""So many pieces find the candidates; more of them cost more than they leave out."""
SHORTEST = say("Send words of 1 Chinese character, of 2 letters that begin a word, or of 3 others.")
RUNS = re.compile(r"[\u2e80-\U0010ffff]+|[^\u2e80-\U0010ffff]+")
UNSEEN = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
MARKED = re.compile(r"[0-9]+[().+/-][0-9().+/-]*[0-9]")
NUMBER = re.compile(r"[0-9().+/-]+")
MARKS = str.maketrans("", "", "().+/-")
LONG = 5


def searchable(*texts: str | None) -> str:
    """One line per text, in one case and width and without accents; each begins with a space.

    `+86 (21) 6288-1234` stands there a second time, as digits.
    """
    lines = dict.fromkeys(_plain(text) for text in texts if text)
    numbers = dict.fromkeys(chain.from_iterable(_numbers(line) for line in lines))
    return "\n".join(f" {line}" for line in (lines | numbers) if line)


def pieces(text: str) -> list[str]:
    """What a searchable text is indexed by: `王芳 li` has 王, 芳, 王芳 and ` li`.

    Of Chinese, Japanese and Korean single characters and pairs, of others three in a row; a word
    of other characters counts with the space before it, for terms of two letters.
    """
    return list(dict.fromkeys(chain.from_iterable(_parts(f" {word}") for word in text.split())))


@lru_cache(maxsize=256)
def sought(text: str) -> tuple[list[str], list[str]]:
    """`(words, pieces)` of a search: texts that all must contain, and few pieces that find them.

    Raises Misread, in words for the caller, where a word is too short to be looked for.
    """
    words = list(dict.fromkeys(map(_term, _plain(text).split())))
    chosen = [_selective(word) for word in words]
    if not words or not all(chosen):
        raise Misread(SHORTEST)
    turns = chain.from_iterable(zip_longest(*chosen))
    return words, list(dict.fromkeys(piece for piece in turns if piece))[:MOST]


def keys(pieces: Iterable[str], tenant: UUID) -> list[int]:
    """Numbers to index instead of the pieces: smaller, and each tenant has its own.

    What other tenants have is then never read. Two pieces may share a number, which costs a look
    at the text and nothing else.
    """
    seed = crc32(tenant.bytes)
    return sorted({crc32(piece.encode(), seed) - 2**31 for piece in pieces})


def _plain(text: str) -> str:
    if text.isascii() and text.isprintable():
        return " ".join(text.casefold().split())
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    seen = "".join(c for c in plain if not unicodedata.combining(c) and _is_seen(c))
    return " ".join(unicodedata.normalize("NFC", UNSEEN.sub("", seen)).split())


def _is_seen(letter: str) -> bool:
    return letter.isspace() or unicodedata.category(letter) not in ("Cc", "Cf", "Cs")


def _numbers(line: str) -> Iterator[str]:
    digits = (found.translate(MARKS) for found in MARKED.findall(line))
    return (number for number in digits if len(number) >= LONG and number not in line)


def _term(word: str) -> str:
    """What the text must contain: of a number its digits, of two letters a word's beginning."""
    digits = word.translate(MARKS)
    if NUMBER.fullmatch(word) and len(digits) >= LONG:
        return digits
    return f" {word}" if len(word) == 2 and max(word) < "\u2e80" else word


def _parts(word: str) -> list[str]:
    return list(chain.from_iterable(map(_parts_of, RUNS.findall(word))))


def _parts_of(run: str) -> list[str]:
    if run >= "\u2e80":
        return [*run, *(a + b for a, b in pairwise(run))]
    return [run[n : n + 3] for n in range(len(run) - 2)]


def _selective(term: str) -> list[str]:
    """A few pieces of a term; none where it is too short."""
    if term.startswith(" "):
        return [term]
    parts = _parts(term)
    return _spread([part for part in parts if len(part) > 1] or parts)


def _spread(parts: Sequence[str]) -> list[str]:
    """First, last and middle ones: neighbours say almost the same."""
    last = len(parts) - 1
    return [parts[n] for n in dict.fromkeys((0, last, last // 2))] if parts else []
