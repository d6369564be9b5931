"""Every list, look-up and expansion finds its rows by an index, under row level security.

The plans are those of the application's role, which plans once for all values (a generic plan).
"""

import re
from collections.abc import Iterator
from typing import Any, get_args
from uuid import UUID, uuid4

import pytest
from asyncpg import Connection as Admin
from sqlalchemy import ClauseElement, Date, bindparam, func, select, text

from crm_api.features.billing.receipts.schemas import ReceiptRead
from crm_api.features.catalogue.product_categories.models import ProductCategory
from crm_api.features.catalogue.tax_rates.repository import IN_FORCE as TAXES
from crm_api.features.customers.schemas import CustomerRead
from crm_api.features.desk.inbound.repository import GOES_ON, MENTIONED, OF_MESSAGES
from crm_api.features.desk.messages.repository import KNOWN
from crm_api.features.desk.messages.schemas import MessagesOf, TicketMessageRead
from crm_api.features.desk.outbound.repository import LEAVING, TO_ACKNOWLEDGE
from crm_api.features.desk.rating_links.repository import FIND
from crm_api.features.desk.rating_policies.repository import OF_UNIT
from crm_api.features.desk.ratings.repository import OF_RESOLUTION, TURN
from crm_api.features.desk.requesters.repository import FOUND, WROTE
from crm_api.features.desk.satisfaction.queries import BY as EVERY
from crm_api.features.desk.satisfaction.queries import satisfaction
from crm_api.features.desk.sla_policies.repository import IN_FORCE as POLICIES
from crm_api.features.desk.tickets.repository import HEIR
from crm_api.features.desk.tickets.schemas import TicketRead
from crm_api.features.desk.ties.repository import MERGED
from crm_api.features.follow_ups.activities.schemas import ActivityRead
from crm_api.features.follow_ups.last_contacts.repository import JUDGED, LAST
from crm_api.features.overviews.queries import overview, sights_of
from crm_api.features.profiles.grade_schemes.repository import IN_FORCE
from crm_api.features.profiles.grade_schemes.schemas import GradeSchemeRead
from crm_api.features.profiles.unit_profiles.models import UnitProfile
from crm_api.features.profiles.unit_profiles.queries import OF_LIVE
from crm_api.features.profiles.unit_profiles.repository import BY_UNIT
from crm_api.features.profiles.unit_profiles.schemas import UnitProfileRead
from crm_api.features.sharing.resolutions.repository import resolved
from crm_api.features.trade.orders.resource import ORDER
from crm_api.features.trade.orders.schemas import OrderRead
from crm_api.features.trade.returns.schemas import ReturnRead
from crm_api.features.trade.shipments.repository import OF_ORDER
from crm_api.features.trade.shipments.schemas import ShipmentRead
from crm_api.kit.actor import Actor, Reach, Tenant
from crm_api.kit.context import House
from crm_api.kit.db import table_of
from crm_api.kit.direct import DirectRoute
from crm_api.kit.expanding import expansion
from crm_api.kit.filters import OneOf
from crm_api.kit.paging import page
from crm_api.kit.parents import all_below
from crm_api.kit.projection import many, one_of
from crm_api.kit.query import ListQuery, filters
from crm_api.kit.schema import Read
from crm_api.kit.sight import seen_by
from crm_api.kit.statement import DIALECT, TENANT, Statement, in_tenant
from crm_api.main import ROUTES
from crm_api.platform.access.registry import BY_DIGEST, BY_ID
from crm_api.platform.business_units.statements import LINES_ABOVE
from crm_api.platform.exchange_rates.criteria import worth
from crm_api.platform.exchange_rates.queries import ExchangeRateQuery
from crm_api.platform.exchange_rates.repository import IN_FORCE as RATE_IN_FORCE
from crm_api.platform.exchange_rates.schemas import ExchangeRateRead
from crm_api.platform.external_ids.repository import owner_of
from crm_api.platform.handovers.rules import every
from crm_api.platform.handovers.statements import counted, held, live, next_ids
from crm_api.platform.identity_providers.registry import lookup
from crm_api.platform.number_patterns.repository import OF_UNITS
from crm_api.platform.number_patterns.statements import TAKE, having
from crm_api.platform.role_rules.registry import ACTING

MANY_KEYS = """
INSERT INTO api_keys (tenant_id, id, name, prefix, last_four, digest, scopes, created_at,
  updated_at)
SELECT md5((n % 20)::text)::uuid, gen_random_uuid(), 'key', 'crm_test_', 'abcd', n::text::bytea,
  '{*}', now() - n * interval '1 s', now() FROM generate_series(1, 20000) n"""
