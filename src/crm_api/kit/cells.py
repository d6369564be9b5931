"""Cells of tables that people open in a spreadsheet: text stays text, and comes back as it was."""

import re
from collections.abc import Iterable

NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
FORMULA = re.compile("'*[=+\\-@\t\r]")
GUARDED = re.compile("'+[=+\\-@\t\r]")
LISTED = re.compile(r"((?:[^;\\]|\\.?)*)(?:;|$)", re.DOTALL)


def guarded(text: str) -> str:
    """With `'` before what a spreadsheet would take for a formula, and before what looks as if it
    had been guarded already; numbers stay numbers."""
    if FORMULA.match(text) and not NUMBER.fullmatch(text):
        return "'" + text
    return text


def unguarded(cell: str) -> str:
    """The text that was guarded."""
    return cell[1:] if GUARDED.match(cell) else cell


def listed(texts: Iterable[str]) -> str:
    """Several texts in a cell, with `;` between; `;` and `\\` in them have a `\\` before."""
    return ";".join(re.sub(r"([;\\])", r"\\\1", text) for text in texts)


def unlisted(cell: str) -> list[str]:
    """The texts of a cell that are not blank."""
    parts = [re.sub(r"\\(.)", r"\1", part) for part in _parts(cell)]
    return [part.strip() for part in parts if part.strip()]


def _parts(cell: str) -> list[str]:
    return [found[1] for found in LISTED.finditer(cell)] if cell else []
