"""What shipments and returns say alike: the goods of an order, line by line."""

from collections.abc import Sequence
from typing import Annotated, TypeVar

from pydantic import AfterValidator, Field

from crm_api.features.pipeline.parts.schemas import Quantity
from crm_api.features.trade.lines.schemas import MOST_LINES
from crm_api.kit.schema import Input
from crm_api.kit.words import misfit, say

from .rules import Lines as Lines
from .rules import all_left as all_left
from .rules import lines_of as lines_of
from .rules import normal as normal
from .rules import quantities as quantities

LineNumber = Annotated[
    int, Field(ge=1, le=99_999, description="The number of the order's line.", examples=[1])
]
MANY = Field(min_length=1, max_length=MOST_LINES)


class GoodsLine(Input):
    """So much of a line of the order."""

    line: LineNumber
    quantity: Quantity


T = TypeVar("T", bound=GoodsLine)


def _each_once(lines: Sequence[T]) -> Sequence[T]:
    if len({line.line for line in lines}) < len(lines):
        raise misfit("line_repeated", say("Name each line of the order once"))
    return lines


EACH_ONCE = AfterValidator(_each_once)
GoodsLines = Annotated[list[GoodsLine], MANY, EACH_ONCE]
