"""`POST /oauth/token`: whoever shows a key is given a token that ends soon."""

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse

from crm_api.kit.actor import REFUSAL, Actor
from crm_api.kit.context import Context, House
from crm_api.kit.covering import WILDCARDS
from crm_api.kit.deadline import Deadline
from crm_api.kit.errors import Unauthenticated
from crm_api.kit.failures import told_as_problems

from .grants import Asked, TokenRefused, read
from .keys import SHAPE
from .resource import API_KEY
from .tokens import SECONDS, Grant, write

UNSTORED = {"Cache-Control": "no-store", "Pragma": "no-cache"}
BASIC = {"WWW-Authenticate": 'Basic realm="crm-api"'}


def install_oauth(app: FastAPI) -> None:
    app.add_route("/oauth/token", token, methods=["POST"], include_in_schema=False)


async def token(request: Request) -> JSONResponse:
    """Errors of OAuth have the form of RFC 6749; all others are problems, as everywhere."""
    house: House = request.scope["house"]
    try:
        with told_as_problems, Deadline(house.deadlines, request.scope):
            media_type = request.headers.get("content-type", "")
            sent = await request.body()
            asked = read(media_type, sent, request.headers.getlist("authorization"))
            actor = await _client(house, request, asked)
            return _granted(house, actor, _scopes(house, actor, asked))
    except TokenRefused as refused:
        said = {"error": refused.error, "error_description": refused.description}
        headers = UNSTORED | (BASIC if refused.status == 401 else {})
        return JSONResponse(said, refused.status, headers=headers)


async def _client(house: House, request: Request, asked: Asked) -> Actor:
    """The key that is the client. What is no key is as good as none: tokens make no tokens."""
    scope, address = request.scope, request.client.host if request.client else None
    secret = asked.secret if SHAPE.fullmatch(asked.secret) else ""
    try:
        actor = await house.doorkeeper.actor([f"Bearer {secret}"], address)
    except Unauthenticated as error:
        raise TokenRefused("invalid_client", REFUSAL) from error
    if API_KEY.prefix.write(actor.id) != asked.client_id:
        raise TokenRefused("invalid_client", "The id and the secret are not of one key.")
    scope["actor"], scope["ctx"] = actor, Context.open(house, actor, scope["request_id"])
    await house.throttle.take(actor, scope["answer_headers"])
    return actor


def _scopes(house: House, actor: Actor, asked: Asked) -> frozenset[str] | None:
    """What was asked for, or null for all that the key has."""
    wanted = asked.scopes
    if wanted is None:
        return None
    if not house.scopes.issuperset(wanted - WILDCARDS) or not actor.may(wanted):
        raise TokenRefused("invalid_scope", "The key does not have all of these scopes.")
    return wanted


def _granted(house: House, actor: Actor, scopes: frozenset[str] | None) -> JSONResponse:
    """No token outlives its key."""
    left = SECONDS
    if actor.expires_at is not None:
        left = min(left, int((actor.expires_at - actor.tenant.now(house.clock)).total_seconds()))
    ends = int(house.clock.now().timestamp()) + left
    said = {
        "access_token": write(house.secret, Grant(actor.tenant.id, actor.id, ends, scopes)),
        "token_type": "Bearer",
        "expires_in": left,
        "scope": " ".join(sorted(actor.scopes if scopes is None else scopes)),
    }
    return JSONResponse(said, headers=UNSTORED)
