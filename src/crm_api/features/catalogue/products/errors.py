from collections.abc import Iterable

from crm_api.kit.errors import FieldError, Invalid
from crm_api.kit.words import say


class IncompleteProduct(Invalid):
    """A product that is seen for the first time needs a SKU and a name."""

    def __init__(self, missing: Iterable[str]) -> None:
        message = say("This field is required for a product that is not there yet.")
        wrong: list[FieldError] = [
            {"pointer": f"/{name}", "code": "missing", "message": message} for name in missing
        ]
        super().__init__(say("No product has this external id yet."), *wrong)


class NotForSale(Invalid):
    """Drafts and discontinued products are not sold; by the places where they are named."""

    def __init__(self, places: Iterable[str]) -> None:
        message = say("Activate the product, or send another one.")
        wrong: list[FieldError] = [
            {"pointer": place, "code": "product_not_active", "message": message} for place in places
        ]
        super().__init__(say("The product is not for sale."), *wrong)
