"""A page costs the same however much else there is: what the database reads for it is counted.

Each list is read in each of its orders, and in its usual one by each filter: by a value that few
old rows have, and by one that nearly all have. Then the tenant grows, and they are read again.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from hashlib import md5
from typing import Any, get_args
from uuid import UUID

import pytest
from asyncpg import Connection as Admin

from crm_api.features.billing.receipts.queries import ReceiptQuery
from crm_api.features.billing.receipts.schemas import ReceiptRead
from crm_api.features.catalogue.products.queries import ProductQuery
from crm_api.features.catalogue.products.schemas import ProductRead
from crm_api.features.customers.queries import CustomerQuery, CustomerSearch
from crm_api.features.customers.schemas import CustomerRead
from crm_api.features.desk.tickets.queries import TicketQuery
from crm_api.features.desk.tickets.schemas import TicketRead
from crm_api.features.follow_ups.activities.queries import ActivitiesDue, ActivityQuery
from crm_api.features.follow_ups.activities.schemas import ActivityRead
from crm_api.features.follow_ups.tasks.queries import TaskQuery
from crm_api.features.follow_ups.tasks.schemas import TaskRead
from crm_api.features.pipeline.deals.queries import DealQuery
from crm_api.features.pipeline.deals.schemas import DealRead
from crm_api.features.profiles.unit_profiles.queries import UnitProfileQuery
from crm_api.features.profiles.unit_profiles.schemas import UnitProfileRead
from crm_api.features.trade.orders.queries import OrderQuery
from crm_api.features.trade.orders.schemas import OrderRead
from crm_api.features.trade.returns.queries import ReturnQuery
from crm_api.features.trade.returns.schemas import ReturnRead
from crm_api.features.trade.shipments.queries import ShipmentQuery
from crm_api.features.trade.shipments.schemas import ShipmentRead
from crm_api.kit.conditions import Span
from crm_api.kit.context import House
from crm_api.kit.ids import first_at
from crm_api.kit.kinds import Kind
from crm_api.kit.ops import Op
from crm_api.kit.paging import page
from crm_api.kit.query import NOTHING, ListQuery, Meant, filters
from crm_api.kit.schema import Read
from crm_api.kit.statement import Statement
from crm_api.platform.audit.schemas import AuditQuery, AuditRecordRead
from crm_api.platform.custom_fields.asked import CustomCriterion
from crm_api.platform.exchange_rates.queries import ExchangeRateQuery
from crm_api.platform.exchange_rates.schemas import ExchangeRateRead
from crm_api.platform.journal import feed
from crm_api.platform.users.schemas import UserQuery, UserRead

ANALYZE = (
    "ANALYZE customers, customer_keys, events, subjects, users, unit_profiles, "
    "unit_profile_collaborators, activities, activity_collaborators, activity_records, "
    "exchange_rates, tasks, task_records, deals, deal_collaborators, deal_contacts, "
    "product_categories, products, orders, order_products, shipments, returns, "
    "receipts, receipt_orders, tickets, ticket_tags, ticket_followers, ticket_copies, "
    "ticket_messages"
)
FEW, MANY = 1_500, 24_000
BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
LATE = BEGUN + timedelta(seconds=MANY)
TENANT, *NEIGHBOURS = (UUID(int=n) for n in range(1, 11))
PARENT, ACTOR, OTHER = (UUID(int=7 << 76 | 2 << 62 | n) for n in (1, 2, 3))
UUID7 = (
    "(lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || "
    "'7000a' || right(md5(n::text || $1::uuid::text), 15))::uuid"
)
FIRST = UUID(
    f"{int(BEGUN.timestamp() * 1000):012x}7000a{md5(f'0{TENANT}'.encode()).hexdigest()[-15:]}"
)
ROWS = f"""
SELECT n, at, {UUID7} AS id, n < 3 AS rare
FROM (SELECT n, '2026-01-01Z'::timestamptz + n * interval '1 s' AS at
      FROM generate_series($2::int, $3::int - 1) n) made"""
PARENTS = f"""
INSERT INTO customers (tenant_id, id, kind, name, sort_name, acquired_at, preferences, created_at,
  updated_at)
SELECT $1::uuid, '{PARENT}', 'organization', 'Parent', 'Parent', at, '{{}}', at, at
FROM (SELECT '2026-01-01Z'::timestamptz AS at) made"""
CUSTOMERS = f"""
INSERT INTO customers (tenant_id, id, kind, name, sort_name, source, uscc, parent_id, acquired_at,
  state, preferences, created_at, updated_at)
SELECT $1::uuid, id, CASE WHEN rare THEN 'organization' ELSE 'person' END, n::text, md5(n::text),
  CASE WHEN rare THEN 'rare' ELSE 'common' END, CASE WHEN n = 1 THEN '91310000MA1FL5X42K' END,
  CASE WHEN rare THEN '{PARENT}'::uuid END, at, CASE WHEN n = 0 THEN 'archived' ELSE 'live' END,
  '{{}}', at, at
FROM ({ROWS}) made"""
KEYS = f"""
INSERT INTO customer_keys (tenant_id, kind, value, customer_id)
SELECT $1::uuid, kind, CASE WHEN rare THEN 'rare' WHEN kind = 'tag' THEN 'common'
  ELSE n::text END, id
