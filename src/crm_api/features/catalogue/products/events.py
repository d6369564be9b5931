from typing import ClassVar

from crm_api.kit.events import Event


class ProductCreated(Event):
    type: ClassVar[str] = "product.created"


class ProductUpdated(Event):
    type: ClassVar[str] = "product.updated"


class ProductActivated(Event):
    """A draft, or a product that had been discontinued, may be sold."""

    type: ClassVar[str] = "product.activated"


class ProductDiscontinued(Event):
    """A product is not sold any more."""

    type: ClassVar[str] = "product.discontinued"
