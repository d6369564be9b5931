"""Tables of comma-separated values (RFC 4180), as spreadsheets write them."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import chain

from .wire_errors import FileRejected
from .words import say

DELIMITERS = (",", ";", "\t")
MOST_COLUMNS = 300
COLUMN = "^[a-z][a-z_]{0,39}([.][a-z][a-z0-9_]{0,39})?$"
NAME = re.compile(COLUMN)


def read(text: io.TextIOWrapper) -> Iterator[tuple[int, list[str]]]:
    """The names of the columns, and then the cells of each line that is not blank, each with the
    number of its line.

    Raises FileRejected.
    """
    first = text.readline().lstrip("\ufeff")
    lines, line = csv.reader(chain([first], text), delimiter=_delimiter(first), strict=True), 1
    try:
        for cells in lines:
            if cells:
                yield line, cells
            line = lines.line_num + 1
    except csv.Error as error:
        message = say(
            "Line {line} cannot be read: its quotes do not match, or a cell is too long.",
            line=line,
        )
        raise FileRejected("not_csv", message, line=line) from error


def _delimiter(first: str) -> str:
    """The one that leaves names of columns and nothing else."""
    for delimiter in DELIMITERS:
        names = [name.strip() for cells in _cells(first, delimiter) for name in cells]
        if names and all(map(NAME.fullmatch, names)):
            return delimiter
    raise FileRejected(
        "no_header",
        say("The first line names the columns, such as external_id,name with , or ; or tabs."),
    )


def _cells(line: str, delimiter: str) -> list[list[str]]:
    with suppress(csv.Error):
        return list(csv.reader([line], delimiter=delimiter, strict=True))
    return []


def place(columns: Sequence[str], ids: Sequence[str]) -> int:
    """Where the id stands."""
    if len(columns) > MOST_COLUMNS:
        message = say("A table may have {most} columns.", most=MOST_COLUMNS)
        raise FileRejected("too_many_columns", message, max_length=MOST_COLUMNS)
    twice = sorted(name for name, times in Counter(columns).items() if times > 1)
    if twice:
        message = say("Name each column once.")
        raise FileRejected("repeated_column", message, columns=twice)
    for name in ids:
        if name in columns:
            return columns.index(name)
    raise FileRejected(
        "no_id", say("The table needs one of the columns {names}.", names=", ".join(ids))
    )
