"""Deliveries are kept for a time only, and their attempts with them."""

from crm_api.platform.upkeep.forgetting import Forgetting

from .service import DAYS

OLD = """
DELETE FROM webhook_deliveries d WHERE tenant_id = $1 AND id IN (
  SELECT id FROM webhook_deliveries
  WHERE tenant_id = $1 AND created_at < now() - make_interval(days => $2)
  AND state NOT IN ('pending', 'retrying')
  ORDER BY created_at, id LIMIT $3 FOR UPDATE SKIP LOCKED)"""


class ForgettingDeliveries(Forgetting):
    """Those of thirty days ago, in real time; what is still being tried stays."""

    old = (OLD,)
    days = DAYS
