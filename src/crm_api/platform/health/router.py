"""Whether the process lives, and whether it can work: for balancers and orchestrators."""

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse

from crm_api.kit.context import House
from crm_api.kit.errors import Unavailable
from crm_api.kit.failures import as_problem

REVISION = "SELECT version_num FROM alembic_version"


async def livez(_: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


async def readyz(request: Request) -> JSONResponse:
    """Ready when the database answers and has the tables that this code was written for."""
    house: House = request.app.state.house
    try:
        async with house.pool.line() as line:
            revision = await line.driver.fetchval(REVISION)
    except Exception as error:
        raise as_problem(error) or error from error
    if request.app.state.draining:
        raise Unavailable("This process is about to stop.")
    if revision != request.app.state.revision:
        raise Unavailable("The database has another revision than this code: run crm-api migrate.")
    return JSONResponse({"status": "ready"})


def install_health(app: FastAPI) -> None:
    app.add_route("/livez", livez, include_in_schema=False)
    app.add_route("/readyz", readyz, include_in_schema=False)
