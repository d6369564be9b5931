from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from crm_api.kit.filters import OneOf, Where
from crm_api.kit.forms import form
from crm_api.kit.journal import EventId
from crm_api.kit.pages import Page
from crm_api.kit.problems import ProblemBody
from crm_api.kit.query import ListQuery
from crm_api.kit.schema import EntityRead, OpenEnum
from crm_api.kit.times import Timestamp
from crm_api.kit.words import say

from .models import Job, JobState
from .resource import JOB

STATE = OpenEnum(
    JobState,
    queued=say("Queued"),
    running=say("Running"),
    succeeded=say("Succeeded"),
    failed=say("Failed"),
    cancelled=say("Cancelled"),
)
JobId = Annotated[UUID, JOB.prefix]
Kind = Annotated[
    str,
    form(
        "^[a-z][a-z_]{0,39}[.][a-z][a-z_]{0,39}$",
        say("Send a kind of job, such as customers.export."),
        examples=["customers.export"],
    ),
]


class JobRead(EntityRead):
    """Work that goes on after its request, in the background. Read it until it has ended."""

    table = Job

    id: JobId
    object: Literal["job"]
    kind: Annotated[str, Field(examples=["customers.export"])]
    state: Annotated[
        str,
        STATE,
        Field(description="It has ended when it is `succeeded`, `failed` or `cancelled`."),
    ]
    progress_percent: Annotated[int, Field(ge=0, le=100, examples=[40])]
    figures: Annotated[
        dict[str, Any],
        Field(description="What it has counted so far.", examples=[{"records": 400}]),
    ]
    attempts: Annotated[int, Field(description="How often a worker has taken it up.", examples=[1])]
    started_at: Timestamp | None
    finished_at: Timestamp | None
    problem: Annotated[
        ProblemBody | None, Field(description="Why it failed; null while it has not.")
    ]
    cursor: Annotated[
        EventId | None,
        Field(
            description="Of a snapshot: `GET /v1/events?after=` goes on from here. Null where "
            "nothing has happened yet, and of other jobs.",
            examples=[None],
        ),
    ]
    result_url: Annotated[
        str | None,
        Field(
            description="Where its result can be read; null where there is none to read yet.",
            examples=["/v1/jobs/job_019a2b7c4d5e7f60a1b2c3d4e5f60718/result"],
        ),
    ]
    result_type: Annotated[
        str | None,
        Field(description="The result's media type.", examples=["application/x-ndjson"]),
    ]
    result_bytes: Annotated[
        int, Field(description="So much of the result is there.", examples=[52_480])
    ]
    result_expires_at: Annotated[
        Timestamp | None, Field(description="Until then the result is kept.", examples=[None])
    ]


class JobPage(Page[JobRead]):
    """One page of jobs."""


class JobQuery(ListQuery):
    sort: list[Literal["created_at", "-created_at"]] = ["-created_at"]
    state: Annotated[list[JobState], OneOf("state"), Field(max_length=10)] = []
    kind: Annotated[list[Kind], Where("kind"), Field(max_length=50)] = []
