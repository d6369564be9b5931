"""Steps that are ticked off one by one, in a record of whatever noun."""

from typing import Annotated

from pydantic import MISSING, BaseModel, Field

from crm_api.kit.forms import form
from crm_api.kit.schema import Input, Line
from crm_api.kit.words import say

MOST_ITEMS = 50
ItemKey = Annotated[
    str,
    form(
        "^[0-9A-Za-z][0-9A-Za-z_.-]{0,39}$",
        say("Send letters, digits, _, . and -, a letter or digit first."),
        description="Names the item when it is ticked; left out, its place in the list.",
        examples=["call"],
    ),
]


class ChecklistItem(Input):
    """A step."""

    key: ItemKey | MISSING = MISSING
    text: Annotated[Line, Field(max_length=500, examples=["Look up the last order"])]
    done: bool = False


class ChecklistItemRead(BaseModel):
    """A step."""

    key: Annotated[str, Field(examples=["1"])]
    text: Annotated[str, Field(examples=["Look up the last order"])]
    done: bool


Checklist = Annotated[
    list[ChecklistItem],
    Field(
        max_length=MOST_ITEMS,
        description="Replaced whole. To tick items whatever others do, call `check` and `uncheck`.",
    ),
]


class ChecklistChange(Input):
    """Which items to tick."""

    keys: Annotated[list[ItemKey], Field(min_length=1, max_length=MOST_ITEMS)]
