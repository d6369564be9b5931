from crm_api.kit.ids import Prefix
from crm_api.kit.machines import Machine, Transition
from crm_api.kit.resource import Resource
from crm_api.kit.words import say

from .models import Product, ProductStatus

PRODUCT = Resource(
    noun="product",
    prefix=Prefix("prd"),
    model=Product,
    machines={
        "status": Machine(
            ProductStatus.draft,
            (
                Transition(
                    "activate",
                    ProductStatus.draft,
                    ProductStatus.active,
                    say("A new product is active at once, unless it is sent as a draft."),
                ),
                Transition("discontinue", ProductStatus.active, ProductStatus.discontinued),
                Transition("activate", ProductStatus.discontinued, ProductStatus.active),
            ),
        )
    },
    custom=True,
)
