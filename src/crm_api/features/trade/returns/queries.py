"""What may be asked of returns."""

from typing import Annotated

from pydantic import Field

from crm_api.features.trade.fulfilment.queries import GoodsQuery, GoodsShown
from crm_api.kit.filters import OneOf
from crm_api.kit.pages import Page

from .models import ReturnState
from .schemas import ReturnRead


class ReturnShown(GoodsShown):
    """What to put beside a return."""


class ReturnPage(Page[ReturnRead]):
    """One page of returns."""


class ReturnQuery(GoodsQuery):
    status: Annotated[list[ReturnState], OneOf("status"), Field(max_length=10)] = []
