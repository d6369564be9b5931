"""placeholder while the real one is being written"""

import phonenumbers

REGIONS = frozenset(phonenumbers.SUPPORTED_REGIONS)


def e164(text: str, region: str) -> str:
    try:
        n = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as e:
        raise ValueError("Not a phone number") from e
    if not phonenumbers.is_valid_number(n):
        raise ValueError("Not a valid phone number")
    return phonenumbers.format_number(n, phonenumbers.PhoneNumberFormat.E164)
