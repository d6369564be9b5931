"""What somebody has written, without what his program has put below it of the mails before."""

import re
from collections.abc import Sequence

ANSWERED = (
    re.compile(r"On\b.{4,300}\bwrote:"),
    re.compile(r".{4,300}(写道|寫道|来信) ?[:：]"),
    re.compile(r"Am\b.{4,300}\bschrieb\b.{0,100}:"),
    re.compile(r"Le\b.{4,300}\ba écrit ?:"),
)
WHEN_OR_WHO = re.compile(r"\d{4}|\d:\d\d|@")
FOLDED = ("On ", "在", "于", "Am ", "Le ")
ORIGINAL = re.compile(
    r"\s*-{2,}\s*(Original Message|原始邮件|原始郵件|回复的原邮件|Ursprüngliche Nachricht)\s*-{2,}"
    r"\s*",
    re.IGNORECASE,
)
FORWARDED = re.compile(
    r"\s*-{2,}\s*(Forwarded message|转发的邮件|转发邮件|轉寄的郵件|Weitergeleitete Nachricht)"
    r"\s*-{2,}\s*|\s*Begin forwarded message:\s*",
    re.IGNORECASE,
)
FROM = re.compile(r"\s*\*?(From|发件人|寄件者|Von)\*?\s*[:：].*", re.IGNORECASE)
OTHERS = re.compile(
    r"\s*\*?(Sent|Date|To|Subject|发送时间|发送日期|日期|时间|收件人|主题|主旨|Gesendet|An)\*?\s*[:：].*",
    re.IGNORECASE,
)
RULE = re.compile(r"\s*[_-]{10,}\s*")
MOST_CHARACTERS = 400
NEAR = 4


def without_quotes(text: str) -> str:
    """The beginning of a text: nothing is taken from between. All of it where the answer stands
    below or inside of what is quoted, or nothing would be left, or it forwards a mail."""
    lines = text.split("\n")
    said = "\n".join(lines[: _end(lines)]).rstrip()
    return said if said.strip() else text.rstrip()


def _end(lines: Sequence[str]) -> int:
    """The number of the first line that is no longer his own."""
    for number in range(len(lines)):
        if FORWARDED.fullmatch(lines[number][:MOST_CHARACTERS]):
            return len(lines)
        if _begins_quote(lines, number):
            return _before_rule(lines, number) if _is_last(lines, number) else len(lines)
    return _without_trailing_quote(lines, len(lines))


def _begins_quote(lines: Sequence[str], number: int) -> bool:
    line = lines[number][:MOST_CHARACTERS]
    return (
        ORIGINAL.fullmatch(line) is not None
        or _has_answered(lines, number)
        or _is_head(lines, number)
    )


def _has_answered(lines: Sequence[str], number: int) -> bool:
    """`On ... wrote:`, which programs fold, with something below it."""
    line, *below = lines[number : number + 2]
    said = _names_author(line) or (
        line.startswith(FOLDED) and _names_author(" ".join([line, *below]))
    )
    return said and _is_followed(lines, number)


def _names_author(text: str) -> bool:
    text = text[:MOST_CHARACTERS].strip()
    if not text.endswith((":", "：")) or WHEN_OR_WHO.search(text) is None:
        return False
    return any(form.fullmatch(text) for form in ANSWERED)


def _is_followed(lines: Sequence[str], number: int) -> bool:
    return any(line.strip() for line in lines[number + 1 :])


def _is_head(lines: Sequence[str], number: int) -> bool:
    """The headers of another mail."""
    near = lines[number + 1 : number + 1 + NEAR]
    return FROM.fullmatch(lines[number][:MOST_CHARACTERS]) is not None and any(
        OTHERS.fullmatch(line[:MOST_CHARACTERS]) for line in near
    )


def _is_last(lines: Sequence[str], number: int) -> bool:
    """Whether nobody has answered below what is quoted, line by line."""
    below = [line for line in lines[number + 1 :] if line.strip()]
    quoted = [line.lstrip().startswith(">") for line in below]
    first = next((n for n, is_quoted in enumerate(quoted) if is_quoted), None)
    return first is None or first > 1 or all(quoted[first:])


def _before_rule(lines: Sequence[str], number: int) -> int:
    """A line that is drawn above a quote belongs to it."""
    while number and (not lines[number - 1].strip() or RULE.fullmatch(lines[number - 1][:200])):
        number -= 1
    return number


def _without_trailing_quote(lines: Sequence[str], number: int) -> int:
    while number and (not lines[number - 1].strip() or lines[number - 1].lstrip()[:1] == ">"):
        number -= 1
    return number
