from typing import Annotated, Literal

from pydantic import MISSING, Field, model_validator

from crm_api.features.customers.queries import CustomerSearch, State
from crm_api.features.sheets.schemas import Columns
from crm_api.kit import tree
from crm_api.kit.schema import Input
from crm_api.kit.words import misfit, say


class ExportCreate(Input):
    """Which records to write into a file, and how."""

    resource: Literal["customers"]
    format: Annotated[
        Literal["ndjson", "csv"],
        Field(description="`ndjson`: each record as a GET shows it, one a line. `csv`: a table."),
    ] = "ndjson"
    filter: Annotated[
        tree.Filter | None,
        Field(description="What the records must be: see the how-to on filters."),
    ] = None
    state: State = CustomerSearch.model_fields["state"].default
    columns: Annotated[
        Columns | MISSING,
        Field(description="Of a table; all of them where none are named."),
    ] = MISSING
    byte_order_mark: Annotated[
        bool, Field(description="Begin a table with one, by which Excel knows UTF-8.")
    ] = False

    @model_validator(mode="after")
    def _only_tables_have_columns(self) -> "ExportCreate":
        if self.format != "csv" and {"columns", "byte_order_mark"} & self.model_fields_set:
            raise misfit("csv_only", say("Only csv has columns and a byte order mark"))
        return self