MANY_DIGESTS = """
INSERT INTO key_index (digest, tenant_id, key_id)
SELECT digest, tenant_id, id FROM api_keys"""
MANY_CUSTOMERS = """
INSERT INTO customers (tenant_id, id, kind, name, sort_name, acquired_at, preferences, created_at,
  updated_at)
SELECT md5((n % 20)::text)::uuid, gen_random_uuid(), 'person', n::text, n::text, now(), '{}', at, at
FROM (SELECT n, now() - n * interval '1 s' AS at FROM generate_series(1, 20000) n) made"""
MANY_IDS = """
INSERT INTO external_ids (tenant_id, resource, system, value, object_id)
SELECT tenant_id, 'customer', 'erp', name, id FROM customers"""
MANY_LOOK_UPS = """
INSERT INTO customer_keys (tenant_id, kind, value, customer_id)
SELECT tenant_id, found_by, name, id
FROM customers, unnest('{email,phone,wechat,tag}'::text[]) AS found_by"""
MANY_PROVIDERS = """
INSERT INTO identity_providers (tenant_id, id, name, issuer, audience, subject_claim, scopes,
  scope_rules, created_at, updated_at)
SELECT tenant_id, id, 'name', 'issuer', id::text, 'sub', '{}', '[]', created_at, created_at
FROM api_keys"""
MANY_ISSUERS = """
INSERT INTO issuer_index (digest, tenant_id, provider_id)
SELECT digest, tenant_id, id FROM api_keys"""
MANY_SUBJECTS = """
INSERT INTO subjects (tenant_id, id, issuer, subject, created_at, updated_at)
SELECT tenant_id, id, 'issuer', id::text, created_at, created_at FROM api_keys"""
MANY_ENDPOINTS = """
INSERT INTO webhook_endpoints (tenant_id, id, url, event_types, payload, state, header_names,
  secrets, created_by, scopes, masked, starts_after, created_at, updated_at)
SELECT tenant_id, id, 'https://erp.example', '{*}', 'full', 'active', '{}', '[]', id, '{*}', false,
  0, created_at, created_at FROM api_keys"""
MANY_ENTITIES = """
INSERT INTO legal_entities (tenant_id, id, name, sort_name, country, registration_number,
  created_at, updated_at)
SELECT tenant_id, id, 'name', id::text, 'DE', id::text, created_at, created_at FROM api_keys"""
MANY_UNITS = """
INSERT INTO business_units (tenant_id, id, name, sort_name, code, kind, periods, created_at,
  updated_at)
SELECT tenant_id, id, 'name', id::text, id::text, 'shop', '[]', created_at, created_at
FROM api_keys"""
MANY_LINES = """
INSERT INTO business_unit_lines (tenant_id, ancestor_id, unit_id, depth)
SELECT tenant_id, id, id, 0 FROM business_units"""
MANY_PERIODS = """
INSERT INTO business_unit_periods (tenant_id, unit_id, from_on)
SELECT tenant_id, id, '2026-01-01' FROM business_units"""
MANY_USERS = """
INSERT INTO users (tenant_id, id, name, sort_name, email, employee_number, subject_id, state,
  created_at, updated_at)
SELECT tenant_id, id, 'name', id::text, id::text, id::text, id, 'active', created_at, created_at
FROM api_keys"""
MANY_TEAMS = """
INSERT INTO teams (tenant_id, id, name, sort_name, created_at, updated_at)
SELECT tenant_id, id, 'name', id::text, created_at, created_at FROM api_keys"""
MANY_MEMBERS = """
INSERT INTO team_members (tenant_id, user_id, team_id) SELECT tenant_id, id, id FROM api_keys"""
MANY_SCHEMES = """
INSERT INTO grade_schemes (tenant_id, id, name, business_unit_id, grades, created_at, updated_at)
SELECT tenant_id, id, 'name', id, '[]', created_at, created_at FROM business_units"""
MANY_PROFILES = """
INSERT INTO unit_profiles (tenant_id, id, customer_id, business_unit_id, owner_id, grade,
  grade_scheme_id, grade_source, lifecycle_changed_at, created_at, updated_at)
SELECT c.tenant_id, c.id, c.id, u.id, u.id, left(u.id::text, 2), u.id, 'manual', c.created_at,
  c.created_at, c.created_at
FROM (SELECT *, row_number() OVER (PARTITION BY tenant_id) n FROM customers) c
JOIN (SELECT *, row_number() OVER (PARTITION BY tenant_id) n FROM business_units) u
  USING (tenant_id, n)"""
