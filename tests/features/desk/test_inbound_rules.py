"""What comes in, whatever it is, as it is taken."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from crm_api.features.desk.channels.schemas import ChannelKind, WayIn
from crm_api.features.desk.inbound.rules import begun, of_letter, of_message, written
from crm_api.features.desk.requesters.schemas import by_mail, by_points
from crm_api.kit.mail.reading import read

WAY = WayIn(UUID(int=1), ChannelKind.email, None, "service@example.com", False, ())
TEXT = st.text(max_size=200)
HEADERS = ("From", "Reply-To", "Subject", "References", "In-Reply-To", "Auto-Submitted")


def taken(raw: bytes) -> None:
    came = of_letter(read(raw), raw)
    if came is None:
        return
    subject = begun(came, ["en"])["subject"]
    assert 0 < len(subject) <= 300
    assert subject == subject.strip()
    said = written(WAY, came)
    assert said["external_id"]
    assert len(said["external_id"]) <= 500
    assert "\0" not in said["text"]
    if came.writer:
        assert 0 < len(came.writer.name) <= 200
        assert came.writer.address == said["address"]


@given(st.binary(max_size=2_000))
def test_any_bytes_are_taken(raw: bytes) -> None:
    taken(raw)


@given(st.dictionaries(st.sampled_from(HEADERS), TEXT), TEXT)
def test_any_headers_are_taken(headers: dict[str, str], body: str) -> None:
    lines = [f"{name}: {value}" for name, value in headers.items()]
    taken("\r\n".join([*lines, "", body]).encode("utf-8", "surrogatepass"))


@given(TEXT, TEXT)
def test_whoever_writes_has_a_name_of_one_line(name: str, address: str) -> None:
    for writer in (by_mail(name, address), by_points(name, address, [])):
        assert writer.name.isprintable()
        assert writer.name == writer.name.strip() != ""


@given(st.fixed_dictionaries({}, optional={"visitor": TEXT, "email": st.emails(), "name": TEXT}))
def test_a_message_is_from_whoever_sends_it(who: dict[str, str]) -> None:
    if not who.get("visitor") and not who.get("email"):
        return
    came = of_message({"external_id": "1", "from_": who, "text": "Hello"})
    assert came.writer
    assert came.writer.address == (who.get("visitor") or who["email"].lower())
