"""Mail as it comes: the messages of the standard library's own tests, and Chinese ones."""

from base64 import b64encode
from datetime import UTC, datetime
from importlib.resources import files
from importlib.util import find_spec
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_api.kit.mail.automatic import Ours
from crm_api.kit.mail.letters import Automatic, Letter, Mailbox
from crm_api.kit.mail.reading import read

REAL = "test.test_email.data"
here = pytest.mark.skipif(find_spec("test.test_email") is None, reason="this Python has no tests")


def _real(name: str) -> Letter:
    return read((files(REAL) / f"{name}.txt").read_bytes())


def _mail(*headers: str, body: bytes = b"Hello") -> bytes:
    return "\r\n".join((*headers, "", "")).encode("utf-8", "surrogateescape") + body


def _subject(value: str) -> str:
    return read(_mail(f"Subject: {value}")).subject


def _text(charset: str, body: bytes) -> str:
    return read(_mail(f"Content-Type: text/plain; charset={charset}", body=body)).text


@here
def test_every_real_message_is_read_and_each_has_an_id_of_its_own() -> None:
    all_ = [one for one in files(REAL).iterdir() if one.name.startswith("msg_")]
    letters = [read(one.read_bytes()) for one in all_]
    assert len(letters) > 40
    assert all(letter.message_id and letter.is_whole for letter in letters)
    assert read(all_[0].read_bytes()) == letters[0]


@here
def test_a_real_message_with_a_picture() -> None:
    letter = _real("msg_07")
    assert (letter.subject, letter.text) == (
        "Here is your dingus fish",
        "Hi there,\n\nThis is the dingus fish.",
    )
    assert letter.from_ == Mailbox("Barry", "barry@digicool.com")
    assert letter.to == (Mailbox("Dingus Lovers", "cravindogs@cravindogs.com"),)
    assert letter.sent_at == datetime(2001, 4, 20, 23, 35, 2, tzinfo=UTC)
    [picture] = letter.attachments
    assert (picture.name, picture.content_type, picture.size) == (
        "dingusfish.gif",
        "image/gif",
        3512,
    )


@here
def test_a_real_message_that_forwards_another() -> None:
    letter = _real("msg_06")
    [inside] = letter.attachments
    assert (inside.name, inside.content_type) == ("message.eml", "message/rfc822")
    assert letter.text == ""


@here
@pytest.mark.parametrize("name", ["msg_05", "msg_16", "msg_25", "msg_43"])
def test_real_bounces_are_known_as_such(name: str) -> None:
    assert _real(name).automatic == Automatic.bounce


@here
def test_a_real_message_whose_parts_cannot_be_found_is_read_as_text() -> None:
    assert "This is a MIME-encapsulated message" in _real("msg_25").text


@here
@pytest.mark.parametrize("name", ["msg_32", "msg_33"])
def test_real_mail_of_lists_is_automatic(name: str) -> None:
    assert _real(name).automatic is not None


GREETING = "您好，订单还没有收到。"


@pytest.mark.parametrize(
    ("charset", "written"),
    [
        ("gb2312", "gb2312"),
        ("GBK", "gbk"),
        ("GB18030", "gb18030"),
        ("gb2312", "utf-8"),
        ("utf-8", "gb18030"),
        ("us-ascii", "gb18030"),
        ("us-ascii", "utf-8"),
        ("iso-8859-1", "utf-8"),
        ("x-unknown", "gb18030"),
        ("x-unknown", "utf-8"),
        ("rot13", "utf-8"),
        ("utf-7", "utf-8"),
        ("HZ-GB-2312", "hz"),
        ("utf-16", "utf-16"),
    ],
)
def test_chinese_is_read_whatever_its_charset_is_said_to_be(charset: str, written: str) -> None:
    assert _text(charset, GREETING.encode(written)) == GREETING


def test_characters_that_only_the_wide_charset_has_are_read_under_the_narrow_name() -> None:
    assert _text("gb2312", "朱镕基，喆".encode("gb18030")) == "朱镕基，喆"
    assert _text("big5", "碁銹裏".encode("big5hkscs")) == "碁銹裏"


def test_western_text_stays_as_it_is() -> None:
    assert _text("iso-8859-1", "Grüße – “ja”".encode("cp1252")) == "Grüße – “ja”"


def test_words_of_a_subject_that_are_cut_inside_of_a_character_are_joined() -> None:
    data = "关于订单的投诉".encode("gb18030")
    words = [f"=?GB2312?B?{b64encode(part).decode()}?=" for part in (data[:5], data[5:9], data[9:])]
    assert _subject("\r\n ".join(words)) == "关于订单的投诉"