MANY_COLLABORATORS = """
INSERT INTO unit_profile_collaborators (tenant_id, user_id, unit_profile_id)
SELECT tenant_id, owner_id, id FROM unit_profiles"""
MANY_VIEWERS = """
INSERT INTO customer_viewers (tenant_id, viewer_id, customer_id, source_id, unit_id, writes)
SELECT tenant_id, business_unit_id, customer_id, id, business_unit_id, true FROM unit_profiles"""
MANY_ACTIVITIES = """
INSERT INTO activities (tenant_id, id, kind, state, subject, customer_id, contact_id,
  business_unit_id, owner_id, starts_at, due_at, done_at, next_contact_at, created_at, updated_at)
SELECT tenant_id, id, 'call', CASE WHEN open THEN 'planned' ELSE 'done' END, 'subject', customer_id,
  customer_id, business_unit_id, owner_id, created_at, CASE WHEN open THEN created_at END,
  CASE WHEN NOT open THEN created_at END, created_at, created_at, created_at
FROM (SELECT *, row_number() OVER (PARTITION BY tenant_id) % 10 = 0 AS open FROM unit_profiles) p"""
MANY_PARTICIPANTS = """
INSERT INTO activity_collaborators (tenant_id, user_id, activity_id)
SELECT tenant_id, owner_id, id FROM activities"""
MANY_LINKS = """
INSERT INTO activity_records (tenant_id, record_id, activity_id)
SELECT tenant_id, 'cus_' || replace(customer_id::text, '-', ''), id FROM activities"""
MANY_ROLES = """
INSERT INTO roles (tenant_id, id, name, permissions, masked, created_at, updated_at)
SELECT tenant_id, id, 'name', '[]', false, created_at, created_at FROM api_keys"""
MANY_ASSIGNMENTS = """
INSERT INTO role_assignments (tenant_id, id, user_id, role_id, business_unit_id, starts_at,
  created_at, updated_at)
SELECT tenant_id, id, id, id, id, created_at, created_at, created_at FROM api_keys"""
MANY_GRANTS = """
INSERT INTO access_grants (tenant_id, id, customer_id, business_unit_id, user_id, level, created_at,
  updated_at)
SELECT tenant_id, id, customer_id, business_unit_id, owner_id, 'read', created_at, created_at
FROM unit_profiles"""
MANY_REQUESTS = """
INSERT INTO access_requests (tenant_id, id, customer_id, business_unit_id, requester_id, level,
  expires_at, created_at, updated_at)
SELECT tenant_id, id, customer_id, business_unit_id, owner_id, 'read', created_at, created_at,
  created_at
FROM unit_profiles"""
MANY_RULES = """
INSERT INTO role_rules (tenant_id, id, identity_provider_id, claim, value, role_id,
  business_unit_id, created_at, updated_at)
SELECT tenant_id, id, id, 'groups', 'sales', id, id, created_at, created_at FROM api_keys"""
MANY_EXCHANGE_RATES = """
INSERT INTO exchange_rates (tenant_id, id, currency, base_currency, rate, valid_from_on, created_at,
  updated_at)
SELECT tenant_id, id, 'C' || n % 30, 'CNY', 1, date '2026-01-01' + n::int / 30, created_at,
  created_at
FROM (SELECT *, row_number() OVER (PARTITION BY tenant_id) n FROM api_keys) made"""
MANY_NUMBER_PATTERNS = """
INSERT INTO number_patterns (tenant_id, id, noun, business_unit_id, pattern, restarts, created_at,
  updated_at)
SELECT tenant_id, id, 'order', id, '{n}', 'never', created_at, created_at FROM business_units"""
MANY_COUNTERS = """
INSERT INTO number_counters (tenant_id, noun, form, begins_on, taken_on, taken, last)
SELECT tenant_id, 'order', 'SO{yyyy}{mm}{dd}-{n}', day, day, 1, 1
FROM (SELECT tenant_id, date '2026-01-01' + row_number() OVER (PARTITION BY tenant_id)::int AS day
      FROM api_keys) made"""
