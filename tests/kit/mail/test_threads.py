"""Which conversation a mail belongs to."""

from datetime import UTC, datetime
from email.header import Header
from email.mime.text import MIMEText
from uuid import uuid4

from crm_api.kit.mail.automatic import Ours
from crm_api.kit.mail.building import mime
from crm_api.kit.mail.letters import Letter, Mailbox
from crm_api.kit.mail.outgoing import Outgoing
from crm_api.kit.mail.reading import read
from crm_api.kit.mail.threads import Answered, Mentioned, candidates, message_id, named

TICKET, FIRST, SECOND = uuid4(), uuid4(), uuid4()
OLD = message_id(TICKET, FIRST, "desk.example.com")
NEW = message_id(TICKET, SECOND, "desk.example.com")


def _letter(*headers: str) -> Letter:
    return read("\n".join((*headers, "", "Hello")).encode())


def test_what_a_mail_answers_comes_first_then_the_newest_that_it_refers_to() -> None:
    letter = _letter(
        "Subject: Re: Late [TIC-2026-000001]",
        f"In-Reply-To: <{NEW}>",
        f"References: <else@example.com>\n <{OLD}> <{NEW}>",
    )
    assert candidates(letter) == [
        Answered(TICKET, SECOND),
        Answered(TICKET, FIRST),
        Mentioned("TIC-2026-000001"),
    ]
    assert named(letter) == [NEW, OLD, "else@example.com"]


def test_programs_that_write_ids_badly_are_understood() -> None:
    assert candidates(_letter(f"In-Reply-To: {NEW.upper()}")) == [Answered(TICKET, SECOND)]
    told = f'In-Reply-To: Your message of "Friday" <{NEW}>'
    assert candidates(_letter(told)) == [Answered(TICKET, SECOND)]


def test_a_subject_names_a_number_in_brackets() -> None:
    subject = "Subject: =?utf-8?B?5Zue5aSN77yaW1RJQy0yMDI2LTAwMDAwMV0=?="
    assert candidates(_letter(subject)) == [Mentioned("TIC-2026-000001")]


def test_mail_about_something_else_belongs_nowhere() -> None:
    assert candidates(_letter("Subject: [urgent] order", "References: <a@example.com>")) == []


SENT = Outgoing(
    id=NEW,
    at=datetime(2026, 11, 27, 8, tzinfo=UTC),
    from_=Mailbox("客服中心", "service@example.com"),
    to=(Mailbox("张三", "zhang@qq.com"),),
    subject="回复：订单还没有收到 [TIC-2026-000001]",
    text="您好，\n\n包裹今天发出。",
    in_reply_to="first@qq.com",
    references=("first@qq.com",),
    mark="word",
)


def _answered_by_hand(ours: Letter) -> bytes:
    """As programs here write it: GB18030, with what it answers below."""
    quoted = "\n".join(f"> {line}" for line in ours.text.split("\n"))
    text = f"收到了，谢谢！\n\n客服中心 于2026年11月27日 16:00写道：\n\n{quoted}\n"
    mail = MIMEText(text.encode("gb18030").decode("latin-1"), "plain", "latin-1")
    mail.replace_header("Content-Type", "text/plain; charset=GB18030")
    mail["From"] = Header("张三", "gb18030").encode() + " <zhang@qq.com>"
    mail["To"] = "service@example.com"
    mail["Subject"] = Header(f"Re: {ours.subject}", "gb18030").encode()
    mail["Message-ID"] = "<second@qq.com>"
    mail["In-Reply-To"] = f"<{ours.message_id}>"
    mail["References"] = " ".join(f"<{id}>" for id in (*ours.references, ours.message_id))
    return mail.as_bytes()


def test_an_answer_to_what_we_sent_finds_its_conversation_and_says_only_what_is_new() -> None:
    ours = Ours({"service@example.com"}, "word")
    answer = read(_answered_by_hand(read(mime(SENT))), ours)
    assert candidates(answer)[0] == Answered(TICKET, SECOND)
    assert named(answer) == [NEW, "first@qq.com"]
    assert (answer.said, answer.is_loop, answer.automatic) == ("收到了，谢谢！", False, None)
    assert answer.from_ == Mailbox("张三", "zhang@qq.com")
    assert Mentioned("TIC-2026-000001") in candidates(answer)
