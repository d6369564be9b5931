from typing import Annotated, Literal

from pydantic import BaseModel, Field

from crm_api.kit.schema import Input
from crm_api.platform.external_ids.schemas import System


class ImportQuery(Input):
    """What a file is about; the file itself is the body."""

    resource: Annotated[Literal["customers"], Field(description="Of what the lines tell.")]
    system: Annotated[System, Field(description="Whose ids the lines name their records by.")]
    dry_run: Annotated[
        bool, Field(description="Report what would become of each line, and write nothing.")
    ] = False


class Asked(BaseModel):
    """What a job is told of a file that could be read; only tables have columns."""

    system: str
    dry_run: bool
    columns: list[str]
    lines: int
