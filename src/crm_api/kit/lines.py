"""Files of lines, as JSON or as tables: taken as a whole, or refused as a whole.

A line is kept as JSON of its number, its id and the line that had this id before, a tab, and then
what it says: an item as it was sent, or the list of a table's cells.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile

from pydantic_core import from_json, to_json

from .cells import unguarded
from .tables import place, read
from .uploads import IN_MEMORY, Upload
from .wire_errors import FileRejected
from .words import say

CSV, NDJSON = "text/csv", "application/x-ndjson"
CHARSETS = {"utf-8": "utf-8-sig", "utf8": "utf-8-sig"}
CHINESE = dict.fromkeys(("gb18030", "gbk", "gb2312"), "gb18030")
MOST_LINES, LARGEST = 300_000, 262_144
Told = tuple[int, str | None, bytes]
"""A line's number, its id, and what it says."""


@dataclass(slots=True)
class Kept:
    """The lines of a file, in parts of a size; `sizes` are theirs."""

    file: "SpooledTemporaryFile[bytes]"
    columns: list[str] = field(default_factory=list)
    lines: int = 0
    sizes: list[int] = field(default_factory=list)

    def parts(self) -> Iterator[bytes]:
        self.file.seek(0)
        return (self.file.read(size) for size in self.sizes)

    def close(self) -> None:
        self.file.close()

    def add(self, part: list[bytes]) -> None:
        self.sizes.append(self.file.write(b"\n".join(part)))


def kept(upload: Upload, ids: Sequence[str]) -> Kept:
    """`ids` are the members, or the columns, of which the first that is there holds a line's id.

    Raises FileRejected.
    """
    found = Kept(SpooledTemporaryFile(IN_MEMORY))  # noqa: SIM115
    try:
        with _text(upload) as text:
            is_table = upload.media_type == CSV
            _keep(found, _rows(text, found, ids) if is_table else _items(text, ids[0]))
        if not found.lines:
            raise FileRejected("no_lines", say("The file has no lines."))
    except BaseException:
        found.close()
        raise
    return found


@contextmanager
def _text(upload: Upload) -> Iterator[io.TextIOWrapper]:
    known = CHARSETS | (CHINESE if upload.media_type == CSV else {})
    if upload.charset not in known:
        allowed = [*known]
        raise FileRejected("charset", say("Send one of these charsets."), allowed=allowed)
    upload.file.seek(0)
    text = io.TextIOWrapper(upload.file, known[upload.charset], newline="")
    try:
        yield text
    except UnicodeDecodeError as error:
        message = say(
            "The file is not in {charset}: say which charset it is in.", charset=upload.charset
        )
        raise FileRejected("encoding", message) from error
    finally:
        text.detach()


def _keep(found: Kept, told: Iterable[Told]) -> None:
    seen: dict[str, int] = {}
    part: list[bytes] = []
    size = 0
    for number, id, content in told:
        first = seen.setdefault(id, number) if id is not None else number
        line = to_json([number, id, None if first == number else first]) + b"\t" + content
        _check(found, number, len(line))
        if part and size + len(line) > LARGEST:
            found.add(part)
            part, size = [], 0
        part.append(line)
        size += len(line) + 1
    if part:
        found.add(part)


def _check(found: Kept, number: int, size: int) -> None:
    found.lines += 1
    if size > LARGEST:
        message = say("Line {line} is longer than {most} bytes.", line=number, most=LARGEST)
        raise FileRejected("line_too_long", message, line=number)
    if found.lines > MOST_LINES:
        message = say("A file may have {most} lines.", most=MOST_LINES)
        raise FileRejected("too_many_lines", message, max_length=MOST_LINES)


def _items(text: Iterable[str], id: str) -> Iterator[Told]:
    for number, line in enumerate(text, start=1):
        if content := line.strip("\ufeff\r\n \t"):
            yield number, _id_of(content, id), content.encode()


def _id_of(item: str, name: str) -> str | None:
    """What is no item is told so when its turn comes."""
    try:
        found = from_json(item)
    except ValueError:
        return None
    id = found.get(name) if isinstance(found, dict) else None
    return id if isinstance(id, str) else None


def _rows(text: io.TextIOWrapper, found: Kept, ids: Sequence[str]) -> Iterator[Told]:
    lines = read(text)
    _, names = next(lines)
    found.columns = [name.strip() for name in names]
    at = place(found.columns, ids)
    for number, cells in lines:
        yield number, _id_in(cells, at), to_json(cells)


def _id_in(cells: Sequence[str], at: int) -> str | None:
    return (unguarded(cells[at]).strip() or None) if at < len(cells) else None
