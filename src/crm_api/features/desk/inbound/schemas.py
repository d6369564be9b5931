from enum import StrEnum
from typing import Annotated, Literal

from pydantic import MISSING, BaseModel, Field, model_validator

from crm_api.features.desk.messages.schemas import ExternalId, Text, TicketMessageId
from crm_api.features.desk.terms.schemas import Subject
from crm_api.features.desk.tickets.schemas import TicketId
from crm_api.kit.schema import Input, Line, OpenEnum
from crm_api.kit.words import misfit, say
from crm_api.platform.custom_fields.schemas import CustomPatch
from crm_api.platform.parties.schemas import Email, Phone, WeChat

MAIL = "message/rfc822"
MOST_MAIL = 26_214_400
Name = Annotated[Line, Field(max_length=200, examples=["Wang Fang"])]
Visitor = Annotated[
    Line,
    Field(
        max_length=200,
        description="What the channel calls who writes, such as an openid: answers name it.",
        examples=["oLVPpjqs9BhvzwPj5A-vTYAX3GLc"],
    ),
]


class InboundQuery(Input):
    """Where a request is signed and comes without a key of ours."""

    key: Annotated[
        str,
        Field(
            max_length=100,
            description="The `inbound_key` of the channel.",
            examples=["AZorfE1efmChssPU5fYHGAGaK3xNXn9gobLD1OX2Bxg"],
        ),
    ] = ""


class InboundForm(Input):
    """What somebody has filled in."""

    name: Name
    email: Email | MISSING = MISSING
    phone: Phone | MISSING = MISSING
    subject: Subject | MISSING = MISSING
    text: Text
    custom: Annotated[CustomPatch, Field(description="Fields of the new ticket.")] | MISSING = (
        MISSING
    )
    external_id: ExternalId | MISSING = MISSING
    trap: Annotated[
        str,
        Field(
            max_length=1000,
            description="A field that nobody sees: whoever fills it in is a machine.",
        ),
    ] = ""
    seconds: (
        Annotated[int, Field(ge=0, le=10**9, description="How long it took.", examples=[41])] | None
    ) = None

    @model_validator(mode="after")
    def _somebody(self) -> "InboundForm":
        if {"email", "phone"}.isdisjoint(self.model_fields_set):
            raise misfit("nobody", say("Send an e-mail address or a phone number."))
        return self


class InboundWriter(Input):
    """Who writes."""

    visitor: Visitor | MISSING = MISSING
    wechat: WeChat | MISSING = MISSING
    email: Email | MISSING = MISSING
    name: Name | MISSING = MISSING

    @model_validator(mode="after")
    def _somebody(self) -> "InboundWriter":
        if {"visitor", "wechat", "email"}.isdisjoint(self.model_fields_set):
            raise misfit("nobody", say("Send visitor, wechat or email."))
        return self


class InboundMessage(Input):
    """What somebody has written in a chat."""

    external_id: ExternalId
    from_: Annotated[InboundWriter, Field(alias="from")]
    text: Text
    in_reply_to: (
        Annotated[
            Line,
            Field(
                max_length=500,
                description="What the channel calls a message before. Where it is not sent, what "
                "somebody writes belongs to his newest ticket of the channel that goes on.",
            ),
        ]
        | MISSING
    ) = MISSING


class InboundOutcome(StrEnum):
    received = "received"
    known = "known"
    noted = "noted"
    dropped = "dropped"


class InboundReceipt(BaseModel):
    """What became of something that has come in."""

    object: Literal["inbound_receipt"]
    outcome: Annotated[
        str,
        OpenEnum(InboundOutcome),
        Field(
            description="`received`: a new message. `known`: it had come already. `noted`: a "
            "machine wrote it about a ticket. `dropped`: nothing was made of it, because it goes "
            "in a circle, or nobody wrote it."
        ),
    ]
    message_id: TicketMessageId | None
    ticket_id: TicketId | None
