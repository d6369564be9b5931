from crm_api.kit.errors import Conflict, Invalid
from crm_api.kit.words import say


class OtherCustomer(Invalid):
    def __init__(self) -> None:
        message = say("Leave it out, or send the customer of the deal.")
        super().__init__(
            say("The deal is with another customer."),
            {"pointer": "/customer_id", "code": "other_customer", "message": message},
        )


class LostDeal(Conflict):
    def __init__(self) -> None:
        message = say("Reopen the deal before you make an order of it.")
        super().__init__(
            say("The deal is lost."),
            {"pointer": "/deal_id", "code": "deal_lost", "message": message},
        )
