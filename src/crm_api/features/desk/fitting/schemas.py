"""Which tickets a policy or a rule is made for."""

from typing import Annotated

from pydantic import Field

from crm_api.kit.tree import Filter

Conditions = Annotated[
    Filter,
    Field(
        description="Which tickets it is for, in the language of `POST /v1/tickets/search`: "
        "also by who asks, such as `requester.tags`. Null for all.",
        examples=[
            {"kind": "condition", "field": "requester.tags", "op": "contains", "value": "vip"}
        ],
    ),
]
