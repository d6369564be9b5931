"""What Schemathesis sends where the contract names a format of ours: values that really are valid.

Loaded by its `hooks` setting in openapi/schemathesis.toml.
"""

from datetime import datetime

import schemathesis
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType, example_number_for_type, format_number
from stdnum.cn import uscc

from crm_api.kit.currencies import CURRENCIES
from crm_api.kit.phones import REGIONS

ZONES = ["Asia/Shanghai", "Europe/Zurich", "America/St_Johns", "UTC"]
SCOPES = ["customers:read", "customers:write", "api_keys:read", "api_keys:write", "tenant:read"]
STYLES = [PhoneNumberFormat.E164, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.RFC3966]
LATER = datetime(2100, 1, 1)


def _number(region: str, style: int) -> str:
    number = example_number_for_type(region, PhoneNumberType.MOBILE)
    return format_number(number, style) if number else "+8613800138000"


def _credit_code(body: str) -> str:
    return body + uscc.calc_check_digit(body)


phones = st.builds(_number, st.sampled_from(sorted(REGIONS)), st.sampled_from(STYLES[:2]))
credit_codes = st.from_regex("91[0-9]{6}[0-9A-HJ-NPQRTUWXY]{9}", fullmatch=True).map(_credit_code)

schemathesis.openapi.format("phone", phones)
schemathesis.openapi.format("uscc", credit_codes)
schemathesis.openapi.format("currency", st.sampled_from(sorted(CURRENCIES)))
schemathesis.openapi.format("phone-region", st.sampled_from(sorted(REGIONS)))
schemathesis.openapi.format("time-zone", st.sampled_from(ZONES))
schemathesis.openapi.format("scope", st.sampled_from(SCOPES))
