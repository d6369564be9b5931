from crm_api.kit.ids import Prefix
from crm_api.kit.resource import Resource

from .models import WebhookDelivery

WEBHOOK_DELIVERY = Resource(
    noun="webhook delivery",
    prefix=Prefix("dlv"),
    model=WebhookDelivery,
    reads="webhook_endpoints:read",
    states={
        "pending": ("delivered", "retrying", "dead", "blocked", "paused", "cancelled"),
        "retrying": ("delivered", "dead", "blocked", "paused", "cancelled", "pending"),
        "delivered": ("pending",),
        "dead": ("pending",),
        "blocked": ("pending",),
        "paused": ("pending", "retrying", "cancelled"),
        "cancelled": (),
    },
)
