"""Everything here that is for people: the reference, and a page for each kind of problem."""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import RedirectResponse

from .problem_pages import all_problems, one_problem
from .reference import bundle, docs


async def _front_door(_: Request) -> RedirectResponse:
    return RedirectResponse("/docs")


def install_docs(app: FastAPI) -> None:
    app.add_route("/", _front_door, include_in_schema=False)
    app.add_route("/docs", docs, include_in_schema=False)
    app.add_route("/docs/scalar.js", bundle, include_in_schema=False)
    app.add_route("/problems", all_problems, include_in_schema=False)
    app.add_route("/problems/{code}", one_problem, include_in_schema=False)
