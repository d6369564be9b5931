"""Which language is spoken, to whoever asks for one."""

import pytest
from pydantic import TypeAdapter, ValidationError

from crm_api.kit.languages import Labels, Speaker, negotiated

CASES = {
    "": "en",
    "zh": "zh",
    "ZH": "zh",
    "zh-CN": "zh",
    "zh-Hans-CN": "zh",
    "zh-CN,zh;q=0.9,en;q=0.8": "zh",
    "en-GB,en;q=0.9,zh;q=0.8": "en",
    "en;q=0.1, zh;q=0.2": "zh",
    "en;q=0.2, zh;q=0.200": "en",
    "fr": "en",
    "fr, zh;q=0.1": "zh",
    "*": "en",
    "fr, *;q=0.5": "en",
    "*, en;q=0.5": "zh",
    "*;q=0.5, zh;q=0.1": "en",
    "en;q=0": "zh",
    "en;q=0, *": "zh",
    "en;q=0, zh;q=0": "en",
    "zh;q=0, zh-CN;q=0": "en",
    "zho": "en",
    "zh ; q=1": "zh",
    "zh;q=2": "en",
    "zh;q=0.1234": "en",
    "zh;level=1": "en",
    ",,;,zh,": "zh",
    "\x00, zh": "zh",
    "中文": "en",
    "en-" + "a" * 9 + ", zh": "zh",
    "fr," * 60 + "zh": "en",
}


@pytest.mark.parametrize(("header", "language"), CASES.items(), ids=range(len(CASES)))
def test_the_language_is_the_one_that_is_liked_best(header: str, language: str) -> None:
    assert negotiated(header, ("en", "zh")) == language


def test_a_longer_tag_serves_who_asks_for_a_shorter_one() -> None:
    offered = ["en-US", "zh-Hant", "zh-CN", "fr"]
    assert negotiated("zh", offered) == "zh-Hant"
    assert negotiated("zh-CN", offered) == "zh-CN"
    assert negotiated("zh-SG", offered) == "zh-Hant"
    assert negotiated("de, fr;q=0.1", offered) == "fr"


def test_a_header_of_many_languages_is_soon_read() -> None:
    assert negotiated("a-" * 16_000 + "a," * 16_000, ("en", "zh")) == "en"


def spoken(accept: str, *labels: dict[str, str]) -> tuple[list[str], tuple[str, ...]]:
    speaker = Speaker([(b"accept-language", accept.encode())])
    return [speaker.label(one) for one in labels], speaker.languages


def test_labels_are_told_with_their_languages() -> None:
    level, stage = {"zh": "客户等级", "en": "Customer level"}, {"fr": "Stade", "de": "Stufe"}
    assert spoken("en-US", level) == (["Customer level"], ("en",))
    assert spoken("zh-CN, de", level, stage) == (["客户等级", "Stufe"], ("zh", "de"))
    assert spoken("it", level, stage, level) == (
        ["Customer level", "Stufe", "Customer level"],
        ("en", "de"),
    )


def test_english_of_any_region_comes_before_other_languages_that_nobody_asked_for() -> None:
    assert spoken("it", {"de": "Stufe", "en-GB": "Tier"}) == (["Tier"], ("en-GB",))


LABELS: TypeAdapter[dict[str, str]] = TypeAdapter(Labels)


@pytest.mark.parametrize(
    "wrong", [{}, {"chinese": "x"}, {"ZH": "x"}, {"zh_CN": "x"}, {"zh": ""}, {"zh": "x" * 101}]
)
def test_labels_are_named_by_language_tags(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        LABELS.validate_python(wrong)


def test_labels_are_kept_as_they_were_sent() -> None:
    sent = {"zh-Hant-TW": "客戶等級", "zh": "客户等级", "en": "Level"}
    assert LABELS.validate_python(sent) == sent
