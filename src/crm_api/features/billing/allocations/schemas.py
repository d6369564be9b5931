"""What of a receipt pays for which orders."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from crm_api.features.trade.orders.schemas import OrderId
from crm_api.kit.money import Money
from crm_api.kit.schema import Input
from crm_api.kit.words import misfit, say

from .rules import Allocations as Allocations
from .rules import allocated as allocated
from .rules import amounts as amounts
from .rules import check_left as check_left
from .rules import with_more as with_more
from .rules import without as without

MOST = 100


def _above_zero(money: Money) -> Money:
    if money.value <= 0:
        raise misfit("amount_not_positive", say("Send an amount above zero"))
    return money


AboveZero = Annotated[Money, AfterValidator(_above_zero)]


class Allocation(Input):
    """How much of a receipt pays for an order."""

    order_id: OrderId
    amount: Annotated[AboveZero, Field(description="In the currency of the receipt.")]


def _each_once(allocations: list[Allocation]) -> list[Allocation]:
    if len({one.order_id for one in allocations}) < len(allocations):
        raise misfit("order_repeated", say("Send each order once"))
    return allocations


Allocating = Annotated[list[Allocation], Field(max_length=MOST), AfterValidator(_each_once)]


class AllocationRead(BaseModel):
    """How much of a receipt pays for an order."""

    order_id: OrderId
    amount: Money
