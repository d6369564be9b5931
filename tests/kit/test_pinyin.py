"""Names in the order in which people look for them."""

import subprocess
import sys
import unicodedata
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import lazy_pinyin

from crm_api.kit import pinyin
from crm_api.kit.pinyin import LONGEST, UNSEEN, sort_key
from crm_api.settings import Settings
from tests.serving import applications


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("王芳", "wang fang"),
        ("单雄信", "shan xiong xin"),
        ("曾国藩", "zeng guo fan"),
        ("万俟卨", "moqi xie"),
        ("乐毅", "yue yi"),
        ("單雄信", "shan xiong xin"),
        ("闞澤", "kan ze"),
        ("欧阳修", "ou yang xiu"),
        ("卜算子", "bu suan zi"),
        ("王长江", "wang chang jiang"),
        ("李〇", "li ling"),
        ("王\u200b芳", "wang fang"),
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
    assert not any(unicodedata.category(letter) in UNSEEN for letter in key)
    assert sort_key(key, person=person) == key


def test_a_given_name_is_read_as_the_dictionary_of_words_reads_it() -> None:
    for given_name in ["重阳", "长江", "乐", "单", "晓重", "都"]:
        assert sort_key(f"王{given_name}", person=True).split()[1:] == lazy_pinyin(given_name)


def test_a_command_does_not_wait_for_the_dictionary() -> None:
    asked = "import sys, crm_api.cli.commands; sys.exit('pypinyin' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0


async def test_a_server_has_the_dictionary_before_it_answers(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Mock()
    monkeypatch.setattr(pinyin, "library", read)
    async with applications(settings):
        assert read.called
