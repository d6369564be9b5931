from typing import ClassVar

from crm_api.kit.events import Event


class WebhookEndpointCreated(Event):
    type: ClassVar[str] = "webhook_endpoint.created"


class WebhookEndpointUpdated(Event):
    type: ClassVar[str] = "webhook_endpoint.updated"


class WebhookEndpointSecretRotated(Event):
    type: ClassVar[str] = "webhook_endpoint.secret_rotated"


class WebhookEndpointDegraded(Event):
    type: ClassVar[str] = "webhook_endpoint.degraded"


class WebhookEndpointRecovered(Event):
    type: ClassVar[str] = "webhook_endpoint.recovered"


class WebhookEndpointDisabled(Event):
    type: ClassVar[str] = "webhook_endpoint.disabled"


class WebhookEndpointEnabled(Event):
    type: ClassVar[str] = "webhook_endpoint.enabled"


class WebhookEndpointDeleted(Event):
    type: ClassVar[str] = "webhook_endpoint.deleted"
