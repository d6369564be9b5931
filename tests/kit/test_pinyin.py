"""Names in the order in which people look for them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_api.kit.pinyin import LONGEST, sort_key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("王芳", "wang fang"),
        ("单雄信", "shan xiong xin"),
        ("曾国藩", "zeng guo fan"),
        ("万俟卨", "moqi xie"),
        ("乐毅", "yue yi"),
        ("Zoë  Dubois", "zoe dubois"),
        ("ＡＢＣ", "abc"),
        ("Straße İstanbul", "strasse istanbul"),
        ("Lee 李雷", "lee li lei"),
    ],
)
def test_a_person_sorts_by_the_surnames_reading(name: str, key: str) -> None:
    assert sort_key(name, person=True) == key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("重庆长安汽车", "chong qing chang an qi che"),
        ("3M中国", "3m zhong guo"),
    ],
)
def test_a_company_sorts_by_whole_words(name: str, key: str) -> None:
    assert sort_key(name) == key


@given(st.text(max_size=300), st.booleans())
def test_every_text_has_a_key_that_is_its_own_key(name: str, person: bool) -> None:
    key = sort_key(name, person=person)
    assert len(key) <= LONGEST
    assert key == " ".join(key.split())
    assert sort_key(key) == key or any(ord(letter) > 0x7F for letter in key)
