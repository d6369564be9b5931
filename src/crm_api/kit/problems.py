"""Problems on the wire (RFC 9457)."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from .errors import FieldError, NotFound, Problem
from .languages import language_headers, language_of
from .problem_registry import PROBLEMS
from .wire_errors import MethodNotAllowed
from .words import say, translated

MEDIA_TYPE = "application/problem+json"


class ProblemError(BaseModel):
    """One mistake in what was sent."""

    pointer: Annotated[
        str,
        Field(
            description="Where: a JSON Pointer (RFC 6901) into the body, or `?name`, "
            "`header:Name`, `path:name`.",
            examples=["/contact_points/0/value"],
        ),
    ]
    code: Annotated[str, Field(description="Which mistake; stable.", examples=["missing"])]
    message: Annotated[str, Field(examples=["This field is required."])]
    params: Annotated[
        dict[str, Any] | None, Field(description="Figures of the rule, such as `max_length`.")
    ]


class ProblemBody(BaseModel):
    """What went wrong, as RFC 9457 has it. Decide by `code`; show `detail` to people."""

    model_config = ConfigDict(extra="allow", title="Problem")

    type: Annotated[
        str,
        Field(
            json_schema_extra={"format": "uri-reference"},
            description="A page about this kind of problem.",
            examples=["/problems/validation-failed"],
        ),
    ]
    title: Annotated[str, Field(examples=["Validation failed"])]
    status: Annotated[int, Field(ge=400, le=599)]
    code: Annotated[str, Field(examples=["validation-failed"])]
    detail: Annotated[str, Field(examples=["The body does not fit the contract."])]
    instance: Annotated[
        str,
        Field(
            description="The path that was asked for, or `#` and a JSON Pointer to its item.",
            examples=["/v1/customers"],
        ),
    ]
    request_id: Annotated[
        str,
        Field(
            description="Quote it to whoever runs the server.",
            examples=["req_019a2b7c4d5e7f60a1b2c3d4e5f60718"],
        ),
    ]
    errors: Annotated[list[ProblemError], Field(description="The mistakes found, up to 100.")]


def install_problems(app: FastAPI) -> None:
    app.add_exception_handler(Problem, _render)
    app.add_exception_handler(HTTPException, _render_http)


async def _render(request: Request, problem: Exception) -> JSONResponse:
    assert isinstance(problem, Problem)
    return problem_response(request.scope, problem)


async def _render_http(request: Request, error: Exception) -> JSONResponse:
    """The framework's own refusals: no such path, or not with this method."""
    assert isinstance(error, HTTPException)
    if error.status_code == MethodNotAllowed.status:
        allowed = (error.headers or {}).get("Allow", "").split(", ")
        return problem_response(request.scope, MethodNotAllowed({*allowed, "OPTIONS"}))
    return problem_response(request.scope, NotFound(say("There is nothing at this address.")))


def problem_response(scope: Mapping[str, Any], problem: Problem) -> JSONResponse:
    language = language_of(scope["headers"])
    body = problem_body(problem, scope["path"], scope["request_id"], language)
    told = {**problem.headers, "Cache-Control": "no-store"}
    response = JSONResponse(body, problem.status, headers=told, media_type=MEDIA_TYPE)
    response.raw_headers += language_headers(language)
    return response


def problem_body(problem: Problem, instance: str, request_id: str, language: str) -> dict[str, Any]:
    return {
        "type": f"/problems/{problem.code}",
        "title": translated(PROBLEMS[problem.code].title, language),
        "status": problem.status,
        "code": problem.code,
        "detail": translated(problem.detail, language),
        "instance": instance,
        "request_id": request_id,
        "errors": [_mistake(error, language) for error in problem.errors],
        **problem.extra,
    }


def _mistake(error: FieldError, language: str) -> dict[str, Any]:
    return {"params": None, **error, "message": translated(error["message"], language)}
