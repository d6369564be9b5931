"""Bytes that say what they are written in, and may be wrong."""

from collections.abc import Iterator
from contextlib import suppress
from encodings import normalize_encoding
from encodings.aliases import aliases

NOT_OF_TEXT = {"base64", "bz2", "hex", "quopri", "rot_13", "uu", "zlib", "mbcs", "oem", "utf_7"}
CODECS = {
    name: codec
    for name, codec in aliases.items()
    if codec.removesuffix("_codec") not in NOT_OF_TEXT
}
WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs", "latin_1": "cp1252"}
"""Under the narrower name mails come that use all of the wider one."""
OTHER_NAMES = {"x_gbk": "gb18030", "gb_2312_80": "gb18030", "unicode_1_1_utf_8": "utf_8"}
WEAK = {"ascii", "cp1252", "gb18030", "big5hkscs"}
"""What stands for them is often UTF-8."""
FIRST_WIDE = "\u0800"
LAST_RESORT = "cp1252"


def decoded(data: bytes, charset: str | None) -> str:
    """Never raises; what cannot be read is U+FFFD. Without NUL, which PostgreSQL does not keep."""
    return clean(_decoded(data, _codec(charset)))


def clean(text: str) -> str:
    """Without NUL, halves of characters and marks of byte order, and with one kind of line end."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\0", "").replace("\ufeff", "").replace("\r\n", "\n").replace("\r", "\n")


def _decoded(data: bytes, codec: str | None) -> str:
    for one in _tried(data, codec):
        with suppress(ValueError):
            return data.decode(one)
    return data.decode(codec or LAST_RESORT, "replace")


def _tried(data: bytes, codec: str | None) -> Iterator[str]:
    if codec is None or (codec in WEAK and _is_utf8(data)):
        yield "utf_8"
    if codec is not None:
        yield codec
    yield from ("utf_8", "gb18030")


def _is_utf8(data: bytes) -> bool:
    """With a character of three bytes, so that it is not so by chance."""
    with suppress(ValueError):
        return any(character >= FIRST_WIDE for character in data.decode())
    return False


def _codec(charset: str | None) -> str | None:
    """Null for a name that nobody knows; none is looked for that is not there anyway."""
    name = normalize_encoding(charset.strip().lower()) if charset and charset.isascii() else ""
    found = OTHER_NAMES.get(name) or CODECS.get(name) or (name if name in CODECS.values() else None)
    return WIDER.get(found, found) if found else None