MANY_TAX_RATES = """
INSERT INTO tax_rates (tenant_id, id, tax_class, region, percent, name, valid_from_on, created_at,
  updated_at)
SELECT tenant_id, id, 'c' || n, 'CN', 13, 'VAT', '2026-01-01', created_at, created_at
FROM (SELECT *, row_number() OVER (PARTITION BY tenant_id) n FROM api_keys) made"""
MANY_TASKS = """
INSERT INTO tasks (tenant_id, id, subject, customer_id, business_unit_id, assignee_id, creator_id,
  due_at, due_until, due_order, overdue_at, time_zone, series_id, series_begin, occurrence_on,
  created_at, updated_at)
SELECT tenant_id, id, 'subject', customer_id, business_unit_id, owner_id, owner_id, created_at,
  created_at, created_at, created_at, 'UTC', id, '2026-12-01', '2026-12-01', created_at, created_at
FROM unit_profiles"""
MANY_TASK_RECORDS = """
INSERT INTO task_records (tenant_id, record_id, task_id)
SELECT tenant_id, 'cus_' || replace(customer_id::text, '-', ''), id FROM tasks"""
MANY_PIPELINES = """
INSERT INTO pipelines (tenant_id, id, name, business_unit_id, stages, loss_reasons, created_at,
  updated_at)
SELECT tenant_id, id, 'pipeline', id, '[]', '[]', created_at, created_at FROM business_units"""
MANY_STAGES = """
INSERT INTO stages (tenant_id, id, pipeline_id, code, kind, position, probability)
SELECT tenant_id, id, id, 'needs', 'open', 0, 30 FROM pipelines"""
MANY_DEALS = """
INSERT INTO deals (tenant_id, id, name, sort_name, customer_id, business_unit_id, owner_id,
  pipeline_id, stage_id, stage, stage_since, stale_since, stay_id, stays, status, probability,
  source, expected_close_on, created_at, updated_at)
SELECT tenant_id, id, 'deal', id::text, customer_id, business_unit_id, owner_id, business_unit_id,
  business_unit_id, 'needs', created_at, created_at, id, 1, 'open', 30, 'fair', '2026-12-01',
  created_at, created_at
FROM unit_profiles"""
MANY_DEAL_COLLABORATORS = """
INSERT INTO deal_collaborators (tenant_id, user_id, deal_id)
SELECT tenant_id, owner_id, id FROM deals"""
MANY_DEAL_CONTACTS = """
INSERT INTO deal_contacts (tenant_id, customer_id, deal_id)
SELECT tenant_id, customer_id, id FROM deals"""
MANY_STAYS = """
INSERT INTO stage_stays (tenant_id, id, deal_id, number, pipeline_id, stage_id, kind, skipped,
  entered_at, business_unit_id, owner_id)
SELECT tenant_id, id, id, 1, pipeline_id, stage_id, 'open', false, created_at, business_unit_id,
  owner_id
FROM deals"""
MANY_QUOTAS = """
INSERT INTO quotas (tenant_id, id, user_id, business_unit_id, period, starts_on, amount, currency,
  created_at, updated_at)
SELECT tenant_id, id, owner_id, business_unit_id, 'month', '2026-12-01', 1, 'CNY', created_at,
  created_at
FROM unit_profiles"""
MANY_CATEGORIES = """
INSERT INTO product_categories (tenant_id, id, name, sort_name, code, parent_id, created_at,
  updated_at)
SELECT tenant_id, id, 'category', id::text, id::text, lag(id) OVER of_one, created_at, created_at
FROM business_units WINDOW of_one AS (PARTITION BY tenant_id ORDER BY id)"""
MANY_PRODUCTS = """
INSERT INTO products (tenant_id, id, name, sort_name, sku, category_id, tax_class, created_at,
  updated_at)
SELECT tenant_id, id, 'product', id::text, id::text, id, left(id::text, 2), created_at, created_at
FROM product_categories"""
MANY_ORDERS = """
INSERT INTO orders (tenant_id, id, number, customer_id, business_unit_id, owner_id, deal_id, status,
  pricing, prices_include_tax, currency, lines, taxes, discount_percent, subtotal, discount, net,
  tax, total, goods_quantity, ordered_at, source, customer_reference, created_at, updated_at)
SELECT tenant_id, id, id::text, customer_id, business_unit_id, owner_id, id, 'draft', 'computed',
  false, 'CNY', '[]', '[]', '0', 1, 0, 1, 0, 1, 1, created_at, 'shop', id::text, created_at,
  created_at
FROM deals"""
MANY_ORDER_PRODUCTS = """
INSERT INTO order_products (tenant_id, product_id, order_id)
SELECT tenant_id, product_id, order_id
FROM (SELECT *, id AS order_id, row_number() OVER (PARTITION BY tenant_id) n FROM orders) sold
JOIN (SELECT tenant_id, id AS product_id, row_number() OVER (PARTITION BY tenant_id) n
      FROM products) product USING (tenant_id, n)"""
