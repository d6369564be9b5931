"""Which policies there are, and in which order they are held against tickets."""

from typing import Annotated, Literal

from pydantic import Field

from crm_api.kit.filters import OneOf, Where
from crm_api.kit.pages import Page
from crm_api.kit.query import ListQuery
from crm_api.platform.business_units.schemas import BusinessUnitId

from .models import SlaPolicyState
from .schemas import SlaPolicyRead


class SlaPolicyPage(Page[SlaPolicyRead]):
    """One page of SLA policies."""


class SlaPolicyQuery(ListQuery):
    sort: list[Literal["position", "-position", "created_at", "-created_at"]] = ["position"]
    state: Annotated[list[SlaPolicyState], OneOf("state"), Field(max_length=10)] = [
        SlaPolicyState.live
    ]
    business_unit_id: Annotated[
        list[BusinessUnitId], Where("business_unit_id"), Field(max_length=50)
    ] = []
    enabled: Annotated[bool | None, Where("enabled")] = None