FROM ({ROWS}) made, unnest('{{email,phone,wechat,tag}}'::text[]) AS kind"""
EVENTS = f"""
INSERT INTO events (tenant_id, id, type, object_id, version, actor_id, user_id, request_id,
  causation_id, created_at, sequence)
SELECT $1::uuid, id, CASE WHEN rare THEN 'tenant.updated' ELSE 'customer.created' END, id, 1,
  actor_id, CASE WHEN rare THEN '{PARENT}'::uuid WHEN n % 2 = 0 THEN '{OTHER}'::uuid END, 'req',
  actor_id, at, n + 1
FROM ({ROWS}) made, LATERAL (
  SELECT CASE WHEN rare THEN '{ACTOR}'::uuid ELSE '{OTHER}'::uuid END AS actor_id) by"""
UNITS = f"""
INSERT INTO business_units (tenant_id, id, name, sort_name, kind, periods, created_at, updated_at)
SELECT $1::uuid, id, 'unit', 'unit', 'shop', '[]', at, at
FROM (SELECT '2026-01-01Z'::timestamptz AS at, '{PARENT}'::uuid AS id) made"""
SUBJECTS = f"""
INSERT INTO subjects (tenant_id, id, issuer, subject, created_at, updated_at)
SELECT $1::uuid, id, 'issuer', n::text, at, at FROM ({ROWS}) made"""
SUBJECT = f"""
INSERT INTO subjects (tenant_id, id, issuer, subject, created_at, updated_at)
SELECT $1::uuid, '{ACTOR}', 'issuer', 'actor', at, at
FROM (SELECT '2026-01-01Z'::timestamptz AS at) made"""
USERS = f"""
INSERT INTO users (tenant_id, id, name, sort_name, email, employee_number, state, subject_id,
  business_unit_id, manager_id, created_at, updated_at)
SELECT $1::uuid, id, n::text, md5(n::text), n::text, n::text,
  CASE WHEN rare THEN 'suspended' ELSE 'active' END, CASE WHEN n = 9 THEN '{ACTOR}' ELSE id END,
  CASE WHEN rare THEN '{PARENT}'::uuid END,
  CASE WHEN n = 1 THEN first_value(id) OVER (ORDER BY n) END, at, at
FROM ({ROWS}) made"""
SCHEMES = f"""
INSERT INTO grade_schemes (tenant_id, id, name, grades, created_at, updated_at)
SELECT $1::uuid, '{PARENT}', 'scheme', '[]', at, at
FROM (SELECT '2026-01-01Z'::timestamptz AS at) made"""
OWNERS = f"""
INSERT INTO users (tenant_id, id, name, sort_name, state, created_at, updated_at)
SELECT $1::uuid, id, 'owner', 'owner', 'active', at, at
FROM (SELECT '2026-01-01Z'::timestamptz AS at, unnest('{{{PARENT},{OTHER}}}'::uuid[]) AS id) made"""
OTHER_UNITS = f"""
INSERT INTO business_units (tenant_id, id, name, sort_name, kind, periods, created_at, updated_at)
SELECT $1::uuid, '{OTHER}', 'unit', 'unit', 'shop', '[]', at, at
FROM (SELECT '2026-01-01Z'::timestamptz AS at) made"""
PROFILES = f"""
INSERT INTO unit_profiles (tenant_id, id, customer_id, business_unit_id, owner_id, grade,
  grade_scheme_id, grade_source, lifecycle, lifecycle_changed_at, created_at, updated_at)
SELECT $1::uuid, id, id, CASE WHEN rare THEN '{PARENT}'::uuid ELSE '{OTHER}'::uuid END,
  CASE WHEN rare THEN '{PARENT}'::uuid ELSE '{OTHER}'::uuid END,
  CASE WHEN rare THEN 'VIP' ELSE 'C' END, '{PARENT}', 'manual',
  CASE WHEN rare THEN 'lost' ELSE 'active' END, at, at, at
FROM ({ROWS}) made"""
ACTIVITIES = f"""
INSERT INTO activities (tenant_id, id, kind, state, subject, customer_id, contact_id,
  business_unit_id, owner_id, starts_at, due_at, done_at, next_contact_at, created_at, updated_at)
SELECT $1::uuid, id, CASE WHEN rare THEN 'visit' ELSE 'call' END,
  CASE WHEN rare THEN 'planned' ELSE 'done' END, 'subject', customer, customer, of, of, at,
  CASE WHEN rare THEN at END, CASE WHEN NOT rare THEN at END, at, at, at
FROM ({ROWS}) made, LATERAL (SELECT CASE WHEN rare THEN '{PARENT}'::uuid ELSE id END AS customer,
  CASE WHEN rare THEN '{PARENT}' ELSE '{OTHER}' END::uuid AS of) by"""
PARTICIPANTS = f"""
INSERT INTO activity_collaborators (tenant_id, user_id, activity_id)
SELECT $1::uuid, user_id, id
FROM ({ROWS}) made,
  unnest(ARRAY[id, CASE WHEN rare THEN '{PARENT}' ELSE '{OTHER}' END::uuid]) AS user_id"""
LINKS = f"""
INSERT INTO activity_records (tenant_id, record_id, activity_id)
SELECT $1::uuid, 'cus_' || replace(named::text, '-', ''), id
FROM ({ROWS}) made,
  unnest(ARRAY[id, CASE WHEN rare THEN '{PARENT}' ELSE '{OTHER}' END::uuid]) AS named"""
COLLABORATORS = f"""
INSERT INTO unit_profile_collaborators (tenant_id, user_id, unit_profile_id)
SELECT $1::uuid, user_id, id
FROM ({ROWS}) made,
  unnest(ARRAY[id, CASE WHEN rare THEN '{PARENT}' ELSE '{OTHER}' END::uuid]) AS user_id"""
EXCHANGE_RATES = f"""
INSERT INTO exchange_rates (tenant_id, id, currency, base_currency, rate, valid_from_on, created_at,
  updated_at)
