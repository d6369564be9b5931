from crm_api.kit.ids import Prefix
from crm_api.kit.machines import Machine, Transition
from crm_api.kit.resource import Resource
from crm_api.kit.words import say

from .models import EndpointState, WebhookEndpoint

WEBHOOK_ENDPOINT = Resource(
    noun="webhook endpoint",
    prefix=Prefix("whe"),
    model=WebhookEndpoint,
    machines={
        "state": Machine(
            EndpointState.active,
            (
                Transition(
                    say("What it was sent failed some times in a row."),
                    EndpointState.active,
                    EndpointState.degraded,
                ),
                Transition(
                    say("It takes what it is sent."), EndpointState.degraded, EndpointState.active
                ),
                Transition(
                    say("Nothing can be sent any more, by its `disabled_reason`."),
                    (EndpointState.active, EndpointState.degraded),
                    EndpointState.disabled,
                ),
                Transition(
                    "enable",
                    (EndpointState.degraded, EndpointState.disabled),
                    EndpointState.active,
                ),
            ),
        )
    },
)
