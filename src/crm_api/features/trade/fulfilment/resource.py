from crm_api.features.trade.orders.resource import ORDER
from crm_api.kit.filters import Listed
from crm_api.kit.reach import ByColumns


def of_orders(scope: str) -> ByColumns:
    """Records that belong to orders are seen by the unit of the order, and by its owner."""
    owners = Listed(ORDER.model, "id", "owner_id", ())
    return ByColumns(scope, "business_unit_id", (), owners, through="order_id")
