from crm_api.kit.db import table_of
from crm_api.kit.ids import Prefix
from crm_api.kit.machines import Machine, Transition
from crm_api.kit.resource import Resource
from crm_api.kit.words import say
from crm_api.platform.business_units.residents import residents
from crm_api.platform.users.belongings import Belongings, Sole, belongings

from .models import Receipt, ReceiptStatus

RECEIPTS = table_of(Receipt)
RECEIPT = Resource(
    noun="receipt",
    prefix=Prefix("rcp"),
    model=Receipt,
    machines={
        "status": Machine(
            ReceiptStatus.draft,
            (
                Transition("confirm", ReceiptStatus.draft, ReceiptStatus.confirmed),
                Transition(
                    "reverse",
                    ReceiptStatus.confirmed,
                    ReceiptStatus.reversed,
                    say("Unless it is a reversal itself."),
                ),
            ),
        )
    },
    merges={"receipts.customer_id": "repoint"},
)
residents[RECEIPT.word] = RECEIPTS.c.business_unit_id
belongings[RECEIPT.word] = Belongings(
    RECEIPT,
    roles=(Sole("handler", RECEIPTS.c.handler_id),),
    state=RECEIPTS.c.status,
    live=(ReceiptStatus.draft,),
)
