from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from crm_api.kit.actor import Actor
from crm_api.kit.context import Context
from crm_api.kit.covering import common, covers
from crm_api.kit.lasting import check_lasting
from crm_api.kit.pages import Listing
from crm_api.kit.projection import Document, Written
from crm_api.kit.rights import Rights
from crm_api.kit.scopes import check_given
from crm_api.kit.signing import new_secret
from crm_api.kit.words import say

from . import rules
from .errors import TooManyEndpoints, WrongField
from .events import WebhookEndpointDeleted, WebhookEndpointEnabled, WebhookEndpointUpdated
from .models import EndpointState, WebhookEndpoint
from .repository import WebhookEndpointRepository
from .schemas import (
    SecretRotation,
    WebhookEndpointCreate,
    WebhookEndpointQuery,
    WebhookEndpointRead,
    WebhookEndpointUpdate,
)
from .subscribing import check_types, understood

HEALTHY: Mapping[str, Any] = {
    "state": EndpointState.active,
    "disabled_reason": None,
    "failures": 0,
    "failing_since": None,
    "not_before": None,
}
Values = dict[str, Any]


class WebhookEndpointService:
    """Where the events of a tenant are sent to. An endpoint never sees more than who made it."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.endpoints = WebhookEndpointRepository(ctx)

    async def list(self, query: WebhookEndpointQuery) -> Listing:
        return await self.endpoints.page(query)

    async def get(self, id: UUID) -> Document[WebhookEndpointRead]:
        return await self.endpoints.get(id)

    async def create(self, data: WebhookEndpointCreate) -> tuple[str, Written[WebhookEndpointRead]]:
        """The secret, shown this once, and the endpoint."""
        id = self.ctx.new_id()
        given = {**HEALTHY, **self._rights(), **self._spelled(id, data.changes()), "id": id}
        check_given(self.ctx, given["scopes"])
        check_lasting(self.ctx.actor, given["scopes"])
        given["masked"] = given["masked"] or self.ctx.actor.masked
        await self._check(given)
        known, behind = await self.endpoints.begin()
        if known >= rules.MOST_ENDPOINTS:
            raise TooManyEndpoints(rules.MOST_ENDPOINTS)
        secret = new_secret()
        return secret, self.endpoints.open(secret, {**given, **behind})

    async def update(self, id: UUID, data: WebhookEndpointUpdate) -> Written[WebhookEndpointRead]:
        endpoint = await self.endpoints.load(id)
        check_given(self.ctx, data.changes().get("scopes", ()))
        sent = self._spelled(id, data.changes())
        sent |= self._narrowed(endpoint, sent)
        await self._check(vars(endpoint) | sent)
        return self.endpoints.change(endpoint, WebhookEndpointUpdated, **sent)

    async def delete(self, id: UUID) -> None:
        """What waits to be sent to it is cancelled."""
        self.endpoints.remove(await self.endpoints.load(id), WebhookEndpointDeleted)

    async def rotate(
        self, id: UUID, data: SecretRotation
    ) -> tuple[str, Written[WebhookEndpointRead]]:
        """A new secret, shown this once; the old one signs too for a while."""
        endpoint, secret = await self.endpoints.load(id), new_secret()
        until = self.ctx.now + timedelta(seconds=data.overlap_seconds)
        return secret, self.endpoints.rotate(endpoint, secret, until)

    async def enable(self, id: UUID) -> Written[WebhookEndpointRead]:
        """Send again; what is active stays as it is. From now on it has the rights of who enables
        it, as far as it had them before."""
        endpoint = await self.endpoints.load(id)
        if endpoint.state == EndpointState.active:
            return self.endpoints.change(endpoint, WebhookEndpointEnabled)
        rights = {**HEALTHY, **self._rights(), **self._narrowed(endpoint, {})}
        check_lasting(self.ctx.actor, rights["scopes"])
        await self.ctx.house.outbound.check(endpoint.url, "/url")
        return self.endpoints.change(endpoint, WebhookEndpointEnabled, **rights)

    def _rights(self) -> Values:
        actor = self.ctx.actor
        scopes = sorted(actor.scopes)
        masks = sorted(actor.masks)
        return {"created_by": actor.id, "user_id": actor.user_id, "scopes": scopes, "masks": masks}

    def _narrowed(self, endpoint: WebhookEndpoint, sent: Values) -> Values:
        """Neither by what is sent nor by who sends it does an endpoint come to see more."""
        wanted, masked = sent.get("scopes", endpoint.scopes), sent.get("masked", endpoint.masked)
        wider = {
            "/scopes": not covers(endpoint.scopes, wanted),
            "/masked": endpoint.masked and not masked,
        }
        for pointer in (place for place, is_wider in wider.items() if is_wider):
            message = say("What an endpoint may see can only be narrowed: make another one.")
            raise WrongField(pointer, "only_narrower", message)
        scopes = common(wanted, self.ctx.actor.scopes)
        actor = self.ctx.actor
        masks = sorted(actor.masks.union(endpoint.masks))
        return {"scopes": sorted(scopes), "masked": masked or actor.masked, "masks": masks}

    def _spelled(self, id: UUID, sent: Values) -> Values:
        """As the row has it: values of headers are sealed."""
        if "headers" in sent:
            headers = sent.pop("headers")
            sealed = self.endpoints.vault.headers(id, headers)
            sent |= {"header_names": sorted(headers), "sealed_headers": sealed}
        return sent

    async def _check(self, values: Values) -> None:
        """Raises Invalid, Forbidden."""
        await self.ctx.house.outbound.check(values["url"], "/url")
        viewer = self._viewer(values)
        check_types(viewer, values["event_types"])
        if values["filter"] is not None:
            asked = values["event_types"], values["filter"]
            rights = Rights(values["masked"], masks=frozenset(values["masks"]))
            await understood(self.ctx, *asked, rights)

    def _viewer(self, values: Values) -> Actor:
        """Who sees what the endpoint sees."""
        return replace(self.ctx.actor, scopes=frozenset(values["scopes"]), masked=values["masked"])