SELECT $1::uuid, id, CASE WHEN rare THEN 'USD' ELSE 'C' || n % 30 END,
  CASE WHEN rare THEN 'EUR' ELSE 'CNY' END, 1, date '1900-01-01' + n, at, at
FROM ({ROWS}) made"""
FIRST_DAY, LAST_DAY = (date(1900, 1, 1) + timedelta(days=n) for n in (1, MANY))
TASKS = f"""
INSERT INTO tasks (tenant_id, id, subject, state, priority, customer_id, business_unit_id,
  assignee_id, creator_id, due_at, due_until, due_order, overdue_at, completed_at, time_zone,
  series_id, series_begin, occurrence_on, created_at, updated_at)
SELECT $1::uuid, id, 'subject', CASE WHEN rare THEN 'open' ELSE 'done' END,
  CASE WHEN rare THEN 'urgent' ELSE 'normal' END,
  CASE WHEN rare THEN '{PARENT}'::uuid END,
  CASE WHEN rare THEN '{PARENT}' ELSE '{OTHER}' END::uuid,
  CASE WHEN rare THEN '{PARENT}' ELSE '{OTHER}' END::uuid,
  CASE WHEN rare THEN '{PARENT}' ELSE '{OTHER}' END::uuid,
  at, at, at, CASE WHEN rare THEN at END, CASE WHEN NOT rare THEN at END, 'UTC',
  id, '2026-12-01', '2026-12-01', at, at
FROM ({ROWS}) made"""
TASK_RECORDS = f"""
INSERT INTO task_records (tenant_id, record_id, task_id)
SELECT $1::uuid, record, id
FROM ({ROWS}) made,
  unnest(ARRAY['cus_' || n, CASE WHEN rare THEN 'cus_rare' ELSE 'cus_common' END]) AS record"""
PIPELINES = f"""
INSERT INTO pipelines (tenant_id, id, name, stages, loss_reasons, created_at, updated_at)
SELECT $1::uuid, id, 'pipeline', '[]', '[]', at, at
FROM (SELECT '2026-01-01Z'::timestamptz AS at, unnest('{{{PARENT},{OTHER}}}'::uuid[]) AS id) made"""
STAGES = """
INSERT INTO stages (tenant_id, id, pipeline_id, code, kind, position, probability)
SELECT tenant_id, id, id, 'needs', 'open', 0, 30 FROM pipelines WHERE tenant_id = $1::uuid"""
DEALS = f"""
INSERT INTO deals (tenant_id, id, name, sort_name, customer_id, business_unit_id, owner_id,
  pipeline_id, stage_id, stage, stage_since, stale_since, stay_id, stays, status, closed_at,
  probability, forecast_category, source, amount, currency, base_amount, base_currency,
  exchange_rate, expected_close_on, state, created_at, updated_at)
SELECT $1::uuid, id, n::text, md5(n::text), CASE WHEN rare THEN '{PARENT}'::uuid ELSE id END,
  of, of, of, of, CASE WHEN rare THEN 'rare' ELSE 'common' END, at, CASE WHEN rare THEN at END,
  CASE WHEN rare THEN id END, 1, CASE WHEN rare THEN 'open' ELSE 'won' END,
  CASE WHEN NOT rare THEN at END, 30, CASE WHEN rare THEN 'commit' ELSE 'pipeline' END,
  CASE WHEN rare THEN 'rare' ELSE 'common' END, n, 'CNY', n, 'CNY', 1,
  date '1900-01-01' + n, CASE WHEN n = 0 THEN 'archived' ELSE 'live' END, at, at
FROM ({ROWS}) made, LATERAL (
  SELECT CASE WHEN rare THEN '{PARENT}' ELSE '{OTHER}' END::uuid AS of) by"""
DEAL_COLLABORATORS = f"""
INSERT INTO deal_collaborators (tenant_id, user_id, deal_id)
SELECT $1::uuid, user_id, id
FROM ({ROWS}) made,
  unnest(ARRAY[id, CASE WHEN rare THEN '{PARENT}' ELSE '{OTHER}' END::uuid]) AS user_id"""
DEAL_CONTACTS = f"""
INSERT INTO deal_contacts (tenant_id, customer_id, deal_id)
SELECT $1::uuid, CASE WHEN rare THEN '{PARENT}'::uuid ELSE id END, id FROM ({ROWS}) made"""
CATEGORIES = f"""
INSERT INTO product_categories (tenant_id, id, name, sort_name, code, created_at, updated_at)
SELECT $1::uuid, id, 'category', 'category', id::text, at, at
FROM (SELECT '2026-01-01Z'::timestamptz AS at, unnest('{{{PARENT},{OTHER}}}'::uuid[]) AS id) made"""
PRODUCTS = f"""
INSERT INTO products (tenant_id, id, sku, name, sort_name, category_id, kind, status, tax_class,
  created_at, updated_at)
