"""Phone numbers as E.164, whatever way they are written."""

import re
import unicodedata
from typing import Any

from phonenumbers import (
    SUPPORTED_REGIONS,
    NumberParseException,
    PhoneMetadata,
    PhoneNumberFormat,
    format_number,
    is_valid_number,
    parse,
)

from .words import Misread, say

REGIONS = frozenset(SUPPORTED_REGIONS)
EXTENSION = re.compile(r"转|轉|分机|分機|內線|内线|ext|доб|#|~|,|[;x]\s*[0-9e]", re.IGNORECASE)
# Digits of any script between the usual marks: what else there is would be dropped unread.
WRITTEN = re.compile(r"(tel:)?\s*\+?[\d\s()./\-\u2010-\u2015\u2212]+", re.IGNORECASE)
# Most numbers come in this form, and the library takes 40 µs to find nothing to do.
CHINA: Any = PhoneMetadata.metadata_for_region("CN")
MOBILE = re.compile(rf"\+86(?:{CHINA.mobile.national_number_pattern})", re.ASCII)


def e164(text: str, region: str) -> str:
    """`138 0013 8000` in CN -> `+8613800138000`.

    Raises Misread, in words for the caller and without the number itself: it is not a number
    of its country, or it has an extension, for which E.164 has no place, or other words with it.
    """
    if MOBILE.fullmatch(text):
        return text
    plain = _seen(unicodedata.normalize("NFKC", text))
    if EXTENSION.search(plain):
        raise Misread(say("Send the number without its extension; put that into the label."))
    if not WRITTEN.fullmatch(plain):
        raise Misread(say("Send one phone number: digits, with spaces or + ( ) - . / among them."))
    try:
        number = parse(plain, region)
    except NumberParseException as error:
        raise Misread(
            say("Send a phone number of {region}, or one that begins with +.", region=region)
        ) from error
    if number.extension or not is_valid_number(number):
        raise Misread(say("No such number can exist: check its digits and its country code."))
    return format_number(number, PhoneNumberFormat.E164)


def _seen(text: str) -> str:
    """Without the invisible marks that address books and web pages put around a number."""
    return "".join(c for c in text if unicodedata.category(c) != "Cf").strip()
