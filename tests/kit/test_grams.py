"""Pieces: whatever a text contains is found by them, and nothing is lost by the choice of a few."""

import unicodedata
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crm_api.kit.grams import MOST, keys, pieces, searchable, sought

LETTERS = st.sampled_from(
    "abcxyzABCéÉüßøİıﬁ１２３0123456789@.-+_%\\'王李芳娜上海北京有限公司ｶﾞがガ한국👍𠮷 　\u200b"
)
TEXTS = st.text(LETTERS, max_size=40)
TENANT = UUID(int=7)


def finds(text: str, *texts: str) -> bool:
    """What the database does: all pieces by the index, then all words in the text."""
    kept = searchable(*texts)
    words, wanted = sought(text)
    by_index = set(keys(wanted, TENANT)) <= set(keys(pieces(kept), TENANT))
    return by_index and all(word in kept for word in words)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("王芳", " 王芳"),
        ("Ｚｏë  Ｄｕｂｏｉｓ", " zoe dubois"),
        ("Straße", " strasse"),
        ("İstanbul", " istanbul"),
        ("+8613800138000", " +8613800138000"),
        ("2024-0001", " 2024-0001\n 20240001"),
        ("zero\u200bwidth", " zerowidth"),
        ("葛\U000e0100城", " 葛城"),
        ("", ""),
    ],
)
def test_texts_are_kept_in_one_spelling(text: str, kept: str) -> None:
    assert searchable(text) == kept


def test_each_text_has_its_line_once() -> None:
    assert searchable("Ada", None, "ada", "+1 2") == " ada\n +1 2"


def test_chinese_has_singles_and_pairs_and_other_scripts_three_in_a_row() -> None:
    assert set(pieces("王芳li xyz")) == {"王", "芳", "王芳", " xy", "xyz"}


@pytest.mark.parametrize(
    ("text", "words", "wanted"),
    [
        ("王芳", ["王芳"], ["王芳"]),
        ("芳", ["芳"], ["芳"]),
        ("Li na", [" li", " na"], [" li", " na"]),
        ("0138", ["0138"], ["013", "138"]),
        ("138-0013-8000", ["13800138000"], ["138", "000", "013"]),
        ("a%_\\", ["a%_\\"], ["a%_", "%_\\"]),
        ("王芳 abc 138", ["王芳", "abc", "138"], ["王芳", "abc", "138"]),
        ("abc abc", ["abc"], ["abc"]),
    ],
)
def test_a_search_is_words_and_few_pieces(text: str, words: list[str], wanted: list[str]) -> None:
    assert sought(text) == (words, wanted)


@pytest.mark.parametrize("text", ["", " ", "a", "王芳 b", "\u200b", "1", "é"])
def test_a_word_that_is_too_short_is_refused_with_advice(text: str) -> None:
    with pytest.raises(ValueError, match="Send words of"):
        sought(text)


@given(st.lists(TEXTS, min_size=1, max_size=3), st.data())
def test_every_part_of_a_text_finds_it(texts: list[str], data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(texts))
    start, size = data.draw(st.integers(0, len(text))), data.draw(st.integers(1, 12))
    part = unicodedata.normalize("NFC", text[start : start + size])
    words = searchable(part).split()
    assume(words and all(len(word) > 2 or max(word) >= "\u2e80" for word in words))
    try:
        sought(part)
    except ValueError:
        assume(False)
    assert finds(part, *texts)


@given(st.text(st.sampled_from("王李芳娜上海"), min_size=1, max_size=20), st.data())
def test_any_one_or_two_chinese_characters_find_their_text(name: str, data: st.DataObject) -> None:
    start, size = data.draw(st.integers(0, len(name) - 1)), data.draw(st.integers(1, 2))
    assert finds(name[start : start + size], f"Acme {name} Ltd")


@given(st.from_regex("[1-9][0-9]{6,14}", fullmatch=True), st.data())
def test_any_four_digits_of_a_phone_find_it(number: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(number) - 4))
    assert finds(number[start : start + 4], f"+{number}")


@given(TEXTS)
def test_a_search_asks_for_few_pieces(text: str) -> None:
    try:
        words, wanted = sought(text)
    except ValueError:
        return
    assert words
    assert 1 <= len(wanted) <= MOST


@given(TEXTS)
def test_what_is_searchable_stays_as_it_is(text: str) -> None:
    once = searchable(text).removeprefix(" ").partition("\n")[0]
    assert searchable(once).partition("\n")[0].removeprefix(" ") == once


def test_each_tenant_has_keys_of_its_own() -> None:
    parts = pieces(searchable("上海天佳科技有限公司", "shang hai tian jia", "info@example.com"))
    ours, theirs = keys(parts, TENANT), keys(parts, UUID(int=8))
    assert len(ours) == len(theirs) == len(parts)
    assert not set(ours) & set(theirs)
    assert all(-(2**31) <= key < 2**31 for key in ours)