SELECT $1::uuid, id, n::text, n::text, md5(n::text),
  CASE WHEN rare THEN '{PARENT}' ELSE '{OTHER}' END::uuid,
  CASE WHEN rare THEN 'service' ELSE 'goods' END, CASE WHEN rare THEN 'draft' ELSE 'active' END,
  CASE WHEN rare THEN 'rare' ELSE 'common' END, at, at
FROM ({ROWS}) made"""
SHELF = f"""
INSERT INTO products (tenant_id, id, sku, name, sort_name, created_at, updated_at)
SELECT $1::uuid, id, id::text, 'product', 'product', at, at
FROM (SELECT '2026-01-01Z'::timestamptz AS at, unnest('{{{PARENT},{OTHER}}}'::uuid[]) AS id) made"""
ORDERS = f"""
INSERT INTO orders (tenant_id, id, number, customer_id, business_unit_id, owner_id, deal_id, status,
  pricing, prices_include_tax, currency, lines, taxes, discount_percent, subtotal, discount, net,
  tax, total, base_total, base_currency, exchange_rate, paid, invoiced, goods_quantity,
  shipped_quantity, ordered_at, source, customer_reference, created_at, updated_at)
SELECT $1::uuid, id, n::text, CASE WHEN rare THEN '{PARENT}'::uuid ELSE id END, of, of,
  CASE WHEN rare THEN first_value(id) OVER (ORDER BY n) ELSE id END,
  CASE WHEN rare THEN 'in_progress' ELSE 'confirmed' END, 'computed', false, 'CNY', '[]', '[]', '0',
  10, 0, 10, 0, 10, n, 'CNY', 1, moved, moved, 10, moved, at,
  CASE WHEN rare THEN 'rare' ELSE 'common' END, n::text, at, at
FROM ({ROWS}) made, LATERAL (
  SELECT CASE WHEN rare THEN '{PARENT}' ELSE '{OTHER}' END::uuid AS of,
    CASE WHEN rare THEN 5 ELSE 10 END AS moved) by"""
ORDER_PRODUCTS = f"""
INSERT INTO order_products (tenant_id, product_id, order_id)
SELECT $1::uuid, product, id
FROM ({ROWS}) made,
  unnest(ARRAY[id, CASE WHEN rare THEN '{PARENT}' ELSE '{OTHER}' END::uuid]) AS product"""
SHIPMENTS = f"""
INSERT INTO shipments (tenant_id, id, number, order_id, customer_id, business_unit_id, status,
  lines, carrier, tracking_number, shipped_at, created_at, updated_at)
SELECT $1::uuid, id, n::text, CASE WHEN rare THEN first_value(id) OVER (ORDER BY n) ELSE id END,
  CASE WHEN rare THEN '{PARENT}'::uuid ELSE id END,
  CASE WHEN rare THEN '{PARENT}' ELSE '{OTHER}' END::uuid,
  CASE WHEN rare THEN 'ready' ELSE 'shipped' END, '[{{}}]',
  CASE WHEN rare THEN 'rare' ELSE 'common' END, n::text, at, at, at
FROM ({ROWS}) made"""
RETURNS = f"""
INSERT INTO returns (tenant_id, id, number, order_id, customer_id, business_unit_id, status, lines,
  currency, received_net, received_tax, received_total, received_at, created_at, updated_at)
SELECT $1::uuid, id, n::text, CASE WHEN rare THEN first_value(id) OVER (ORDER BY n) ELSE id END,
  CASE WHEN rare THEN '{PARENT}'::uuid ELSE id END,
  CASE WHEN rare THEN '{PARENT}' ELSE '{OTHER}' END::uuid,
  CASE WHEN rare THEN 'approved' ELSE 'received' END, '[{{}}]', 'CNY', 0, 0, 0,
  CASE WHEN NOT rare THEN at END, at, at
FROM ({ROWS}) made"""
TO_BE_PAID = f"""
INSERT INTO orders (tenant_id, id, number, customer_id, business_unit_id, status, pricing,
  prices_include_tax, currency, lines, taxes, discount_percent, subtotal, discount, net, tax, total,
  goods_quantity, ordered_at, created_at, updated_at)
SELECT $1::uuid, id, id::text, '{PARENT}', '{PARENT}', 'confirmed', 'computed', false, 'CNY', '[]',
  '[]', '0', 10, 0, 10, 0, 10, 10, at, at, at
FROM (SELECT '2026-01-01Z'::timestamptz AS at, unnest('{{{PARENT},{OTHER}}}'::uuid[]) AS id) made"""
PART = '[{"order_id": "", "amount": {"amount": "1", "currency": "CNY"}}]'
RECEIPTS = f"""
INSERT INTO receipts (tenant_id, id, number, customer_id, business_unit_id, handler_id, status,
  amount, currency, allocations, allocated, method, received_at, reference, confirmed_at,
  created_at, updated_at)
SELECT $1::uuid, id, n::text, CASE WHEN rare THEN '{PARENT}'::uuid ELSE id END, of, of,
  CASE WHEN n = 0 THEN 'draft' ELSE 'confirmed' END, 1, 'CNY',
  CASE WHEN rare THEN '[]' ELSE '{PART}' END::jsonb, CASE WHEN rare THEN 0 ELSE 1 END,
  CASE WHEN rare THEN 'cash' ELSE 'bank' END, at, CASE WHEN rare THEN 'rare' ELSE 'common' END,
  CASE WHEN n > 0 THEN at END, at, at
