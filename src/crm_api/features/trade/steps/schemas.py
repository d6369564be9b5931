from typing import Annotated

from pydantic import Field

from crm_api.features.trade.terms.schemas import Text
from crm_api.kit.schema import Input

from .rules import taken_on as taken_on


class OrderCancel(Input):
    reason: Annotated[Text, Field(description="Why.", examples=["Ordered twice"])]
