from crm_api.kit.ids import Prefix
from crm_api.kit.resource import Resource

from .models import CustomField, FieldState

CUSTOM_FIELD = Resource(
    noun="custom field",
    prefix=Prefix("fld"),
    model=CustomField,
    states={
        FieldState.live: (FieldState.retired,),
        FieldState.retired: (FieldState.live, FieldState.purging),
        FieldState.purging: (FieldState.purging,),
    },
)