@pytest.mark.parametrize(
    ("value", "read_as"),
    [
        ("=?utf-8?Q?Re:_=E5=8F=91=E7=A5=A8?=", "Re: 发票"),
        ("=?utf-8?B?5Y+R56Wo?= and =?iso-8859-1?Q?caf=E9?=", "发票 and café"),
        ("=?utf-8*zh?B?5Y+R56Wo?=", "发票"),
        ("=?utf-8?B?5Y+R56W?=", "发�"),
        ("=?nonsense?B?!!!?=", ""),
        ("发票", "发票"),
        ("发票".encode("gbk").decode("utf-8", "surrogateescape"), "发票"),
        ("two\r\n  lines", "two lines"),
        ("", ""),
    ],
)
def test_subjects(value: str, read_as: str) -> None:
    assert _subject(value) == read_as


def test_names_and_addresses_of_people() -> None:
    letter = read(
        _mail(
            "From: =?gb2312?B?1cXI/Q==?= <Zhang.San@Example.com>",
            "Reply-To: other@example.com",
            'To: "Service, =?utf-8?B?5a6i5pyN?=" <service@example.com>, no, b@example.com',
            "Cc: service@example.com, <c@example.com>",
        )
    )
    assert letter.from_ == Mailbox("张三", "zhang.san@example.com")
    assert letter.sender == Mailbox("", "other@example.com")
    assert letter.to == (
        Mailbox("Service, 客服", "service@example.com"),
        Mailbox("", "b@example.com"),
    )
    assert [one.address for one in letter.cc] == ["service@example.com", "c@example.com"]


NESTED = (
    "MIME-Version: 1.0\r\nMessage-ID: <1@qq.com>\r\nFrom: a@qq.com\r\n"
    'Content-Type: multipart/mixed; boundary="m"\r\n\r\n--m\r\n'
    'Content-Type: multipart/related; boundary="r"\r\n\r\n--r\r\n'
    'Content-Type: multipart/alternative; boundary="a"\r\n\r\n--a\r\n'
    "Content-Type: text/plain; charset=gb18030\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    f"{b64encode(GREETING.encode('gb18030')).decode()}\r\n--a\r\n"
    "Content-Type: text/html; charset=gb18030\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    f"{b64encode(f'<p>{GREETING}</p>'.encode('gb18030')).decode()}\r\n--a--\r\n--r\r\n"
    "Content-Type: image/png\r\nContent-ID: <pic>\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    "AAAA\r\n--r--\r\n--m\r\n"
    "Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n"
    "Content-Disposition: attachment; filename*=GB18030''%B7%A2%C6%B1.pdf\r\n\r\nAAAA\r\n--m--\r\n"
).encode()


def test_parts_in_parts_in_parts() -> None:
    letter = read(NESTED)
    assert (letter.text, letter.html) == (GREETING, f"<p>{GREETING}</p>")
    picture, invoice = letter.attachments
    assert (picture.content_id, picture.is_inline, picture.size) == ("pic", True, 3)
    assert (invoice.name, invoice.is_inline) == ("发票.pdf", False)


@pytest.mark.parametrize("name", ['"=?gbk?B?t6LGsS5wZGY=?="', '"../../发票.pdf"', "发票.pdf"])
def test_names_of_files_lose_their_paths(name: str) -> None:
    head = f"Content-Disposition: attachment; filename={name}"
    [attachment] = read(_mail("Content-Type: application/pdf", head)).attachments
    assert attachment.name == "发票.pdf"


def test_mail_that_is_only_html_is_read_as_text() -> None:
    letter = read(_mail("Content-Type: text/html; charset=utf-8", body=b"<p>One<br>two</p><p>3"))
    assert letter.text == "One\ntwo\n\n3"


def test_a_mail_without_an_id_has_the_same_one_whichever_way_it_comes() -> None:
    head = ("From: a@example.com", "Subject: x", "Date: Fri, 27 Nov 2026 08:00:00 +0800")
    ways = [
        _mail("Received: from one", *head),
        _mail("Received: from two", "Received: from three", *head, body=b"Hello\r\n"),
        _mail(*head).replace(b"\r\n", b"\n"),
    ]
    assert len({read(way).message_id for way in ways}) == 1
    assert read(_mail(*head, body=b"Hello!")).message_id != read(ways[0]).message_id


@pytest.mark.parametrize(
    ("head", "why"),
    [
        ("Auto-Submitted: auto-replied", Automatic.auto_submitted),
        ("Auto-Submitted: auto-generated; owner=x", Automatic.auto_submitted),
        ("Auto-Submitted: no", None),
        ("Precedence: Bulk", Automatic.bulk),
        ("Precedence: junk", Automatic.bulk),
        ("Precedence: first-class", None),
        ("List-Id: <l.example.com>", Automatic.mailing_list),
        ("X-Auto-Response-Suppress: All", Automatic.suppressed),
        ("X-Auto-Response-Suppress: None", None),
        ("Return-Path: <>", Automatic.bounce),
        ("Return-Path: <a@example.com>", None),
        ("Content-Type: multipart/report; boundary=x", Automatic.bounce),
    ],
)
def test_what_no_machine_answers(head: str, why: Automatic | None) -> None:
    assert read(_mail("From: a@example.com", head)).automatic == why


