"""The key by which names sort: Chinese by pinyin, other scripts without case and accents.

A stored key sorts the same on every server, whatever collations it was built with.
"""

import re
import unicodedata
from functools import lru_cache

from pypinyin import lazy_pinyin

LONGEST = 400
HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]+")
# Surnames that are read otherwise than the character usually is.
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
}


def sort_key(name: str, *, person: bool = False) -> str:
    """`王芳` -> `wang fang`, `Zoë Dubois` -> `zoe dubois`; at most 400 characters.

    For a person the first characters are read as a surname: 单 is shan, not dan.
    """
    text = " ".join(unicodedata.normalize("NFKC", name).split())
    found, at, words = HAN.search(text), 0, []
    while found:
        surname = person and found.start() == 0
        words += [_plain(text[at : found.start()]), *_read(found[0], surname)]
        at, found = found.end(), HAN.search(text, found.end())
    return " ".join(" ".join([*words, _plain(text[at:])]).split())[:LONGEST].strip()


@lru_cache(maxsize=65_536)
def _read(characters: str, surname: bool) -> tuple[str, ...]:
    """Pinyin without tones; by whole words, so that 重庆 is chong qing."""
    if surname:
        for length in (2, 1):
            if reading := SURNAMES.get(characters[:length]):
                return reading, *_read(characters[length:], surname=False)
    return tuple(lazy_pinyin(characters)) if characters else ()


def _plain(text: str) -> str:
    parts = unicodedata.normalize("NFD", text.casefold())
    return unicodedata.normalize("NFC", "".join(p for p in parts if not unicodedata.combining(p)))