MANY_SHIPMENTS = """
INSERT INTO shipments (tenant_id, id, number, order_id, customer_id, business_unit_id, status,
  lines, carrier, tracking_number, shipped_at, created_at, updated_at)
SELECT tenant_id, id, id::text, id, customer_id, business_unit_id, 'ready', '[{}]',
  left(id::text, 2), id::text, created_at, created_at, created_at
FROM orders"""
MANY_RETURNS = """
INSERT INTO returns (tenant_id, id, number, order_id, customer_id, business_unit_id, status, lines,
  currency, received_net, received_tax, received_total, created_at, updated_at)
SELECT tenant_id, id, id::text, id, customer_id, business_unit_id, 'requested', '[{}]', 'CNY', 0, 0,
  0, created_at, created_at
FROM orders"""
MANY_RECEIPTS = """
INSERT INTO receipts (tenant_id, id, number, customer_id, business_unit_id, handler_id, status,
  amount, currency, method, received_at, reference, provider, provider_event_id, created_at,
  updated_at)
SELECT tenant_id, id, id::text, customer_id, business_unit_id, owner_id, 'draft', 1, 'CNY', 'bank',
  created_at, id::text, 'alipay', id::text, created_at, created_at
FROM orders"""
MANY_RECEIPT_ORDERS = """
INSERT INTO receipt_orders (tenant_id, order_id, receipt_id)
SELECT tenant_id, id, id FROM receipts"""
MANY_BOOKS = """
INSERT INTO price_books (tenant_id, id, name, sort_name, code, currency, parent_id,
  business_unit_id, grade, created_at, updated_at)
SELECT tenant_id, id, 'book', id::text, id::text, 'C' || left(id::text, 2), NULL, id,
  left(id::text, 2), created_at, created_at
FROM business_units"""
MANY_PRICES = """
INSERT INTO price_entries (tenant_id, id, price_book_id, product_id, unit_price, currency,
  created_at, updated_at)
SELECT b.tenant_id, b.id, b.id, b.id, 1, b.currency, b.created_at, b.created_at
FROM price_books b JOIN products USING (tenant_id, id)"""
MANY_AGENTS = """
INSERT INTO agents (tenant_id, id, user_id, capacity, created_at, updated_at)
SELECT tenant_id, id, id, 10, created_at, created_at FROM users"""
MANY_LOADS = """
INSERT INTO agent_loads (tenant_id, agent_id) SELECT tenant_id, id FROM agents"""
MANY_QUEUES = """
INSERT INTO queues (tenant_id, id, name, sort_name, business_unit_id, strategy, created_at,
  updated_at)
SELECT tenant_id, id, id::text, id::text, id, 'manual', created_at, created_at
FROM business_units"""
MANY_QUEUE_MEMBERS = """
INSERT INTO queue_members (tenant_id, agent_id, queue_id)
SELECT a.tenant_id, a.id, q.id FROM agents a JOIN queues q USING (tenant_id, id)"""
MANY_ROUTING_RULES = """
INSERT INTO routing_rules (tenant_id, id, name, position, business_unit_id, queue_id, created_at,
  updated_at)
SELECT tenant_id, id, 'rule', row_number() OVER (PARTITION BY tenant_id), id, id, created_at,
  created_at
FROM queues"""
MANY_STATUSES = """
INSERT INTO ticket_statuses (tenant_id, id, name, category, position, created_at, updated_at)
SELECT tenant_id, id, id::text, 'open', 10, created_at, created_at FROM business_units"""
MANY_TICKETS = """
INSERT INTO tickets (tenant_id, id, number, subject, requester_id, business_unit_id, assignee_id,
  order_id, status_id, channel, type, priority, category, queue_id, due_at, created_at,
  updated_at)
SELECT tenant_id, id, id::text, 'subject', customer_id, business_unit_id, owner_id, id,
  business_unit_id, 'api', 'question', 'normal', 'open', business_unit_id, created_at, created_at,
  created_at
FROM orders"""
MANY_TICKET_TAGS = """
INSERT INTO ticket_tags (tenant_id, tag, ticket_id)
SELECT tenant_id, left(id::text, 2), id FROM tickets"""
MANY_TICKET_FOLLOWERS = """
INSERT INTO ticket_followers (tenant_id, user_id, ticket_id)
SELECT tenant_id, assignee_id, id FROM tickets"""
MANY_TICKET_COPIES = """
INSERT INTO ticket_copies (tenant_id, customer_id, ticket_id)
SELECT tenant_id, requester_id, id FROM tickets"""
MANY_MESSAGES = """
INSERT INTO ticket_messages (tenant_id, id, ticket_id, direction, is_public, customer_id, channel,
  text, external_id, created_at, updated_at)
SELECT tenant_id, id, id, 'in', true, requester_id, 'api', 'text', id::text, created_at, created_at
FROM tickets"""
MANY_POLICIES = """
INSERT INTO sla_policies (tenant_id, id, name, position, business_unit_id, targets, pauses_on,
  created_at, updated_at)
SELECT tenant_id, id, 'policy', 100, id, '{}', '{}', created_at, created_at FROM business_units"""
MANY_SLA_EVENTS = """
INSERT INTO sla_events (tenant_id, id, ticket_id, clock, number, kind, at, created_at)
SELECT tenant_id, id, id, 'resolution', 1, 'begun', created_at, created_at FROM orders"""
MANY_MACROS = """
INSERT INTO macros (tenant_id, id, name, sort_name, business_unit_id, actions, created_at,
  updated_at)
SELECT tenant_id, id, id::text, id::text, id, '{}', created_at, created_at FROM business_units"""
MANY_RATING_POLICIES = """
INSERT INTO rating_policies (tenant_id, id, business_unit_id, kind, delay_hours,
  expires_after_days, fatigue_days, detractors, created_at, updated_at)
SELECT tenant_id, id, id, 'csat', 0, 14, 30, 'flag', created_at, created_at FROM business_units"""
MANY_RATINGS = """
INSERT INTO ratings (tenant_id, id, ticket_id, resolution, customer_id, business_unit_id,
  assignee_id, type, policy_id, kind, state, asked_at, expires_at, created_at, updated_at)
SELECT tenant_id, id, id, 1, requester_id, business_unit_id, assignee_id, type, id, 'csat', 'sent',
  created_at, created_at, created_at, created_at
FROM tickets"""
MANY_RATING_LINKS = """
INSERT INTO rating_links (tenant_id, token_hash, rating_id, created_at)
SELECT tenant_id, id::text, id, created_at FROM ratings"""
MANY_RATING_TURNS = """
INSERT INTO rating_turns (tenant_id, customer_id, asked_at)
SELECT tenant_id, customer_id, max(asked_at) FROM ratings GROUP BY 1, 2"""
MANY_CHANNELS = """
INSERT INTO channels (tenant_id, id, name, kind, business_unit_id, address, inbound_key, secrets,
  created_at, updated_at)
SELECT tenant_id, id, id::text, 'email', id, id::text, id::text, '[]', created_at, created_at
FROM business_units"""
MANY = (
    MANY_KEYS,
    MANY_DIGESTS,
    MANY_CUSTOMERS,
    MANY_IDS,
    MANY_LOOK_UPS,
    MANY_PROVIDERS,
    MANY_ISSUERS,
    MANY_SUBJECTS,
    MANY_ENDPOINTS,
    MANY_ENTITIES,
    MANY_UNITS,
    MANY_LINES,
    MANY_PERIODS,
    MANY_USERS,
    MANY_SCHEMES,
    MANY_PROFILES,
    MANY_COLLABORATORS,
    MANY_TEAMS,
    MANY_MEMBERS,
    MANY_VIEWERS,
    MANY_ACTIVITIES,
    MANY_PARTICIPANTS,
    MANY_LINKS,
    MANY_ROLES,
    MANY_ASSIGNMENTS,
    MANY_GRANTS,
    MANY_REQUESTS,
    MANY_RULES,
    MANY_EXCHANGE_RATES,
    MANY_NUMBER_PATTERNS,
    MANY_COUNTERS,
    MANY_TAX_RATES,
    MANY_TASKS,
    MANY_TASK_RECORDS,
    MANY_PIPELINES,
    MANY_STAGES,
    MANY_DEALS,
    MANY_DEAL_COLLABORATORS,
    MANY_DEAL_CONTACTS,
    MANY_STAYS,
    MANY_QUOTAS,
    MANY_CATEGORIES,
    MANY_PRODUCTS,
    MANY_ORDERS,
    MANY_SHIPMENTS,
    MANY_RETURNS,
    MANY_ORDER_PRODUCTS,
    MANY_RECEIPTS,
    MANY_RECEIPT_ORDERS,
    MANY_BOOKS,
    MANY_PRICES,
    MANY_AGENTS,
    MANY_LOADS,
    MANY_QUEUES,
    MANY_QUEUE_MEMBERS,
    MANY_ROUTING_RULES,
    MANY_STATUSES,
    MANY_TICKETS,
    MANY_TICKET_TAGS,
    MANY_TICKET_FOLLOWERS,
    MANY_TICKET_COPIES,
    MANY_MESSAGES,
    MANY_POLICIES,
    MANY_SLA_EVENTS,
    MANY_MACROS,
    MANY_CHANNELS,
    MANY_RATING_POLICIES,
    MANY_RATINGS,
    MANY_RATING_LINKS,
    MANY_RATING_TURNS,
)
ANALYZE = (
    "ANALYZE customers, customer_keys, api_keys, key_index, external_ids, identity_providers, "
    "issuer_index, subjects, webhook_endpoints, legal_entities, business_units, "
    "business_unit_lines, business_unit_periods, users, teams, team_members, "
    "grade_schemes, unit_profiles, unit_profile_collaborators, customer_viewers, roles, "
    "activities, activity_collaborators, activity_records, "
    "role_assignments, access_grants, access_requests, role_rules, exchange_rates, "
    "number_patterns, number_counters, tax_rates, "
    "tasks, task_records, pipelines, stages, deals, deal_collaborators, deal_contacts, "
    "stage_stays, quotas, product_categories, products, orders, order_products, "
    "shipments, returns, receipts, receipt_orders, price_books, price_entries, "
    "agents, agent_loads, queues, queue_members, routing_rules, "
    "ticket_statuses, tickets, ticket_tags, ticket_followers, ticket_copies, ticket_messages, "
    "sla_policies, sla_events, "
    "macros, channels, rating_policies, ratings, rating_links, rating_turns"
)


