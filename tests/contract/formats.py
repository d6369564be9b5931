"""What Schemathesis sends where the contract names a format: values that really are valid.

The contract can say that a text is a phone number or a tax code, but not which ones exist.
SCHEMATHESIS_HOOKS names this module.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import schemathesis
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType, example_number_for_type, format_number
from stdnum.cn import uscc

from crm_api.kit.currencies import CURRENCIES
from crm_api.kit.phones import REGIONS

KINDS = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE)
SPELLINGS = (PhoneNumberFormat.E164, PhoneNumberFormat.INTERNATIONAL)  # right in every region
ZONES = ("Asia/Shanghai", "Europe/Zurich", "America/St_Johns", "UTC")
OFFSETS = ("Z", "+08:00", "-03:30")
NOUNS = ("api_keys", "customers", "tenant")


def _phones() -> Iterator[str]:
    for region in sorted(REGIONS):
        for number in (example_number_for_type(region, kind) for kind in KINDS):
            if number is not None:
                yield from (format_number(number, spelling) for spelling in SPELLINGS)


def _tax_code(body: str) -> str:
    return body + uscc.calc_check_digit(body)


days = st.dates(date(1800, 1, 1), date(2199, 12, 31))
# Everything may be in the future; the end of a key must be.
moments = st.datetimes(datetime(2100, 1, 1), datetime(2198, 12, 31))
FORMATS: dict[str, st.SearchStrategy[str]] = {
    "currency": st.sampled_from(sorted(CURRENCIES)),
    "date": days.map(date.isoformat),
    "date-time": st.builds("{:%Y-%m-%dT%H:%M:%S}{}".format, moments, st.sampled_from(OFFSETS)),
    "phone": st.sampled_from(list(_phones())),
    "phone-region": st.sampled_from(sorted(REGIONS)),
    "scope": st.sampled_from([f"{noun}:{right}" for noun in NOUNS for right in ("read", "write")]),
    "time-zone": st.sampled_from(ZONES),
    "uscc": st.from_regex("[19][0-9]{7}[0-9A-HJ-NPQRTUWXY]{9}", fullmatch=True).map(_tax_code),
}
for name, strategy in FORMATS.items():
    schemathesis.openapi.format(name, strategy)


@schemathesis.hook
def before_load_schema(context: Any, raw_schema: dict[str, Any]) -> None:
    """A made-up parent is refused, and rightly: only null is sure to be accepted."""
    for schema in raw_schema["components"]["schemas"].values():
        if schema.get("additionalProperties") is False and "parent_id" in schema["properties"]:
            schema["properties"]["parent_id"] = {"type": "null"}
