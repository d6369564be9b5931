"""What is wrong with the surroundings, as one sentence that says how to mend it."""

import asyncpg
from pydantic import ValidationError
from sqlalchemy.exc import ArgumentError, DBAPIError

from crm_api.kit.embedded import EmbeddedError


class Trouble(Exception):
    """A command cannot go on; its message is for whoever typed the command."""


UNREACHABLE = (
    OSError,
    asyncpg.CannotConnectNowError,
    asyncpg.PostgresConnectionError,
    asyncpg.TooManyConnectionsError,
)
REFUSED = (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidPasswordError)
SENTENCES: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    (REFUSED, "The database refuses the login: check the user and password in CRM_DATABASE_URL."),
    (
        (asyncpg.InvalidCatalogNameError,),
        "The database that CRM_DATABASE_URL names does not exist: create it first.",
    ),
    (
        (asyncpg.InsufficientPrivilegeError,),
        "The database role may not do this: migrate with CRM_DATABASE_OWNER_URL, "
        "as a role that may create roles and tables.",
    ),
    (
        (ArgumentError, asyncpg.ClientConfigurationError),
        "CRM_DATABASE_URL is not an address: write postgresql://user:password@host/database.",
    ),
    (
        UNREACHABLE,
        "The database cannot be reached: check CRM_DATABASE_URL and that the server runs.",
    ),
)


def sentence(error: BaseException) -> str | None:
    """Null for what is a defect of ours and deserves its traceback."""
    cause = error.orig.__cause__ if isinstance(error, DBAPIError) and error.orig else error
    if isinstance(cause, Trouble | EmbeddedError):
        return str(cause)
    if isinstance(cause, ValidationError):
        wrong = cause.errors(include_input=False)[0]
        return f"{wrong['loc'][0]}: {wrong['msg']}."
    return next((said for kinds, said in SENTENCES if isinstance(cause, kinds)), None)
