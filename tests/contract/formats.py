"""What Schemathesis sends where the contract names a format: values that really are valid.

The contract can say that a text is a phone number or a tax code, but not which ones exist.
`scripts/test` names this module in SCHEMATHESIS_HOOKS.
"""

from collections.abc import Iterator
from typing import Any

import schemathesis
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType, example_number_for_type, format_number
from stdnum.cn import uscc

from crm_api.kit.currencies import CURRENCIES
from crm_api.kit.phones import REGIONS

Json = dict[str, Any]
KINDS = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE)
SPELLINGS = (PhoneNumberFormat.E164, PhoneNumberFormat.INTERNATIONAL)  # right in any region
ZONES = ("Asia/Shanghai", "Europe/Zurich", "America/St_Johns", "UTC")
SCOPES = tuple(
    f"{noun}:{right}" for noun in ("api_keys", "customers", "tenant") for right in ("read", "write")
)


def _phones() -> Iterator[str]:
    for region in REGIONS:
        for kind in KINDS:
            if number := example_number_for_type(region, kind):
                yield from (format_number(number, spelling) for spelling in SPELLINGS)


def _tax_code(body: str) -> str:
    return body + str(uscc.calc_check_digit(body))


def _day(year: int, month: int, day: int) -> str:
    return f"{year}-{month:02}-{day:02}"


days = st.builds(_day, st.integers(1800, 2199), st.integers(1, 12), st.integers(1, 28))
# A key cannot expire in the past; other times may be anywhere.
later = st.builds(_day, st.integers(2100, 2198), st.integers(1, 12), st.integers(1, 28))
times = st.builds("{}T{:02}:{:02}:{:02}{}".format, *[later, *[st.integers(0, 23)] * 1])
