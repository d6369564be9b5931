from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import MISSING, AfterValidator, BaseModel, Field

from crm_api.kit.filters import OneOf, Where
from crm_api.kit.forms import form
from crm_api.kit.mail.servers import Security
from crm_api.kit.pages import Page
from crm_api.kit.query import ListQuery
from crm_api.kit.schema import EntityRead, Input, Line, OpenEnum, live_or_archived
from crm_api.kit.times import Timestamp
from crm_api.kit.words import misfit, say
from crm_api.platform.business_units.schemas import BusinessUnitId
from crm_api.platform.parties.schemas import Email

from .models import Channel, ChannelState
from .models import ChannelKind as ChannelKind
from .resource import CHANNEL
from .rules import BY_MAIL as BY_MAIL
from .rules import BY_REQUESTS as BY_REQUESTS
from .rules import WayIn as WayIn
from .rules import WayOut as WayOut
from .rules import is_of_a_machine as is_of_a_machine
from .rules import read_key as read_key

ChannelId = Annotated[UUID, CHANNEL.prefix]
KIND = OpenEnum(
    ChannelKind,
    email=say("E-mail"),
    web_form=say("Web form"),
    web_chat=say("Web chat"),
    wechat=say("WeChat"),
)
Name = Annotated[Line, Field(max_length=200, description="Unique.", examples=["Service Shanghai"])]
Kind = Annotated[ChannelKind, Field(description="For life.")]
OfUnit = Annotated[
    BusinessUnitId,
    Field(description="The unit that its tickets are of; null where routing rules say it."),
]
Address = Annotated[
    Email,
    Field(
        description="Where mail comes to, and what answers are from. Kept in lower case; of an "
        "`email` channel, which must have one, no other live one has it. A `web_form` may be "
        "answered from one.",
        examples=["service@example.com"],
    ),
]
Host = Annotated[
    str,
    form(
        "^[0-9A-Za-z]([0-9A-Za-z.-]{0,251}[0-9A-Za-z])?$",
        say("Send the name of a server, such as smtp.example.com."),
        examples=["smtp.example.com"],
    ),
]
Port = Annotated[
    int,
    Field(
        ge=1,
        le=65_535,
        description="465 or 587, unless whoever runs the server allows another.",
        examples=[587],
    ),
]
Secured = Annotated[
    Security,
    Field(
        description="`starttls` and `tls` never fall back to sending in the clear; `none` does "
        "that, and only inside of networks that whoever runs the server has opened."
    ),
]
User = Annotated[Line, Field(max_length=254, examples=["service@example.com"])]
Password = Annotated[
    str,
    Field(
        min_length=1,
        max_length=500,
        description="Kept encrypted and never shown. Whoever changes the server sends it again.",
        examples=["8dc1f3"],
    ),
]


class ChannelSmtp(Input):
    """A mail server, by which answers leave."""

    host: Host
    port: Port = 587
    security: Secured = Security.starttls
    username: User | None = None
    password: Password | None = None


def _both(smtp: ChannelSmtp) -> ChannelSmtp:
    if (smtp.username is None) != (smtp.password is None):
        raise misfit("both_or_none", say("Send a user name and a password, or neither."))
    return smtp


Smtp = Annotated[ChannelSmtp, AfterValidator(_both)]
OutboundUrl = Annotated[
    str,
    Field(
        max_length=2048,
        description="Where answers of a `web_chat` or `wechat` channel are sent to, with POST, "
        "signed (Standard Webhooks). HTTPS, at a public address, unless whoever runs the server "
        "allows another.",
        examples=["https://chat.example.com/answers"],
        json_schema_extra={"format": "webhook-url"},
    ),
]
AutoAck = Annotated[
    bool, Field(description="Whether who writes is told at once that it has arrived.")
]


class _ChannelInput(Input):
    def changes(self) -> dict[str, Any]:
        """What was sent, with the address as it is kept."""
        sent = super().changes()
        if sent.get("address"):
            sent["address"] = sent["address"].lower()
        return sent


class ChannelCreate(_ChannelInput):
    name: Name
    kind: Kind
    business_unit_id: OfUnit | None = None
    address: Address | None = None
    smtp: Smtp | None = None
    outbound_url: OutboundUrl | None = None
    auto_ack: AutoAck = False


class ChannelUpdate(_ChannelInput):
    """For another kind make another channel."""

    name: Name | MISSING = MISSING
    business_unit_id: OfUnit | MISSING | None = MISSING
    address: Address | MISSING | None = MISSING
    smtp: Smtp | MISSING | None = MISSING
    outbound_url: OutboundUrl | MISSING | None = MISSING
    auto_ack: AutoAck | MISSING = MISSING


class ChannelSmtpRead(BaseModel):
    """A mail server, by which answers leave."""

    host: Annotated[str, Field(examples=["smtp.example.com"])]
    port: Annotated[int, Field(examples=[587])]
    security: Annotated[str, OpenEnum(Security)]
    username: Annotated[str | None, Field(examples=["service@example.com"])]
    has_password: Annotated[bool, Field(description="Whether one is kept; it is never shown.")]


class ChannelRead(EntityRead):
    """A way on which messages of customers come in, and answers leave."""

    table = Channel

    id: ChannelId
    object: Literal["channel"]
    name: Annotated[str, Field(examples=["Service Shanghai"])]
    kind: Annotated[str, KIND]
    business_unit_id: Annotated[
        BusinessUnitId | None,
        Field(description="The unit that its tickets are of; null where routing rules say it."),
    ]
    address: Annotated[
        str | None,
        Field(
            description="Where mail comes to, and what answers are from.",
            examples=["service@example.com"],
        ),
    ]
    smtp: ChannelSmtpRead | None
    outbound_url: Annotated[
        str | None,
        Field(
            description="Where answers are sent to.", examples=["https://chat.example.com/answers"]
        ),
    ]
    auto_ack: Annotated[
        bool, Field(description="Whether who writes is told at once that it has arrived.")
    ]
    inbound_key: Annotated[
        str,
        Field(
            description="Names the channel where messages of others come in. It is no secret.",
            examples=["AZorfE1efmChssPU5fYHGAGaK3xNXn9gobLD1OX2Bxg"],
        ),
    ]
    old_secrets_until: Annotated[
        Timestamp | None,
        Field(
            description="Until then older secrets sign too; null if there is one.", examples=[None]
        ),
    ]
    state: Annotated[str, live_or_archived(ChannelState)]


class ChannelWithSecret(ChannelRead):
    """A channel, and the one time that its secret is shown."""

    secret: Annotated[
        str,
        Field(
            description="Signs what comes in, and what is sent (Standard Webhooks); of a `wechat` "
            "channel it is the token of the WeChat server. Keep it, it is never shown again.",
            examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="],
        ),
    ]


class ChannelPage(Page[ChannelRead]):
    """One page of channels."""


class ChannelQuery(ListQuery):
    sort: list[Literal["created_at", "-created_at"]] = ["-created_at"]
    state: Annotated[list[ChannelState], OneOf("state"), Field(max_length=10)] = [ChannelState.live]
    kind: Annotated[list[ChannelKind], Where("kind"), Field(max_length=50)] = []
    business_unit_id: Annotated[
        list[BusinessUnitId], Where("business_unit_id"), Field(max_length=50)
    ] = []
    address: Annotated[list[Email], Where("address"), Field(max_length=50)] = []