FROM ({ROWS}) made, LATERAL (
  SELECT CASE WHEN rare THEN '{PARENT}' ELSE '{OTHER}' END::uuid AS of) by"""
RECEIPT_ORDERS = f"""
INSERT INTO receipt_orders (tenant_id, order_id, receipt_id)
SELECT $1::uuid, paid, id
FROM ({ROWS}) made,
  unnest(ARRAY[id, CASE WHEN rare THEN '{PARENT}' ELSE '{OTHER}' END::uuid]) AS paid"""
STATUSES = f"""
INSERT INTO ticket_statuses (tenant_id, id, name, category, position, created_at, updated_at)
SELECT $1::uuid, id, id::text, 'open', 10, at, at
FROM (SELECT '2026-01-01Z'::timestamptz AS at, unnest('{{{PARENT},{OTHER}}}'::uuid[]) AS id) made"""
QUEUES = f"""
INSERT INTO queues (tenant_id, id, name, sort_name, strategy, created_at, updated_at)
SELECT $1::uuid, id, id::text, id::text, 'manual', at, at
FROM (SELECT '2026-01-01Z'::timestamptz AS at, unnest('{{{PARENT},{OTHER}}}'::uuid[]) AS id) made"""
TICKETS = f"""
INSERT INTO tickets (tenant_id, id, number, subject, requester_id, business_unit_id, assignee_id,
  queue_id, order_id, status_id, channel, type, priority, category, closed_at,
  close_reason, due_at, follows_id, merged_into_id, created_at, updated_at)
SELECT $1::uuid, id, n::text, 'subject', CASE WHEN rare THEN '{PARENT}'::uuid ELSE id END, of, of,
  of, of, of, 'api', CASE WHEN rare THEN 'complaint' ELSE 'question' END,
  CASE WHEN rare THEN 'urgent' ELSE 'normal' END, CASE WHEN rare THEN 'open' ELSE 'closed' END,
  CASE WHEN NOT rare THEN at END, CASE WHEN NOT rare THEN 'resolved' END, at, past, past, at, at
FROM (SELECT *, CASE WHEN n IN (1, 2) THEN first_value(id) OVER (ORDER BY n) END AS past
      FROM ({ROWS}) one) made, LATERAL (
  SELECT CASE WHEN rare THEN '{PARENT}' ELSE '{OTHER}' END::uuid AS of) by"""
TICKET_TAGS = f"""
INSERT INTO ticket_tags (tenant_id, tag, ticket_id)
SELECT $1::uuid, tag, id
FROM ({ROWS}) made, unnest(ARRAY[n::text, CASE WHEN rare THEN 'rare' ELSE 'common' END]) AS tag"""
TICKET_FOLLOWERS = f"""
INSERT INTO ticket_followers (tenant_id, user_id, ticket_id)
SELECT $1::uuid, follower, id
FROM ({ROWS}) made,
  unnest(ARRAY[id, CASE WHEN rare THEN '{PARENT}' ELSE '{OTHER}' END::uuid]) AS follower"""
TICKET_COPIES = f"""
INSERT INTO ticket_copies (tenant_id, customer_id, ticket_id)
SELECT $1::uuid, CASE WHEN rare THEN '{PARENT}' ELSE id END::uuid, id FROM ({ROWS}) made"""
TICKET_MESSAGES = f"""
INSERT INTO ticket_messages (tenant_id, id, ticket_id, direction, is_public, customer_id, channel,
  text, created_at, updated_at)
SELECT $1::uuid, id, first_value(id) OVER (ORDER BY n), 'in', true, '{PARENT}', 'api', 'text', at,
  at
