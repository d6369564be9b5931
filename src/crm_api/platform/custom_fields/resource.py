from crm_api.kit.ids import Prefix
from crm_api.kit.machines import Machine, Transition
from crm_api.kit.resource import Resource
from crm_api.kit.words import say

from .models import CustomField, FieldState

CUSTOM_FIELD = Resource(
    noun="custom field",
    prefix=Prefix("fld"),
    model=CustomField,
    machines={
        "state": Machine(
            FieldState.live,
            (
                Transition("retire", FieldState.live, FieldState.retired),
                Transition("restore", FieldState.retired, FieldState.live),
                Transition(
                    "purge",
                    (FieldState.retired, FieldState.purging),
                    FieldState.purging,
                    say("A field that is purged of its last value is gone."),
                ),
            ),
        )
    },
)