@pytest.fixture(scope="module", autouse=True)
async def crowded(admin: "Admin[Any]") -> None:
    """Twenty tenants with a thousand rows each."""
    for sql in (*MANY, ANALYZE):
        await admin.execute(sql)


def lists() -> Iterator[tuple[type[ListQuery], type[Read]]]:
    """Every collection of the API, and the views that it offers."""
    for route in (route for route in ROUTES if isinstance(route, DirectRoute)):
        for query in (asked.query for asked in route.queries):
            if issubclass(query, ListQuery):
                yield query, _full(route.response_model)
                yield from ((query, view) for view in query.views.values())


def _full(answer: Any) -> type[Read]:
    """What a page of the full view holds; the page may be one of several."""
    pages = getattr(answer, "__value__", answer)
    shape = next(iter(get_args(pages)), pages)
    full: type[Read] = get_args(shape.model_fields["data"].annotation)[0]
    return full


def pages() -> Iterator[Any]:
    """Each collection in each order, first and later; then filtered by each parameter."""
    for query, read in lists():
        asked = query()
        default = dict(asked.asked())
        name = read.__name__
        for sort in get_args(get_args(query.model_fields["sort"].annotation)[0]):
            keys = query.model_validate({"sort": [sort]}).sort_keys()
            for later in (False, True):
                statement = page(read, query, tuple(default.items()), keys, later)
                yield pytest.param(statement, id=f"{name} by {sort}{' later' * later}")
        for one_filter, mark in filters(query).items():
            if isinstance(mark, OneOf):
                continue  # as its values are in the SQL, test_costs.py asks for each
            several = query.model_fields[one_filter].default == []
            used = tuple({**default, one_filter: several}.items())
            statement = page(read, query, used, asked.sort_keys(), False)
            yield pytest.param(statement, id=f"{name} where {one_filter}")


@pytest.mark.parametrize("statement", list(pages()))
async def test_a_list_walks_an_index(statement: Statement, house: House) -> None:
    check(await plan(house, statement.sql))