FROM ({ROWS}) made"""
FIELD = UUID(int=7 << 76 | 2 << 62 | 4)
BY_DAY = CustomCriterion(name="custom.day", kind=Kind.date, key="day", id=FIELD, indexed=True)
DAYS = f"""
INSERT INTO custom_values (tenant_id, field_id, value, object_id)
SELECT $1::uuid, $4, to_char(date '2026-01-01' + n * 7919 % 1000, 'YYYY-MM-DD'), id
FROM ({ROWS}) made ON CONFLICT DO NOTHING"""
OF_ORDERS: dict[str, list[Any]] = {
    "number": [["9"]],
    "order_id": [[FIRST]],
    "customer_id": [[PARENT]],
    "business_unit_id": [[PARENT], [OTHER]],
    "created_at__gte": [BEGUN, LATE],
    "created_at__lt": [BEGUN + timedelta(seconds=3), LATE],
    "updated_at__gte": [BEGUN],
    "updated_at__gt": [BEGUN],
    "updated_at__lt": [LATE],
}
VALUES: dict[type[ListQuery], dict[str, list[Any]]] = {
    CustomerQuery: {
        "state": [["archived"], ["live"], ["live", "archived"]],
        "kind": [["organization"], ["person"]],
        "email": [["rare"], ["9"]],
        "phone": [["rare"], ["9"]],
        "wechat": [["rare"], ["9"]],
        "tag": [["rare"], ["common"]],
        "uscc": [["91310000MA1FL5X42K"]],
        "parent_id": [[PARENT]],
        "source": [["rare"], ["common"]],
        "created_at__gte": [BEGUN, LATE],
        "created_at__gt": [BEGUN, LATE],
        "created_at__lt": [BEGUN + timedelta(seconds=3), LATE],
        "updated_at__gte": [BEGUN],
        "updated_at__gt": [BEGUN],
        "updated_at__lt": [LATE],
    },
    UserQuery: {
        "state": [["suspended"], ["active"], ["invited", "active", "suspended"]],
        "email": [["9"]],
        "employee_number": [["9"]],
        "business_unit_id": [[PARENT]],
        "manager_id": [[PARENT]],
        "subject_id": [[ACTOR]],
    },
    TaskQuery: {
        "state": [["open"], ["done"], ["open", "done"]],
        "priority": [["urgent"], ["normal"]],
        "customer_id": [[PARENT]],
        "business_unit_id": [[PARENT], [OTHER]],
        "assignee_id": [[PARENT], [OTHER]],
        "creator_id": [[PARENT], [OTHER]],
        "series_id": [[PARENT]],
        "record_id": [["cus_rare"], ["cus_common"]],
        "overdue": [True, False],
        "due_until__gte": [BEGUN],
        "due_until__gt": [BEGUN],
        "due_until__lt": [LATE],
        "updated_at__gte": [BEGUN],
        "updated_at__gt": [BEGUN],
        "updated_at__lt": [LATE],
    },
    UnitProfileQuery: {
        "customer_id": [[PARENT]],
        "business_unit_id": [[PARENT], [OTHER]],
        "owner_id": [[PARENT], [OTHER]],
        "collaborator_id": [[PARENT], [OTHER]],
        "grade": [["VIP"], ["C"]],
        "lifecycle": [["lost"], ["active"]],
        "updated_at__gte": [BEGUN],
        "updated_at__gt": [BEGUN],
        "updated_at__lt": [LATE],
    },
    ExchangeRateQuery: {
        "currency": [["USD"], ["C9"]],
        "base_currency": [["EUR"], ["CNY"]],
        "valid_from_on__gte": [FIRST_DAY, LAST_DAY],
        "valid_from_on__lt": [FIRST_DAY, LAST_DAY],
        "in_force_on": [FIRST_DAY, LAST_DAY],
    },
    ActivityQuery: {
        "kind": [["visit"], ["call"]],
        "state": [["planned"], ["done"]],
        "customer_id": [[PARENT]],
        "contact_id": [[PARENT]],
        "business_unit_id": [[PARENT], [OTHER]],
        "owner_id": [[PARENT], [OTHER]],
        "collaborator_id": [[PARENT], [OTHER]],
        "record_id": [[f"cus_{PARENT.hex}"], [f"cus_{OTHER.hex}"]],
        "starts_at__gte": [BEGUN],
        "starts_at__lt": [LATE],
        "done_at__gte": [BEGUN],
        "done_at__lt": [LATE],
        "happens_at__gte": [BEGUN],
        "happens_at__lt": [LATE],
        "updated_at__gte": [BEGUN],
        "updated_at__gt": [BEGUN],
        "updated_at__lt": [LATE],
    },
    ActivitiesDue: {
        "until": [LATE],
        "customer_id": [[PARENT]],
        "business_unit_id": [[PARENT], [OTHER]],
        "owner_id": [[PARENT], [OTHER]],
    },
    DealQuery: {
        "state": [["archived"], ["live"], ["live", "archived"]],
        "customer_id": [[PARENT]],
        "contact_id": [[PARENT]],
        "business_unit_id": [[PARENT], [OTHER]],
        "owner_id": [[PARENT], [OTHER]],
        "collaborator_id": [[PARENT], [OTHER]],
        "pipeline_id": [[PARENT], [OTHER]],
        "stage_id": [[PARENT], [OTHER]],
        "stage": [["rare"], ["common"]],
        "status": [["open"], ["won"], ["open", "won", "lost"]],
        "forecast_category": [["commit"], ["pipeline"]],
        "source": [["rare"], ["common"]],
        "stale": [True, False],
        "expected_close_on__gte": [FIRST_DAY],
        "expected_close_on__lt": [LAST_DAY],
        "closed_at__gte": [BEGUN],
        "closed_at__lt": [LATE],
        "created_at__gte": [BEGUN, LATE],
        "created_at__lt": [BEGUN + timedelta(seconds=3), LATE],
        "updated_at__gte": [BEGUN],
        "updated_at__gt": [BEGUN],
        "updated_at__lt": [LATE],
    },
    ProductQuery: {
        "sku": [["9"]],
        "category_id": [[PARENT], [OTHER]],
        "under_category": [[PARENT], [OTHER]],
        "kind": [["service"], ["goods"]],
        "status": [["draft"], ["active"], ["active", "draft"]],
        "tax_class": [["rare"], ["common"]],
        "created_at__gte": [BEGUN, LATE],
        "created_at__lt": [BEGUN + timedelta(seconds=3), LATE],
        "updated_at__gte": [BEGUN],
        "updated_at__gt": [BEGUN],
        "updated_at__lt": [LATE],
    },
    OrderQuery: {
        "number": [["9"]],
        "customer_id": [[PARENT]],
        "business_unit_id": [[PARENT], [OTHER]],
        "owner_id": [[PARENT], [OTHER]],
        "deal_id": [[FIRST]],
        "product_id": [[PARENT], [OTHER]],
        "status": [["in_progress"], ["confirmed"], ["confirmed", "in_progress"]],
        "shipment_status": [["partial"], ["full"], ["none", "partial"]],
        "payment_status": [["partial"], ["full"], ["none", "partial"]],
        "invoice_status": [["partial"], ["full"], ["none", "partial"]],
        "source": [["rare"], ["common"]],
        "customer_reference": [["9"]],
        "ordered_at__gte": [BEGUN],
        "ordered_at__lt": [LATE],
        "created_at__gte": [BEGUN, LATE],
        "created_at__lt": [BEGUN + timedelta(seconds=3), LATE],
        "updated_at__gte": [BEGUN],
        "updated_at__gt": [BEGUN],
        "updated_at__lt": [LATE],
    },
    ShipmentQuery: {
        **OF_ORDERS,
        "status": [["ready"], ["shipped"], ["ready", "shipped"]],
        "carrier": [["rare"], ["common"]],
        "tracking_number": [["9"]],
        "shipped_at__gte": [BEGUN],
        "shipped_at__lt": [LATE],
    },
    ReturnQuery: {
        **OF_ORDERS,
        "status": [["approved"], ["received"], ["approved", "received"]],
    },
    ReceiptQuery: {
        "number": [["9"]],
        "customer_id": [[PARENT]],
        "order_id": [[PARENT], [OTHER]],
        "business_unit_id": [[PARENT], [OTHER]],
        "handler_id": [[PARENT], [OTHER]],
        "status": [["draft"], ["confirmed"], ["confirmed", "draft"]],
        "method": [["cash"], ["bank"], ["bank", "cash"]],
        "reference": [["rare"], ["common"]],
        "has_credit": [True, False],
        "received_at__gte": [BEGUN],
        "received_at__lt": [LATE],
        "created_at__gte": [BEGUN, LATE],
        "created_at__lt": [BEGUN + timedelta(seconds=3), LATE],
        "updated_at__gte": [BEGUN],
        "updated_at__gt": [BEGUN],
        "updated_at__lt": [LATE],
    },
    TicketQuery: {
        "number": [["9"]],
        "requester_id": [[PARENT]],
        "business_unit_id": [[PARENT], [OTHER]],
        "category": [["open"], ["closed"], ["closed", "open"]],
        "status_id": [[PARENT], [OTHER]],
        "priority": [["urgent"], ["normal"], ["normal", "urgent"]],
        "type": [["complaint"], ["question"], ["complaint", "question"]],
        "assignee_id": [[PARENT], [OTHER]],
        "follower_id": [[PARENT], [OTHER]],
        "cc_id": [[PARENT]],
        "queue_id": [[PARENT], [OTHER]],
        "order_id": [[PARENT], [OTHER]],
        "follows_id": [[FIRST]],
        "tag": [["rare"], ["common"]],
        "created_at__gte": [BEGUN, LATE],
        "created_at__lt": [BEGUN + timedelta(seconds=3), LATE],
        "updated_at__gte": [BEGUN],
        "updated_at__gt": [BEGUN],
        "updated_at__lt": [LATE],
    },
    AuditQuery: {
        "type": [["tenant.updated"], ["customer.created"]],
        "actor_id": [f"key_{ACTOR.hex}", f"key_{OTHER.hex}"],
        "user_id": [[PARENT], [OTHER]],
        "causation_id": [ACTOR, OTHER],
        "created_at__gte": [BEGUN],
        "created_at__lt": [LATE],
    },
}
READS: dict[type[ListQuery], type[Read]] = {
    CustomerQuery: CustomerRead,
    CustomerSearch: CustomerRead,
    AuditQuery: AuditRecordRead,
    ExchangeRateQuery: ExchangeRateRead,
    UserQuery: UserRead,
    UnitProfileQuery: UnitProfileRead,
    ActivityQuery: ActivityRead,
    ActivitiesDue: ActivityRead,
    TaskQuery: TaskRead,
    DealQuery: DealRead,
    ProductQuery: ProductRead,
    OrderQuery: OrderRead,
    ShipmentQuery: ShipmentRead,
    ReturnQuery: ReturnRead,
    ReceiptQuery: ReceiptRead,
    TicketQuery: TicketRead,
}
ALWAYS: dict[type[ListQuery], dict[str, Any]] = {ActivitiesDue: {"until": LATE}}


RARE, COMMON = "tenant.updated", "customer.created"
ALL, OF_TYPES = feed.page(every=True, of_one=False), feed.page(every=False, of_one=False)
FEED: dict[str, tuple[Statement, Mapping[str, Any]]] = {
    "from its beginning": (ALL, {"after": 0}),
    "from its middle": (ALL, {"after": FEW // 2}),
    "after its end": (ALL, {"after": MANY + 1}),
    "of rare types": (OF_TYPES, {"after": 0, "types": [RARE]}),
    "of rare types that do not come again": (OF_TYPES, {"after": 100, "types": [RARE]}),
    "of several types": (OF_TYPES, {"after": 0, "types": [RARE, COMMON, "customer.updated"]}),
    "as a stream": (feed.since(every=False), {"after": 100, "types": [RARE, COMMON]}),
    "where it begins": (feed.BEFORE, {"before": first_at(BEGUN + timedelta(seconds=900))}),
}


def questions() -> Iterator[Any]:
    for query, values in VALUES.items():
        for sort in get_args(get_args(query.model_fields["sort"].annotation)[0]):
            asked = query.model_validate({**ALWAYS.get(query, {}), "sort": [sort]})
            yield pytest.param(asked, id=f"{query.__name__} by {sort}")
        for name, choices in values.items():
            for value in choices:
                asked = query.model_construct(**{**ALWAYS.get(query, {}), name: value})
                yield pytest.param(asked, id=f"{query.__name__} where {name} is {value}")


@pytest.fixture(scope="module")
async def costs(admin: "Admin[Any]", house: House) -> list[dict[str, int]]:
    """What each question reads, in a small tenant and when it has grown, beside others."""
    for tenant in (TENANT, *NEIGHBOURS):
        for sql in (
            PARENTS,
            UNITS,
            OTHER_UNITS,
            SUBJECT,
            OWNERS,
            SCHEMES,
            PIPELINES,
            STAGES,
            CATEGORIES,
            SHELF,
            TO_BE_PAID,
            STATUSES,
            QUEUES,
        ):
            await admin.execute(sql, tenant)
    for tenant in NEIGHBOURS:
        await fill(admin, tenant, 0, FEW)
    found: list[dict[str, int]] = []
    for first, last in ((0, FEW), (FEW, MANY)):
        await fill(admin, TENANT, first, last)
        await admin.execute(ANALYZE)
        found.append({**await costs_of_lists(house), **await costs_of_the_feed(house)})
    return found


async def costs_of_lists(house: House) -> dict[str, int]:
    return {p.id: await cost(house, p.values[0]) for p in questions()}


async def costs_of_the_feed(house: House) -> dict[str, int]:
    return {
        f"feed {name}": await cost_of(house, statement, values, "force_generic_plan")
        for name, (statement, values) in FEED.items()
    }


FILLING = (
    *(CUSTOMERS, KEYS, EVENTS, SUBJECTS, USERS, PROFILES, COLLABORATORS),
    *(ACTIVITIES, PARTICIPANTS, LINKS, EXCHANGE_RATES, TASKS, TASK_RECORDS),
    DEALS,
    DEAL_COLLABORATORS,
    DEAL_CONTACTS,
    PRODUCTS,
    ORDERS,
    SHIPMENTS,
    RETURNS,
    ORDER_PRODUCTS,
    RECEIPTS,
    RECEIPT_ORDERS,
    *(TICKETS, TICKET_TAGS, TICKET_FOLLOWERS, TICKET_COPIES, TICKET_MESSAGES),
)


async def fill(admin: "Admin[Any]", tenant: UUID, first: int, last: int) -> None:
    for sql in FILLING:
        await admin.execute(sql, tenant, first, last)


async def test_a_page_reads_no_more_of_a_larger_tenant(costs: list[dict[str, int]]) -> None:
    small, large = costs
    grown = {name: (n, large[name]) for name, n in small.items() if large[name] > 1.5 * n + 60}
    assert not grown


@pytest.mark.parametrize("days", [1, 10, 100, 500, 1000])
async def test_a_page_within_bounds_reads_its_few_or_walks_to_the_next_of_many(
    costs: list[dict[str, int]], admin: "Admin[Any]", house: House, days: int
) -> None:
    """A thousandth of the tenant's customers have each day."""
    await admin.execute(DAYS, TENANT, 0, MANY, FIELD)
    await admin.execute("VACUUM ANALYZE custom_values")
    bounds = tuple(date(2026, 1, 1) + timedelta(n) for n in (0, days))
    meant = {"filter": Span(BY_DAY, (Op.gte, Op.lt), bounds)}
    assert await cost(house, CustomerSearch(), meant) < 3_000


