"""The key by which names sort: Chinese by pinyin, other scripts without case and accents.

A stored key sorts the same on every server, whatever collations it was built with.
"""

import re
import unicodedata
from functools import lru_cache
from types import ModuleType

LONGEST, LONGEST_NAME = 400, 4
UNSEEN = {"Cc", "Cf", "Cs"}
HAN = re.compile(r"[\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]+")
# Surnames that are read otherwise than the character usually is; TRADITIONAL spells some of them.
TRADITIONAL = str.maketrans(
    "萬遲長孫單鮮澹臺區蓋繆樂華員種祕過麼車闞粘賁鈄",
    "万迟长孙单鲜澹台区盖缪乐华员种秘过么车阚粘贲钭",
)
SURNAMES = {
    "万俟": "moqi",
    "尉迟": "yuchi",
    "长孙": "zhangsun",
    "单于": "chanyu",
    "澹台": "tantai",
    "鲜于": "xianyu",
    "宇文": "yuwen",
    "单": "shan",
    "曾": "zeng",
    "仇": "qiu",
    "解": "xie",
    "任": "ren",
    "查": "zha",
    "盖": "ge",
    "区": "ou",
    "朴": "piao",
    "翟": "zhai",
    "缪": "miao",
    "乐": "yue",
    "隗": "wei",
    "华": "hua",
    "员": "yun",
    "繁": "po",
    "祭": "zhai",
    "召": "shao",
    "折": "she",
    "尹": "yin",
    "冼": "xian",
    "覃": "qin",
    "宓": "mi",
    "洗": "xian",
    "种": "chong",
    "秘": "bi",
    "那": "na",
    "过": "guo",
    "令狐": "linghu",
    "逄": "pang",
    "黑": "he",
    "芮": "rui",
    "么": "yao",
    "车": "che",
    "能": "nai",
    "炅": "gui",
    "郇": "xun",
    "卜": "bu",
    "阚": "kan",
    "都": "du",
    "佴": "nai",
    "粘": "nian",
    "贲": "ben",
    "钭": "tou",
    "薄": "bo",
    "乜": "nie",
}


def sort_key(name: str, *, person: bool = False) -> str:
    """`王芳` -> `wang fang`, `Zoë Dubois` -> `zoe dubois`; at most 400 characters.

    For a person the first characters are read as a surname: 单 is shan, not dan.
    """
    text = " ".join(_seen(unicodedata.normalize("NFKC", name)).split())
    found, at, words = HAN.search(text), 0, []
    while found:
        surname = person and found.start() == 0
        words += [_plain(text[at : found.start()]), *_read(found[0], surname)]
        at, found = found.end(), HAN.search(text, found.end())
    return " ".join(" ".join([*words, _plain(text[at:])]).split())[:LONGEST].strip()


def library() -> ModuleType:
    """Its dictionary takes half a second: a server reads it before it answers anybody, and a
    command only where it needs it.
    """
    import pypinyin

    return pypinyin


def _read(characters: str, surname: bool) -> tuple[str, ...]:
    """Names repeat, long texts do not: only names are remembered."""
    short = len(characters) <= LONGEST_NAME
    return _name(characters, surname) if short else _reading(characters, surname)


def _reading(characters: str, surname: bool) -> tuple[str, ...]:
    """Pinyin without tones; by whole words, so that 重庆 is chong qing."""
    if surname:
        for length in (2, 1):
            if reading := SURNAMES.get(characters[:length].translate(TRADITIONAL)):
                return reading, *_read(characters[length:], surname=False)
        return *_read(characters[:1], surname=False), *_read(characters[1:], surname=False)
    if len(characters) < 3 and characters not in library().constants.PHRASES_DICT:
        return tuple(map(_syllable, characters))  # what lazy_pinyin says, without its 80 µs
    return tuple(library().lazy_pinyin(characters))


_name = lru_cache(maxsize=65_536)(_reading)


@lru_cache(maxsize=32_768)
def _syllable(character: str) -> str:
    syllable: str = library().lazy_pinyin(character)[0]
    return syllable


def _seen(text: str) -> str:
    """Without what nobody sees: zero-width and control characters, but for white space."""
    if text.isprintable():
        return text
    return "".join(c for c in text if c.isspace() or unicodedata.category(c) not in UNSEEN)


def _plain(text: str) -> str:
    parts = unicodedata.normalize("NFD", text.casefold())
    return unicodedata.normalize("NFC", "".join(p for p in parts if not unicodedata.combining(p)))
