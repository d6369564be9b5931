"""What a person has written, in HTML and above what his program quotes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_api.kit.mail.plain import plain
from crm_api.kit.mail.quotes import without_quotes


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("One &amp; two&nbsp;three", "One & two three"),
        ("<div>a</div><div>b</div>", "a\nb"),
        ("<div>a</div><div><br></div><div>b</div>", "a\n\nb"),
        ("<ul><li>one<li>two</ul>end", "- one\n- two\n\nend"),
        ("<table><tr><td>a<td>b</tr><tr><td>c</tr></table>", "a b\nc"),
        ("<style>p {}</style><script>if (a<b) {}</script>x", "x"),
        ("a<!-- <p>hidden</p> -->b", "ab"),
        ("a < b and c > d", "a < b and c > d"),
        ("<a title=\"x > y\" href='z'>link</a>", "link"),
        ("Hi<blockquote>old<br>older<blockquote>oldest</blockquote></blockquote>", None),
        ("<!DOCTYPE html><html><head><title>t</title></head><body>您好</body>", "您好"),
        ("<p>unclosed <b>x", "unclosed x"),
        ("<", "<"),
        ("", ""),
    ],
)
def test_html_is_read(html: str, text: str | None) -> None:
    assert plain(html) == (text if text is not None else "Hi\n> old\n> older\n> > oldest")


@given(st.text(alphabet="<>/!-ab \"'&;=\n", max_size=200))
def test_any_html_is_read(html: str) -> None:
    plain(html)


SAID = "谢谢，已经收到。\n\n张三"


@pytest.mark.parametrize(
    "below",
    [
        "On Fri, 27 Nov 2026 at 08:00, Help <help@example.com> wrote:\n> Hello\n>\n> again",
        "On Fri, 27 Nov 2026 at 08:00, Somebody With A Long Name\n<help@example.com> wrote:\n> Hi",
        "On Nov 27, 2026, at 8:00, Help wrote:\n\nHello",
        "在 2026年11月27日，08:00，客服 <help@example.com> 写道：\n\n您好",
        '在2026-11-27 08:00:00，"客服" <help@example.com> 写道:\n> 您好',
        "客服 <help@example.com> 于2026年11月27日周五 08:00写道：\n\n> 您好",
        "------------------ 原始邮件 ------------------\n发件人: 客服\n您好",
        "-----Original Message-----\nFrom: Help\nHello",
        "---- 回复的原邮件 ----\n| 发件人 | 客服 |",
        "发件人：客服 <help@example.com>\n发送时间：2026年11月27日 8:00\n收件人：张三\n\n您好",
        "______________________\nFrom: Help <help@example.com>\nSent: Friday\nTo: me\n\nHi",
        "*From:* Help\n*Sent:* Friday\n\nHi",
        "> Hello\n> again",
        "Am 27.11.2026 um 08:00 schrieb Help:\n> Hallo",
    ],
)
def test_what_is_quoted_below_is_left_out(below: str) -> None:
    assert without_quotes(f"{SAID}\n\n{below}") == SAID


@pytest.mark.parametrize(
    "text",
    [
        "On Fri, 27 Nov 2026 at 08:00, Help wrote:\n> Where do you live?\nIn Shanghai.",
        "> Where do you live?\nIn Shanghai.\n> Since when?\nSince 2020.",
        "On Fri, 27 Nov 2026 at 08:00, Help wrote:\n> Hello",
        "See below.\n\n---------- Forwarded message ---------\nFrom: a\nDate: b\n\nBroken again",
        "From: Shanghai we go on.",
        "他在信里写道：\n我们明天发货。\n请确认。",
        "发件人：不清楚是谁，请查一下。",
        "",
    ],
)
def test_what_may_be_his_own_is_kept(text: str) -> None:
    assert without_quotes(text) == text


LINES = st.sampled_from(
    [
        "",
        "Hello",
        "> a",
        "On 2026, x wrote:",
        "From: a",
        "Date: b",
        "-----原始邮件-----",
        "____________",
    ]
)


@given(st.lists(st.one_of(LINES, st.text(max_size=20)), max_size=12))
def test_what_is_left_is_the_beginning_and_never_nothing(lines: list[str]) -> None:
    text = "\n".join(lines)
    left = without_quotes(text)
    assert text.startswith(left)
    assert bool(left.strip()) == bool(text.strip())
