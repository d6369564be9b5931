"""Which permissions there can be, and who may give them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from crm_api.kit.actor import Actor
from crm_api.kit.covering import EVERYTHING, only_look
from crm_api.kit.errors import FieldError
from crm_api.kit.reach import is_reached
from crm_api.kit.words import say

from . import fields
from .errors import GivesMore, ShowsMore, WrongPermissions

Permissions = Sequence[Mapping[str, Any]]


def scopes_of(permissions: Iterable[Mapping[str, Any]]) -> list[str]:
    return [permission["scope"] for permission in permissions]


def check(role: fields.Role) -> None:
    """Raises WrongPermissions."""
    permissions = role["permissions"]
    wrong = [*_repeated(permissions), *_unfit(permissions), *fields.mistakes(role["fields"])]
    if role["masked"] and not only_look(scopes_of(permissions)):
        message = say("Give a masked role scopes that only read, or do not mask it.")
        wrong.append({"pointer": "/permissions", "code": "masked_role_writes", "message": message})
    if wrong:
        raise WrongPermissions(*wrong)


def _repeated(permissions: Permissions) -> Iterator[FieldError]:
    scopes = scopes_of(permissions)
    for number, scope in enumerate(scopes):
        if scope in scopes[:number]:
            yield _wrong(number, "scope", "scope_repeated", say("Send each scope once."))


def _unfit(permissions: Permissions) -> Iterator[FieldError]:
    for number, permission in enumerate(permissions):
        reached, reach = is_reached(permission["scope"]), permission["reach"]
        if reached and reach is None:
            yield _wrong(number, "reach", "missing", say("Say whose records, such as own."))
        if reach is not None and not reached:
            message = say("All who hold this scope see the same: leave the reach out.")
            yield _wrong(number, "reach", "no_reach", message)


def _wrong(number: int, field: str, code: str, message: Any) -> FieldError:
    return {"pointer": f"/permissions/{number}/{field}", "code": code, "message": message}


def check_role_giver(actor: Actor, role: fields.Role) -> None:
    """Raises GivesMore, ShowsMore."""
    check_giver(actor, scopes_of(role["permissions"]))
    if more := fields.more_than(actor, role):
        raise ShowsMore(more)


def check_giver(actor: Actor, scopes: Iterable[str]) -> None:
    """Raises GivesMore."""
    for scope in scopes:
        limited = actor.reach.viewers if scope == EVERYTHING else {scope} & set(actor.reach.viewers)
        if limited or not actor.may([scope]):
            raise GivesMore(scope)
