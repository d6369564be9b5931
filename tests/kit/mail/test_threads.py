"""Which conversation a mail belongs to."""

from uuid import uuid4

from crm_api.kit.mail.letters import Letter
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