SOMEBODY = UUID(int=1)
REACHED = (
    "customers",
    "unit_profiles",
    "activities",
    "tasks",
    "access_grants",
    "access_requests",
    "deals",
    "orders",
    "shipments",
    "returns",
    "receipts",
    "quotas",
    "tickets",
    "ratings",
)
RIGHTS = ("customers:write", *(f"{noun}:read" for noun in REACHED))
VIEWERS = dict.fromkeys(RIGHTS, frozenset({SOMEBODY}))
NARROWER = {
    "viewers": Reach(True, VIEWERS),
    "a unit": Reach(within=frozenset({SOMEBODY})),
    "viewers in a unit": Reach(True, VIEWERS, within=frozenset({SOMEBODY})),
}


NOBODYS = Tenant(SOMEBODY, "", False, "", "", "", (), frozenset())


def narrower_pages() -> Iterator[Any]:
    """The same for who does not see all, and for a request that is for one unit."""
    for name, reach in NARROWER.items():
        actor = Actor(SOMEBODY, NOBODYS, frozenset(RIGHTS), user_id=SOMEBODY, reach=reach)
        for query, read in lists():
            if seen := seen_by(actor, read.table):
                used = (*query().asked(), ("seen", seen))
                yield pytest.param(
                    page(read, query, used, query().sort_keys(), True),
                    id=f"{read.__name__} for {name}",
                )


@pytest.mark.parametrize("statement", list(narrower_pages()))
async def test_a_list_for_who_sees_not_all_walks_an_index(
    statement: Statement, house: House
) -> None:
    check(await plan(house, statement.sql))


@pytest.mark.parametrize("reach", [Reach(), *NARROWER.values()], ids=["all", *NARROWER])
async def test_an_overview_finds_its_parts_by_indexes(reach: Reach, house: House) -> None:
    actor = Actor(SOMEBODY, NOBODYS, frozenset("*"), user_id=SOMEBODY, reach=reach)
    statement = overview(seen_by(actor, CustomerRead.table), sights_of(actor))
    check(await plan(house, statement.sql))


SEES_SOME = seen_by(
    Actor(SOMEBODY, NOBODYS, frozenset(RIGHTS), reach=NARROWER["viewers"]), CustomerRead.table
)


def of_stays(statement: ClauseElement) -> str:
    return str(statement.compile(dialect=DIALECT))


HAVING = having(table_of(ORDER.model))


def of_activities(sql: str) -> str:
    return str(text(sql.format(table="activities")).compile(dialect=DIALECT))


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param(one_of(CustomerRead).sql, id="by id"),
        pytest.param(many(CustomerRead).sql, id="by ids"),
        pytest.param(one_of(CustomerRead, owner_of("customer")).sql, id="by external id"),
        pytest.param(expansion(CustomerRead, ("parent.parent",)).sql, id="expanded"),
        pytest.param(BY_DIGEST, id="by key"),
        pytest.param(BY_ID, id="by a key's id"),
        pytest.param(lookup(ACTING), id="by issuer"),
        pytest.param(one_of(GradeSchemeRead, IN_FORCE).sql, id="the grade scheme in force"),
        pytest.param(one_of(UnitProfileRead, BY_UNIT).sql, id="the profile of a unit"),
        pytest.param(
            expansion(UnitProfileRead, ("customer.parent",)).sql, id="a profile's customer"
        ),
        pytest.param(
            one_of(ActivityRead, owner_of("activity")).sql, id="an activity by external id"
        ),
        pytest.param(
            expansion(ActivityRead, ("contact", "customer.parent")).sql, id="an activity's customer"
        ),
        pytest.param(one_of(OrderRead, owner_of("order")).sql, id="an order by external id"),
        pytest.param(expansion(OrderRead, ("customer.parent",)).sql, id="an order's customer"),
        pytest.param(one_of(ReceiptRead, owner_of("receipt")).sql, id="a receipt by external id"),
        pytest.param(expansion(ReceiptRead, ("customer.parent",)).sql, id="a receipt's customer"),
        pytest.param(one_of(TicketRead, owner_of("ticket")).sql, id="a ticket by external id"),
        pytest.param(
            expansion(TicketRead, ("requester", "status", "recent_orders", "open_tickets")).sql,
            id="what stands beside a ticket",
        ),
        pytest.param(str(TURN.compile(dialect=DIALECT)), id="whose turn it is to be asked"),
        pytest.param(str(OF_RESOLUTION.compile(dialect=DIALECT)), id="the rating of a resolution"),
        pytest.param(str(OF_UNIT.compile(dialect=DIALECT)), id="the rating policy of a unit"),
        pytest.param(FIND.sql, id="what a link leads to"),
        pytest.param(satisfaction(tuple(EVERY), "month", (), None).sql, id="satisfaction"),
        pytest.param(str(HEIR.compile(dialect=DIALECT)), id="the ticket that goes on"),
        pytest.param(str(KNOWN.compile(dialect=DIALECT)), id="a message of a channel"),
        *(
            pytest.param(str(asked.compile(dialect=DIALECT)), id=name)
            for name, asked in {
                "who is found by a contact point": FOUND,
                "who wrote from an address": WROTE,
                "the ticket of messages": OF_MESSAGES,
                "a ticket that is mentioned": MENTIONED,
                "a ticket that goes on": GOES_ON,
                "what leaves": LEAVING,
                "who is told that something has arrived": TO_ACKNOWLEDGE,
            }.items()
        ),
        pytest.param(str(MERGED.compile(dialect=DIALECT)), id="what is merged into a ticket"),
        pytest.param(
            page(
                TicketMessageRead, MessagesOf, (("ticket_id", False),), ("created_at",), False
            ).sql,
            id="what was said about a ticket and those that were merged into it",
        ),
        pytest.param(of_activities(LAST), id="the last contact"),
        pytest.param(of_activities(JUDGED), id="what is due though it is past"),
        pytest.param(str(OF_LIVE.compile(dialect=DIALECT)), id="profiles of live customers"),
        pytest.param(all_below(table_of(ProductCategory)).sql, id="categories below others"),
        pytest.param(
            one_of(ShipmentRead, owner_of("shipment")).sql, id="a shipment by external id"
        ),
        pytest.param(
            expansion(ShipmentRead, ("order", "customer")).sql, id="a shipment's order and customer"
        ),
        pytest.param(
            expansion(ReturnRead, ("order", "customer")).sql, id="a return's order and customer"
        ),
        pytest.param(
            str(OF_ORDER.compile(dialect=DIALECT)), id="what waits to be sent of an order"
        ),
        pytest.param(LINES_ABOVE.sql, id="the lines above units"),
        pytest.param(str(OF_UNITS.compile(dialect=DIALECT)), id="how units number"),
        pytest.param(str(TAKE.compile(dialect=DIALECT)), id="the next numbers"),
        pytest.param(TAXES.sql, id="the tax rates in force"),
        pytest.param(of_stays(POLICIES), id="the SLA policies in force"),
        pytest.param(
            str(having(table_of(ORDER.model)).compile(dialect=DIALECT)),
            id="orders that have a number",
        ),
        pytest.param(resolved(None).sql, id="whom keys mean"),
        pytest.param(resolved(SEES_SOME, SEES_SOME).sql, id="whom keys mean, to who sees not all"),
    ],
)
async def test_a_look_up_uses_an_index(sql: str, house: House) -> None:
    check(await plan(house, sql))


