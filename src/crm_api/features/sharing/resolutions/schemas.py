from typing import Annotated, Any, Literal

from pydantic import MISSING, BaseModel, Field, model_validator

from crm_api.features.customers.schemas import CustomerId
from crm_api.kit.schema import Input
from crm_api.kit.words import misfit, say
from crm_api.platform.external_ids.schemas import System, Value
from crm_api.platform.parties.schemas import Email, Phone, Uscc, WeChat

KEYS = ("email", "phone", "wechat", "external_id", "uscc")
SEALED = (
    "Names the customer whom you do not see, for you, for 24 hours: send it with an access "
    "request. Null where you are told of nobody."
)


class ExternalIdAsked(Input):
    """What another system calls the customer."""

    system: System
    value: Value


class CustomerResolve(Input):
    """Who is meant by a key, exactly. Of several keys each finds whom it finds."""

    model_config = {"json_schema_extra": {"anyOf": [{"required": [key]} for key in KEYS]}}

    email: Email | MISSING = MISSING
    phone: Phone | MISSING = MISSING
    wechat: WeChat | MISSING = MISSING
    external_id: ExternalIdAsked | MISSING = MISSING
    uscc: Uscc | MISSING = MISSING

    @model_validator(mode="after")
    def _by_something(self) -> "CustomerResolve":
        if not self.used():
            raise misfit("no_key", say("Send an e-mail, phone, WeChat id, external id or USCC"))
        return self

    def used(self) -> dict[str, Any]:
        """The keys that were sent."""
        return {key: value for key in KEYS if (value := getattr(self, key)) is not MISSING}


class ResolvedCustomer(BaseModel):
    """Whom a key means; a GET shows the rest."""

    id: CustomerId
    object: Literal["customer"]
    kind: Annotated[str, Field(examples=["person"])]
    name: Annotated[str, Field(examples=["王芳"])]
    state: Annotated[str, Field(examples=["live"])]
    matched_by: Annotated[
        list[str],
        Field(
            description="The keys by which it was found.",
            json_schema_extra={"items": {"type": "string", "x-extensible-enum": list(KEYS)}},
            examples=[["email", "phone"]],
        ),
    ]


class CustomerResolution(BaseModel):
    """Whom the keys mean, of those whom you see; and whether there is somebody else."""

    object: Literal["customer_resolution"]
    data: Annotated[
        list[ResolvedCustomer],
        Field(
            description="20 at most, archived ones too: first those whom most keys mean, live ones "
            "before archived, the newest before others."
        ),
    ]
    known_to_group: Annotated[
        bool,
        Field(
            description="Whether a key means somebody whom you do not see. Only those are told who "
            "see some customers only, in a tenant that `tells_known_to_group`; each time an event "
            "tells of it."
        ),
    ]
    reference: Annotated[str | None, Field(description=SEALED, examples=[None])]
