from crm_api.kit.ids import Prefix
from crm_api.kit.machines import Machine, Transition
from crm_api.kit.resource import Resource
from crm_api.kit.words import say

from .models import StateShown, WebhookDelivery

WAITING = (StateShown.pending, StateShown.retrying)
UNSENT = (*WAITING, StateShown.sending)
SETTLED = (StateShown.delivered, StateShown.dead, StateShown.blocked, StateShown.paused)

WEBHOOK_DELIVERY = Resource(
    noun="webhook delivery",
    prefix=Prefix("dlv"),
    model=WebhookDelivery,
    reads="webhook_endpoints:read",
    machines={
        "state": Machine(
            StateShown.pending,
            (
                Transition(say("Its turn has come."), WAITING, StateShown.sending),
                Transition(
                    say("The endpoint has taken it."), StateShown.sending, StateShown.delivered
                ),
                Transition(say("It could not be sent yet."), StateShown.sending, WAITING),
                Transition(
                    say("The last attempt has failed."), StateShown.sending, StateShown.dead
                ),
                Transition(
                    say("The URL leads where nothing is sent to."),
                    StateShown.sending,
                    StateShown.blocked,
                ),
                Transition(say("The endpoint is disabled."), UNSENT, StateShown.paused),
                Transition(say("The endpoint is enabled again."), StateShown.paused, WAITING),
                Transition(
                    say("The endpoint is deleted, or may not see the event any more."),
                    (*UNSENT, StateShown.paused),
                    StateShown.cancelled,
                ),
                Transition("retry", (*WAITING, *SETTLED), StateShown.pending),
                Transition(
                    say("A replay of the endpoint sends it once more."),
                    (*WAITING, *SETTLED, StateShown.cancelled),
                    StateShown.pending,
                ),
            ),
        )
    },
)
