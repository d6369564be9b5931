"""One spelling for each number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_api.kit.phones import MOBILE, REGIONS, e164


@pytest.mark.parametrize(
    ("text", "region", "kept"),
    [
        ("138 0013 8000", "CN", "+8613800138000"),
        ("１３８００１３８０００", "CN", "+8613800138000"),
        ("010-6552 9988", "CN", "+861065529988"),
        ("+86 (138) 0013-8000", "US", "+8613800138000"),
        ("0044 20 7946 0018", "GB", "+442079460018"),
        ("9123 4567", "HK", "+85291234567"),
        ("+86 (0)10-6552 9988", "CN", "+861065529988"),
        ("tel:+86-138-0013-8000", "CN", "+8613800138000"),
        ("\u202a+86\u00a0138\u20110013\u20118000\u202c", "CN", "+8613800138000"),
    ],
)
def test_a_number_has_one_spelling(text: str, region: str, kept: str) -> None:
    assert e164(text, region) == kept
    assert e164(kept, "US") == kept


def test_what_is_kept_unread_is_what_the_library_would_keep() -> None:
    """A numbering plan looks at the first digits, here all that mobile numbers may have."""
    tails = [f"{first}{rest}" for first in range(10_000, 20_000) for rest in ("000000", "987654")]
    numbers = [f"+86{tail}" for tail in tails]
    unread = [number for number in numbers if MOBILE.fullmatch(number)]
    assert len(unread) > 10_000
    assert [e164(f" {number}", "US") for number in unread] == unread


@pytest.mark.parametrize(
    "text", ["", "12", "abc", "1380013800", "+999 123", "010-65529988转8001", "6552 9988 ext. 8"]
)
def test_what_is_no_number_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"number") as refused:
        e164(text, "CN")
    assert not text or text not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("13800138000;13900139000", "CN"),
        ("13800138000,,12", "CN"),
        ("13800138000~12", "CN"),
        ("02-2345 6789 轉 12", "TW"),
        ("+7 495 123-45-67 доб. 12", "RU"),
        ("+1 212 736 5000 anexo 5", "US"),
        ("+8613800138000;isub=1", "CN"),
        ("王13800138000", "CN"),
        ("13800138000 (王)", "CN"),
        ("hotline: 13800138000", "CN"),
        ("1-800-FLOWERS", "US"),
    ],
)
def test_nothing_beside_the_number_is_dropped_in_silence(text: str, region: str) -> None:
    with pytest.raises(ValueError, match="number"):
        e164(text, region)


@given(st.text(max_size=40), st.sampled_from(sorted(REGIONS)))
def test_any_text_is_a_number_or_refused(text: str, region: str) -> None:
    try:
        kept = e164(text, region)
    except ValueError:
        return
    assert e164(kept, region) == kept
