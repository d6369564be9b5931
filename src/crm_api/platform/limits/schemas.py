from typing import Annotated, Literal

from pydantic import BaseModel, Field


class Policy(BaseModel):
    """A quota, and what is left of it."""

    name: Annotated[
        str,
        Field(
            json_schema_extra={"x-extensible-enum": ["key", "tenant"]},
            description="Whose requests are counted; also its name in RateLimit.",
            examples=["key"],
        ),
    ]
    quota: Annotated[int, Field(description="Requests in a window.", examples=[6000])]
    window_seconds: Annotated[int, Field(examples=[60])]
    remaining: Annotated[
        int, Field(description="Requests until the window ends, at least.", examples=[5399])
    ]
    reset_seconds: Annotated[int, Field(description="Until the next window.", examples=[42])]


class RequestLimits(BaseModel):
    """How large a request may be, and how long it may take."""

    body_bytes: Annotated[int, Field(examples=[1048576])]
    body_seconds: Annotated[int, Field(description="For a body to arrive.", examples=[30])]
    header_bytes: Annotated[int, Field(description="Of all headers.", examples=[32768])]
    header_count: Annotated[int, Field(examples=[100])]
    address_bytes: Annotated[int, Field(description="Of path and query.", examples=[8192])]
    page_items: Annotated[int, Field(description="`limit` of a list, at most.", examples=[200])]
    batch_items: Annotated[int, Field(description="Of a batch-upsert.", examples=[100])]
    batch_ids: Annotated[int, Field(description="Of a batch-get.", examples=[200])]
    bulk_ids: Annotated[int, Field(description="Of a change of many.", examples=[10000])]
    import_bytes: Annotated[
        int, Field(description="The file of an import; it may take longer.", examples=[33554432])
    ]
    work_seconds: Annotated[
        int, Field(description="For the work; then it is undone, and 503.", examples=[10])
    ]
    statement_seconds: Annotated[
        int, Field(description="For one statement in the database.", examples=[5])
    ]
    lock_seconds: Annotated[
        int, Field(description="Waiting for a record that is being changed.", examples=[2])
    ]


class Limits(BaseModel):
    """What the key at hand may use, and what holds for every request."""

    object: Literal["limits"]
    policies: list[Policy]
    request: RequestLimits
