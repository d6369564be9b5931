"""What a person reads of HTML. It is torn apart in one pass, so that no mail costs more than its
length, and never raises."""

import re
from html import unescape

TAG = re.compile(r"""(/?)([a-zA-Z][a-zA-Z0-9:-]{0,40})(?:[^>"']++|"[^"]*"|'[^']*'|["'])*+>""")
HIDDEN = {"head", "script", "style", "title", "template"}
LINES = {"address", "article", "br", "center", "dd", "div", "dl", "dt", "footer", "form", "header"}
LINES |= {"hr", "li", "section", "table", "tr"}
PARAGRAPHS = {"h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre", "ul"}
CELLS = {"td", "th"}
SPACES = re.compile(r"[ \t\r\n\f\v]+")
BLANK_LINES = re.compile(r"\n{3,}")
MOST_QUOTES = 20


def plain(html: str) -> str:
    """Paragraphs, lists and cells as lines and blanks; what is quoted begins with `> `."""
    reading = Reading()
    first, *pieces = html.split("<")
    reading.say(first)
    for piece in pieces:
        reading.take(piece)
    return BLANK_LINES.sub("\n\n", "\n".join(reading.finished())).strip()


class Reading:
    """How far the text is, inside of what, and what has been read of it."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.hidden: str | None = None
        self.quotes = 0

    def take(self, piece: str) -> None:
        """What follows a `<`, up to the next one."""
        if self.hidden == "comment" or piece.startswith("!--"):
            self._comment(piece)
        elif found := TAG.match(piece):
            self._tag(found[2].lower(), found[1] == "/")
            self.say(piece[found.end() :])
        elif piece.startswith(("!", "?", "/")):
            self.say(piece.partition(">")[2])
        else:
            self.say("<" + piece)

    def say(self, text: str) -> None:
        if self.hidden is None and text:
            self.line.append(SPACES.sub(" ", text))

    def finished(self) -> list[str]:
        self._break()
        return self.lines

    def _comment(self, piece: str) -> None:
        _, end, rest = piece.partition("-->")
        self.hidden = None if end else "comment"
        self.say(rest)

    def _tag(self, name: str, ends: bool) -> None:
        if name in HIDDEN:
            self._hide(name, ends)
        elif self.hidden is None:
            self._lay_out(name, ends)

    def _hide(self, name: str, ends: bool) -> None:
        if not ends:
            self.hidden = self.hidden or name
        elif self.hidden == name:
            self.hidden = None

    def _lay_out(self, name: str, ends: bool) -> None:
        if name == "blockquote":
            self._break()
            self.quotes = min(max(self.quotes + (-1 if ends else 1), 0), MOST_QUOTES)
        elif name in PARAGRAPHS:
            self._break()
            self.lines.append("")
        elif name in LINES and (not ends or self.line):
            self._break(is_wanted=name == "br")
        elif name in CELLS:
            self.line.append(" ")
        if name == "li" and not ends:
            self.line.append("- ")

    def _break(self, is_wanted: bool = False) -> None:
        text = SPACES.sub(" ", unescape("".join(self.line)).replace("\xa0", " ")).strip()
        if text or is_wanted:
            self.lines.append("> " * self.quotes + text)
        self.line = []