PROFILES = table_of(UnitProfile)
CREDIT = (PROFILES.c.credit_limit, PROFILES.c.credit_currency)
EACH_CREDIT = worth(*CREDIT, bindparam("day", type_=Date()))
ALL_CREDIT = select(func.sum(EACH_CREDIT)).where(PROFILES.c.tenant_id == TENANT)
ON_A_DAY = (("in_force_on", True),)
RATES = {
    "of a pair": RATE_IN_FORCE,
    "of many records": in_tenant(
        ALL_CREDIT.where(PROFILES.c.tenant_id == TENANT).scalar_subquery()
    ),
    "of all pairs": page(ExchangeRateRead, ExchangeRateQuery, ON_A_DAY, ("-valid_from_on",), False),
}
BY_DAY = (
    "uq_exchange_rates_currency_base_currency_valid_from_on on exchange_rates \\w+\n"
    ".*currency = .*base_currency = .*valid_from_on <= "
)


@pytest.mark.parametrize("asked", RATES)
async def test_a_rate_is_found_by_its_pair_and_the_day(asked: str, house: House) -> None:
    found = await plan(house, RATES[asked].sql)
    check(found)
    assert len(re.findall(BY_DAY, found)) == 1, found
    assert set(re.findall("(\\w+) on exchange_rates", found)) == {BY_DAY.partition(" ")[0]}, found


def belonging() -> Iterator[Any]:
    """What a handover asks of every noun, by every role that a user has in it."""
    for name, of, role in every():
        asked = {"counted": counted(of, role, None), "next": next_ids(of, role, None, 250)}
        asked |= {"live": live(of)} | ({"held": held(of, of.of)} if of.of is not None else {})
        for what, statement in asked.items():
            yield pytest.param(str(statement.compile(dialect=DIALECT)), id=f"{name} {what}")


@pytest.mark.parametrize("sql", list(belonging()))
async def test_what_belongs_to_a_user_is_found_by_an_index(sql: str, house: House) -> None:
    found = await plan(house, sql)
    check(found)
    assert "Filter: (ROW" not in found, "what was done before is read again"


async def plan(house: House, sql: str) -> str:
    places = {f"${n}" for n in range(1, sql.count("$") + 1)}
    nothing = ", ".join("NULL" for place in places if place in sql)
    name = f"asked_{uuid4().hex}"
    async with house.pool.line() as line:
        await line.driver.execute(f"PREPARE {name} AS {sql}")
        rows = await line.driver.fetch(f"EXPLAIN (COSTS OFF) EXECUTE {name}({nothing})")
        await line.driver.execute(f"DEALLOCATE {name}")
    return "\n".join(row[0] for row in rows)


def check(plan: str) -> None:
    assert "Seq Scan" not in plan, plan
    assert "Index" in plan or "Function Scan on search" in plan, plan
