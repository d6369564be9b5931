from typing import ClassVar

from crm_api.kit.events import Event


class ProductCategoryCreated(Event):
    type: ClassVar[str] = "product_category.created"


class ProductCategoryUpdated(Event):
    """A category was renamed, or stands elsewhere in the tree."""

    type: ClassVar[str] = "product_category.updated"


class ProductCategoryArchived(Event):
    type: ClassVar[str] = "product_category.archived"


class ProductCategoryRestored(Event):
    type: ClassVar[str] = "product_category.restored"