async def cost(house: House, query: ListQuery, meant: Meant = NOTHING) -> int:
    """So many blocks does the plan for all values read under row level security; with a filter,
    the plan for its own."""
    read, asked = READS[type(query)], query.asked(meant)
    statement = page(read, type(query), asked, query.sort_keys(), False)
    values = query.arguments(TENANT, meant)
    return await cost_of(
        house, statement, values, "force_custom_plan" if meant else "force_generic_plan"
    )


async def cost_of(house: House, statement: Statement, values: Mapping[str, Any], mode: str) -> int:
    known = {"limit": 50, "masked": False, "tenant": TENANT, "oldest": first_at(BEGUN), **values}
    said = ", ".join(_literal(value) for value in statement.arguments(known))
    async with house.pool.line() as line, line.driver.transaction():
        await line.driver.execute(f"SET LOCAL plan_cache_mode = {mode}")
        await line.driver.execute(f"PREPARE asked AS {statement.sql}")
        rows = await line.driver.fetch(
            f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) EXECUTE asked({said})"
        )
        await line.driver.execute("DEALLOCATE asked")
    plan = rows[0][0][0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    text = "{" + ",".join(map(str, value)) + "}" if isinstance(value, list) else str(value)
    return "'" + text.replace("'", "''") + "'"


def test_every_filter_has_values() -> None:
    asked = {query: set(filters(query)) - {"q", "object_id", "under"} for query in VALUES}
    assert {query: set(values) for query, values in VALUES.items()} == asked
