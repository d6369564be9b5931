"""What is said in English can be said in the other languages."""

import subprocess
import sys
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field, ValidationError

from crm_api.kit.mistakes import mistakes
from crm_api.kit.words import LANGUAGES, Words, say, translated


def test_every_word_that_the_code_can_say_has_its_translations() -> None:
    check = [sys.executable, "scripts/words", "--check"]
    found = subprocess.run(check, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stderr) == (0, "")


def test_english_and_chinese_are_spoken_and_english_is_the_default() -> None:
    assert LANGUAGES == ("en", "zh")


def test_values_stand_where_the_language_wants_them() -> None:
    words = say("A record that is {now} cannot become {wanted}.", now="paid", wanted="draft")
    assert words == "A record that is paid cannot become draft."
    assert translated(words, "en") == words
    assert translated(words, "zh") == "状态为 paid 的记录不能变更为 draft。"


def test_a_value_may_be_words_too() -> None:
    figures = {"quota": 60, "window": 10}
    told = say(
        "This {who} may send {quota} requests in {window} seconds, and has sent them.",
        who=say("key"),
        **figures,
    )
    assert translated(told, "zh") == "该密钥在 10 秒内最多可发送 60 次请求，现已用完。"


def test_what_a_caller_has_sent_is_no_template() -> None:
    words = say("This customer is of kind {kind}.", kind="{kind.__class__}")
    assert translated(words, "zh") == "该客户的类型为 {kind.__class__}。"


def test_what_has_no_translation_is_said_in_english() -> None:
    unknown = Words("Said by nobody.", "Said by nobody.", {})
    assert translated(unknown, "zh") == "Said by nobody."


class Order(BaseModel, extra="forbid"):
    kind: Literal["sale", "refund"]
    lines: Annotated[list[int], Field(min_length=2)]
    note: Annotated[str, Field(max_length=3)]
    weight: Annotated[float, Field(gt=0)]


@pytest.mark.parametrize(
    ("field", "sent", "said"),
    [
        ("kind", "gift", "请从以下取值中选择：'sale', 'refund'。"),
        ("lines", [1], "至少需要 2 项，当前为 1 项。"),
        ("note", "long", "最多允许 3 个字符。"),
        ("weight", 0, "数值必须大于 0.0。"),
        ("weight", "x", "请输入数值。"),
        ("other", 1, "接口未定义此字段。"),
    ],
)
def test_mistakes_in_a_body_are_told_in_chinese(field: str, sent: object, said: str) -> None:
    right = {"kind": "sale", "lines": [1, 2], "note": "", "weight": 1}
    with pytest.raises(ValidationError) as caught:
        Order.model_validate(right | {field: sent})
    (mistake,) = mistakes("body", caught.value, {})
    assert translated(mistake["message"], "zh") == said
    assert mistake["message"].isascii()
