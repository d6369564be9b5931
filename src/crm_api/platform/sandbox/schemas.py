from typing import Annotated, Literal

from pydantic import MISSING, BaseModel, Field, model_validator

from crm_api.kit.schema import Input
from crm_api.kit.times import Timestamp
from crm_api.kit.words import misfit, say

YEAR = 366 * 24 * 3600


class ClockAdvance(Input):
    """How far time goes on: by `seconds`, or `to` an instant; one of the two."""

    model_config = {"json_schema_extra": {"minProperties": 1, "maxProperties": 1}}

    seconds: Annotated[int, Field(ge=1, le=10 * YEAR, examples=[86_400])] | MISSING = MISSING
    to: (
        Annotated[Timestamp, Field(description="Not before the present of the sandbox.")] | MISSING
    ) = MISSING

    @model_validator(mode="after")
    def _one_of_two(self) -> "ClockAdvance":
        if len(self.model_fields_set) != 1:
            raise misfit("one_of_two", say("Send either seconds or to"))
        return self


class SandboxClock(BaseModel):
    """What time it is for a tenant; in a live one it is always the real time."""

    object: Literal["sandbox_clock"]
    now: Timestamp
    advanced_seconds: Annotated[
        int, Field(description="How far ahead of the real time it is.", examples=[86_400])
    ]
