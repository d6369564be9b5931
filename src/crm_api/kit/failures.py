"""What the database refuses or cannot do, as problems."""

import asyncio

import asyncpg
from sqlalchemy.exc import DBAPIError

from .db import broken_constraint
from .errors import Problem, Unavailable
from .words import say

GONE = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InternalClientError,
    ConnectionError,
    OSError,
)
BUSY = (
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
    asyncio.TimeoutError,
)


def as_problem(error: BaseException) -> Problem | None:
    """Null for what nobody foresaw; that is a defect and stays one."""
    cause = driver_error(error)
    if isinstance(cause, asyncpg.IntegrityConstraintViolationError):
        return broken_constraint(cause)
    if isinstance(cause, BUSY):
        return Unavailable(say("The record is busy: repeat the request in a moment."))
    if isinstance(cause, GONE):
        return Unavailable(say("The database cannot be reached: repeat the request in a moment."))
    return None


class _ToldAsProblems:
    """What the database refuses or cannot do inside leaves as the problem that it is."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if error is None or isinstance(error, Problem):
            return
        if isinstance(error, Exception) and (problem := as_problem(error)):
            raise problem from error


told_as_problems = _ToldAsProblems()


def driver_error(error: BaseException) -> BaseException:
    """SQLAlchemy wraps what the driver raised, twice."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        return error.orig.__cause__ or error.orig
    return error
