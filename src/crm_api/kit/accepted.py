"""202: what was asked for is done after the answer, as a job that can be watched."""

from typing import Any

from fastapi import Response

from .http import Header, Pending, found
from .projection import Document, Written

JOBS = "/v1/jobs"
SECONDS = 2
WAIT: Header = (b"retry-after", b"%d" % SECONDS)


class Accepted(Pending):
    """`Location` leads to the job."""

    def __init__(self, job: Written[Any]) -> None:
        super().__init__(job, 202, JOBS)

    def fill(self, body: str, version: int, path: str, variant: str) -> None:
        super().fill(body, version, path, variant)
        self.raw_headers.append(WAIT)


def accepted(job: Written[Any]) -> Response:
    return Accepted(job)


def watched(job: Document[Any], *, goes_on: bool) -> Response:
    """A job as it is; where it goes on, when to look again."""
    answer = found(job)
    if goes_on:
        answer.raw_headers.append(WAIT)
    return answer
