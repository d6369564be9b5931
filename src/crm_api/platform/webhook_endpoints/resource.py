from crm_api.kit.ids import Prefix
from crm_api.kit.resource import Resource

from .models import WebhookEndpoint

WEBHOOK_ENDPOINT = Resource(
    noun="webhook endpoint",
    prefix=Prefix("whe"),
    model=WebhookEndpoint,
    states={
        "active": ("degraded", "disabled"),
        "degraded": ("active", "disabled"),
        "disabled": ("active",),
    },
)
