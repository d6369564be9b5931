from typing import Annotated

from pydantic import MISSING, Field

from crm_api.features.customers.schemas import CustomerUpsert
from crm_api.kit.forms import form
from crm_api.kit.tables import COLUMN
from crm_api.kit.words import say
from crm_api.platform.external_ids.schemas import BatchItem
from crm_api.platform.parties.schemas import Email, Phone, WeChat

Column = Annotated[
    str,
    form(
        COLUMN,
        say("Send the name of a column, such as name or custom.tier."),
        examples=["name"],
    ),
]
Columns = Annotated[list[Column], Field(min_length=1, max_length=300)]


class SheetCustomer(CustomerUpsert):
    """A customer as one line: the contact points to use first have columns of their own."""

    email: Email | MISSING = MISSING
    phone: Phone | MISSING = MISSING
    wechat: WeChat | MISSING = MISSING


class SheetItem(BatchItem[SheetCustomer]):
    """A line of a table."""