def test_mail_of_a_mail_server_is_no_persons() -> None:
    assert read(_mail("From: MAILER-DAEMON@example.com")).automatic == Automatic.bounce


@pytest.mark.parametrize(
    ("heads", "loops"),
    [
        (("From: Help@Example.com",), True),
        (("From: a@example.com", "X-Crm-Loop: word"), True),
        (("From: a@example.com", "X-Crm-Loop: word of another"), False),
        (("From: a@example.com", *["Received: by x"] * 51), True),
        (("From: a@example.com", *["Received: by x"] * 12), False),
    ],
)
def test_mail_that_comes_back_is_known(heads: tuple[str, ...], loops: bool) -> None:
    assert read(_mail(*heads), Ours({"help@example.com"}, "word")).is_loop is loops


@pytest.mark.parametrize(
    "date",
    ["", "yesterday", "Fri, 99 Nov 2026 08:00:00 +0800", f"1 Jan {'9' * 5000}", "0 0 0 0 0 0"],
)
def test_a_mail_may_be_of_no_time(date: str) -> None:
    assert read(_mail(f"Date: {date}")).sent_at is None


def test_nul_and_halves_of_characters_are_left_out() -> None:
    letter = read(_mail("Subject: a\0b", "Content-Type: text/plain", body=b"x\0y\xed\xa0\x80"))
    (letter.subject + letter.text).encode()
    assert "\0" not in letter.subject + letter.text


def test_a_huge_text_is_cut_and_says_so() -> None:
    letter = read(_mail("Content-Type: text/plain", body=b"word " * 100_000))
    assert (len(letter.text), letter.is_whole) == (100_000, False)


BOMBS = {
    "parts in parts": b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(3000)
    )
    + b"\n" * 500_000,
    "mails in mails": b"Content-Type: message/rfc822\n\n" * 5000,
    "comments in comments": b"From: " + b"(" * 9000 + b"a@example.com\n\n",
    "many addresses": b"To: " + b"a@example.com, " * 200_000 + b"\n\n",
    "many words": b"Subject: " + b"=?utf-8?Q?a?= " * 100_000 + b"\n\n",
    "open comments": b"Content-Type: text/html\n\n" + b"<!--" * 500_000,
    "open tags": b"Content-Type: text/html\n\n" + b"<a x='" * 300_000,
    "quotes": b"Content-Type: text/html\n\n<a " + b"'\"" * 300_000,
    "lines of an author": b"\n\n" + b"On 2026 at 8:00\n" * 60_000,
    "spaces": b"\n\n" + (b" " * 399 + b"\n") * 2000,
    "headers": b"X: y\n" * 300_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_no_mail_keeps_the_reader_busy(name: str) -> None:
    begun = process_time()
    read(BOMBS[name])
    assert process_time() - begun < 5


NAMES = st.sampled_from(
    [
        *("From", "To", "Subject", "Date", "Message-ID", "References", "Content-Type"),
        *("Content-Transfer-Encoding", "Content-Disposition", "Return-Path", "Content-ID"),
    ]
)
VALUES = st.one_of(
    st.binary(max_size=60),
    st.sampled_from(
        [
            b"multipart/mixed; boundary=x",
            b"text/html; charset=\0",
            b"text/plain; charset*=utf-8''%ff",
            b"attachment; filename*0*=a''%; filename*1=b",
            b"base64",
            b"x-uuencode",
            b"quoted-printable",
            b"message/rfc822",
            b"=?utf-8?B?////?=",
            b"<<a@>>",
        ]
    ),
)
BODIES = st.one_of(
    st.binary(max_size=300), st.just(b"--x\n\n<p>\n--x--"), st.just(b"begin 644 x\n\xff")
)
MAILS = st.builds(
    lambda heads, body: b"\n".join(b"%b: %b" % (n.encode(), v) for n, v in heads) + b"\n\n" + body,
    st.lists(st.tuples(NAMES, VALUES), max_size=8),
    BODIES,
)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.binary(max_size=500), MAILS))
def test_any_bytes_are_a_mail_that_can_be_kept(raw: bytes) -> None:
    letter = read(raw)
    texts = [letter.message_id, letter.subject, letter.text, letter.said, letter.html or ""]
    boxes = [one for one in (letter.from_, *letter.to) if one]
    texts += [text for one in boxes for text in (one.name, one.address)]
    texts += [text for one in letter.attachments for text in (one.name, one.content_type)]
    assert "\0" not in "".join(texts).encode().decode()
    assert 0 < len(letter.message_id) <= 250
    assert read(raw) == letter
