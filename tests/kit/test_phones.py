"""One spelling for each number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_api.kit.phones import REGIONS, e164


@pytest.mark.parametrize(
    ("text", "region", "kept"),
    [
        ("138 0013 8000", "CN", "+8613800138000"),
        ("１３８００１３８０００", "CN", "+8613800138000"),
        ("010-6552 9988", "CN", "+861065529988"),
        ("+86 (138) 0013-8000", "US", "+8613800138000"),
        ("0044 20 7946 0018", "GB", "+442079460018"),
        ("9123 4567", "HK", "+85291234567"),
    ],
)
def test_a_number_has_one_spelling(text: str, region: str, kept: str) -> None:
    assert e164(text, region) == kept
    assert e164(kept, "US") == kept


@pytest.mark.parametrize(
    "text", ["", "12", "abc", "1380013800", "+999 123", "010-65529988转8001", "6552 9988 ext. 8"]
)
def test_what_is_no_number_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"number") as refused:
        e164(text, "CN")
    assert not text or text not in str(refused.value)


@given(st.text(max_size=40), st.sampled_from(sorted(REGIONS)))
def test_any_text_is_a_number_or_refused(text: str, region: str) -> None:
    try:
        kept = e164(text, region)
    except ValueError:
        return
    assert e164(kept, region) == kept
