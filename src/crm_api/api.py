"""The table of contents: every noun, every router and every subscription, one line each."""

from crm_api.features.billing.receipts import resource as receipts_resource
from crm_api.features.billing.receipts import router as receipts
from crm_api.features.bulk import jobs as bulk_jobs
from crm_api.features.bulk import router as bulk
from crm_api.features.catalogue.price_books import resource as price_books_resource
from crm_api.features.catalogue.price_books import router as price_books
from crm_api.features.catalogue.price_entries import resource as price_entries_resource
from crm_api.features.catalogue.price_entries import router as price_entries
from crm_api.features.catalogue.prices import router as prices
from crm_api.features.catalogue.product_categories import resource as product_categories_resource
from crm_api.features.catalogue.product_categories import router as product_categories
from crm_api.features.catalogue.products import resource as products_resource
from crm_api.features.catalogue.products import router as products
from crm_api.features.catalogue.tax_rates import resource as tax_rates_resource
from crm_api.features.catalogue.tax_rates import router as tax_rates
from crm_api.features.customers import resource as customers_resource
from crm_api.features.customers import router as customers
from crm_api.features.desk.agents import handlers as agents_handlers
from crm_api.features.desk.agents import resource as agents_resource
from crm_api.features.desk.agents import router as agents
from crm_api.features.desk.assigning import handlers as assigning_handlers
from crm_api.features.desk.assigning import router as assigning
from crm_api.features.desk.channels import resource as channels_resource
from crm_api.features.desk.channels import router as channels
from crm_api.features.desk.clocks import router as clocks
from crm_api.features.desk.handling import router as handling
from crm_api.features.desk.inbound import router as inbound
from crm_api.features.desk.macros import resource as macros_resource
from crm_api.features.desk.macros import router as macros
from crm_api.features.desk.messages import resource as messages_resource
from crm_api.features.desk.messages import router as messages
from crm_api.features.desk.outbound import handlers as outbound_handlers
from crm_api.features.desk.queues import resource as queues_resource
from crm_api.features.desk.queues import router as queues
from crm_api.features.desk.rating_links import router as rating_links
from crm_api.features.desk.rating_policies import resource as rating_policies_resource
from crm_api.features.desk.rating_policies import router as rating_policies
from crm_api.features.desk.ratings import handlers as ratings_handlers
from crm_api.features.desk.ratings import resource as ratings_resource
from crm_api.features.desk.ratings import router as ratings
from crm_api.features.desk.routing import router as routing
from crm_api.features.desk.routing_rules import resource as routing_rules_resource
from crm_api.features.desk.routing_rules import router as routing_rules
from crm_api.features.desk.satisfaction import router as satisfaction
from crm_api.features.desk.service_levels import handlers as service_levels_handlers
from crm_api.features.desk.service_levels import router as service_levels
from crm_api.features.desk.sla_policies import resource as sla_policies_resource
from crm_api.features.desk.sla_policies import router as sla_policies
from crm_api.features.desk.ticket_statuses import resource as ticket_statuses_resource
from crm_api.features.desk.ticket_statuses import router as ticket_statuses
from crm_api.features.desk.tickets import resource as tickets_resource
from crm_api.features.desk.tickets import router as tickets
from crm_api.features.desk.ties import router as ties
from crm_api.features.exports import jobs as exports_jobs
from crm_api.features.exports import router as exports
from crm_api.features.follow_ups.activities import resource as activities_resource
from crm_api.features.follow_ups.activities import router as activities
from crm_api.features.follow_ups.tasks import resource as tasks_resource
from crm_api.features.follow_ups.tasks import router as tasks
from crm_api.features.imports import jobs as imports_jobs
from crm_api.features.imports import router as imports
from crm_api.features.overviews import router as overviews
from crm_api.features.pipeline.deals import resource as deals_resource
from crm_api.features.pipeline.deals import router as deals
from crm_api.features.pipeline.forecasts import router as forecasts
from crm_api.features.pipeline.funnels import router as funnels
from crm_api.features.pipeline.moves import handlers as moves_handlers
from crm_api.features.pipeline.moves import router as moves
from crm_api.features.pipeline.pipelines import resource as pipelines_resource
from crm_api.features.pipeline.pipelines import router as pipelines
from crm_api.features.pipeline.quotas import resource as quotas_resource
from crm_api.features.pipeline.quotas import router as quotas
from crm_api.features.profiles.grade_schemes import resource as grade_schemes_resource
from crm_api.features.profiles.grade_schemes import router as grade_schemes
from crm_api.features.profiles.unit_profiles import handlers as unit_profiles_handlers
from crm_api.features.profiles.unit_profiles import resource as unit_profiles_resource
from crm_api.features.profiles.unit_profiles import router as unit_profiles
from crm_api.features.sharing.access_grants import resource as access_grants_resource
from crm_api.features.sharing.access_grants import router as access_grants
from crm_api.features.sharing.access_requests import resource as access_requests_resource
from crm_api.features.sharing.access_requests import router as access_requests
from crm_api.features.sharing.resolutions import router as resolutions
from crm_api.features.snapshots import jobs as snapshots_jobs
from crm_api.features.snapshots import router as snapshots
from crm_api.features.trade.orders import handlers as orders_handlers
from crm_api.features.trade.orders import resource as orders_resource
from crm_api.features.trade.orders import router as orders
from crm_api.features.trade.returns import resource as returns_resource
from crm_api.features.trade.returns import router as returns
from crm_api.features.trade.shipments import handlers as shipments_handlers
from crm_api.features.trade.shipments import resource as shipments_resource
from crm_api.features.trade.shipments import router as shipments
from crm_api.features.trade.steps import router as steps
from crm_api.kit.events import Subscriptions
from crm_api.platform.access import resource as access_resource
from crm_api.platform.access import router as access
from crm_api.platform.audit import router as audit
from crm_api.platform.business_units import handlers as business_units_handlers
from crm_api.platform.business_units import resource as business_units_resource
from crm_api.platform.business_units import router as business_units
from crm_api.platform.calendars import resource as calendars_resource
from crm_api.platform.calendars import router as calendars
from crm_api.platform.custom_fields import resource as custom_fields_resource
from crm_api.platform.custom_fields import router as custom_fields
from crm_api.platform.exchange_rates import resource as exchange_rates_resource
from crm_api.platform.exchange_rates import router as exchange_rates
from crm_api.platform.filter_fields import router as filter_fields
from crm_api.platform.handovers import jobs as handovers_jobs
from crm_api.platform.handovers import router as handovers
from crm_api.platform.identity_providers import resource as identity_providers_resource
from crm_api.platform.identity_providers import router as identity_providers
from crm_api.platform.jobs import resource as jobs_resource
from crm_api.platform.jobs import router as jobs_router
from crm_api.platform.jobs.registry import Jobs
from crm_api.platform.journal import router as journal
from crm_api.platform.legal_entities import resource as legal_entities_resource
from crm_api.platform.legal_entities import router as legal_entities
from crm_api.platform.limits import router as limits
from crm_api.platform.number_patterns import resource as number_patterns_resource
from crm_api.platform.number_patterns import router as number_patterns
from crm_api.platform.organization import resource as organization_resource
from crm_api.platform.organization import router as organization
from crm_api.platform.role_assignments import handlers as role_assignments_handlers
from crm_api.platform.role_assignments import resource as role_assignments_resource
from crm_api.platform.role_assignments import router as role_assignments
from crm_api.platform.role_rules import resource as role_rules_resource
from crm_api.platform.role_rules import router as role_rules
from crm_api.platform.roles import resource as roles_resource
from crm_api.platform.roles import router as roles
from crm_api.platform.sandbox import router as sandbox
from crm_api.platform.state_machines import router as state_machines
from crm_api.platform.teams import resource as teams_resource
from crm_api.platform.teams import router as teams
from crm_api.platform.users import resource as users_resource
from crm_api.platform.users import router as users
from crm_api.platform.views import resource as views_resource
from crm_api.platform.views import router as views
from crm_api.platform.webhook_deliveries import handlers as webhook_deliveries_handlers
from crm_api.platform.webhook_deliveries import jobs as webhook_deliveries_jobs
from crm_api.platform.webhook_deliveries import resource as webhook_deliveries_resource
from crm_api.platform.webhook_deliveries import router as webhook_deliveries
from crm_api.platform.webhook_endpoints import handlers as webhook_endpoints_handlers
from crm_api.platform.webhook_endpoints import resource as webhook_endpoints_resource
from crm_api.platform.webhook_endpoints import router as webhook_endpoints

resources = [
    organization_resource.TENANT,
    legal_entities_resource.LEGAL_ENTITY,
    business_units_resource.BUSINESS_UNIT,
    access_resource.API_KEY,
    identity_providers_resource.IDENTITY_PROVIDER,
    identity_providers_resource.SUBJECT,
    users_resource.USER,
    teams_resource.TEAM,
    roles_resource.ROLE,
    role_assignments_resource.ROLE_ASSIGNMENT,
    role_rules_resource.ROLE_RULE,
    custom_fields_resource.CUSTOM_FIELD,
    jobs_resource.JOB,
    calendars_resource.BUSINESS_CALENDAR,
    exchange_rates_resource.EXCHANGE_RATE,
    number_patterns_resource.NUMBER_PATTERN,
    views_resource.VIEW,
    customers_resource.CUSTOMER,
    grade_schemes_resource.GRADE_SCHEME,
    unit_profiles_resource.UNIT_PROFILE,
    access_grants_resource.ACCESS_GRANT,
    access_requests_resource.ACCESS_REQUEST,
    tax_rates_resource.TAX_RATE,
    activities_resource.ACTIVITY,
    product_categories_resource.PRODUCT_CATEGORY,
    products_resource.PRODUCT,
    price_books_resource.PRICE_BOOK,
    price_entries_resource.PRICE_ENTRY,
    pipelines_resource.PIPELINE,
    deals_resource.DEAL,
    quotas_resource.QUOTA,
    orders_resource.ORDER,
    receipts_resource.RECEIPT,
    shipments_resource.SHIPMENT,
    returns_resource.RETURN,
    ticket_statuses_resource.TICKET_STATUS,
    tickets_resource.TICKET,
    messages_resource.TICKET_MESSAGE,
    macros_resource.MACRO,
    channels_resource.CHANNEL,
    tasks_resource.TASK,
    agents_resource.AGENT,
    queues_resource.QUEUE,
    routing_rules_resource.ROUTING_RULE,
    sla_policies_resource.SLA_POLICY,
    rating_policies_resource.RATING_POLICY,
    ratings_resource.RATING,
    webhook_endpoints_resource.WEBHOOK_ENDPOINT,
    webhook_deliveries_resource.WEBHOOK_DELIVERY,
]

routers = [
    access.me,
    access.access,
    limits.router,
    access.router,
    identity_providers.router,
    identity_providers.subjects,
    users.router,
    handovers.router,
    audit.history(users_resource.USER, "users", "users:read"),
    teams.router,
    audit.history(teams_resource.TEAM, "teams", "teams:read"),
    roles.router,
    audit.history(roles_resource.ROLE, "roles", "roles:read"),
    role_assignments.router,
    role_rules.router,
    organization.router,
    legal_entities.router,
    audit.history(legal_entities_resource.LEGAL_ENTITY, "legal-entities", "legal_entities:read"),
    business_units.router,
    audit.history(business_units_resource.BUSINESS_UNIT, "business-units", "business_units:read"),
    sandbox.router,
    calendars.router,
    exchange_rates.router,
    audit.history(exchange_rates_resource.EXCHANGE_RATE, "exchange-rates", "exchange_rates:read"),
    number_patterns.router,
    audit.history(
        number_patterns_resource.NUMBER_PATTERN, "number-patterns", "number_patterns:read"
    ),
    custom_fields.router,
    customers.router,
    filter_fields.router,
    state_machines.router,
    views.router,
    customers.by_external_ids,
    overviews.router,
    bulk.router,
    grade_schemes.router,
    audit.history(grade_schemes_resource.GRADE_SCHEME, "grade-schemes", "grade_schemes:read"),
    unit_profiles.router,
    unit_profiles.of_customers,
    audit.history(unit_profiles_resource.UNIT_PROFILE, "unit-profiles", "unit_profiles:read"),
    resolutions.router,
    access_requests.router,
    audit.history(
        access_requests_resource.ACCESS_REQUEST, "access-requests", "access_requests:read"
    ),
    access_grants.router,
    audit.history(access_grants_resource.ACCESS_GRANT, "access-grants", "access_grants:read"),
    tax_rates.router,
    audit.history(tax_rates_resource.TAX_RATE, "tax-rates", "tax_rates:read"),
    activities.router,
    activities.by_external_ids,
    audit.history(activities_resource.ACTIVITY, "activities", "activities:read"),
    product_categories.router,
    audit.history(
        product_categories_resource.PRODUCT_CATEGORY,
        "product-categories",
        "product_categories:read",
    ),
    products.router,
    products.by_external_ids,
    audit.history(products_resource.PRODUCT, "products", "products:read"),
    price_books.router,
    audit.history(price_books_resource.PRICE_BOOK, "price-books", "price_books:read"),
    price_entries.router,
    audit.history(price_entries_resource.PRICE_ENTRY, "price-entries", "price_books:read"),
    prices.router,
    pipelines.router,
    audit.history(pipelines_resource.PIPELINE, "pipelines", "pipelines:read"),
    deals.router,
    deals.by_external_ids,
    moves.router,
    funnels.router,
    forecasts.router,
    quotas.router,
    audit.history(quotas_resource.QUOTA, "quotas", "quotas:read"),
    audit.history(deals_resource.DEAL, "deals", "deals:read"),
    orders.router,
    orders.by_external_ids,
    steps.router,
    audit.history(orders_resource.ORDER, "orders", "orders:read"),
    receipts.router,
    receipts.by_external_ids,
    audit.history(receipts_resource.RECEIPT, "receipts", "receipts:read"),
    shipments.router,
    shipments.by_external_ids,
    audit.history(shipments_resource.SHIPMENT, "shipments", "shipments:read"),
    returns.router,
    audit.history(returns_resource.RETURN, "returns", "returns:read"),
    ticket_statuses.router,
    audit.history(
        ticket_statuses_resource.TICKET_STATUS, "ticket-statuses", "ticket_statuses:read"
    ),
    tickets.router,
    tickets.by_external_ids,
    handling.router,
    service_levels.router,
    service_levels.policies,
    assigning.router,
    messages.router,
    messages.of_tickets,
    ties.router,
    macros.router,
    macros.of_tickets,
    audit.history(macros_resource.MACRO, "macros", "macros:read"),
    audit.history(tickets_resource.TICKET, "tickets", "tickets:read"),
    channels.router,
    inbound.router,
    audit.history(channels_resource.CHANNEL, "channels", "channels:read"),
    tasks.router,
    tasks.by_external_ids,
    audit.history(tasks_resource.TASK, "tasks", "tasks:read"),
    agents.router,
    audit.history(agents_resource.AGENT, "agents", "agents:read"),
    queues.router,
    audit.history(queues_resource.QUEUE, "queues", "queues:read"),
    routing.router,
    routing_rules.router,
    audit.history(routing_rules_resource.ROUTING_RULE, "routing-rules", "routing_rules:read"),
    sla_policies.router,
    clocks.router,
    audit.history(sla_policies_resource.SLA_POLICY, "sla-policies", "sla_policies:read"),
    rating_policies.router,
    audit.history(
        rating_policies_resource.RATING_POLICY, "rating-policies", "rating_policies:read"
    ),
    ratings.router,
    ratings.of_tickets,
    rating_links.router,
    satisfaction.router,
    audit.history(ratings_resource.RATING, "ratings", "ratings:read"),
    journal.router,
    audit.history(customers_resource.CUSTOMER, "customers", "customers:read"),
    audit.history(custom_fields_resource.CUSTOM_FIELD, "custom-fields", "custom_fields:read"),
    audit.router,
    jobs_router.router,
    webhook_endpoints.router,
    webhook_deliveries.router,
    exports.router,
    snapshots.router,
    imports.router,
]

subscriptions = Subscriptions(
    business_units_handlers.subscriptions,
    role_assignments_handlers.subscriptions,
    unit_profiles_handlers.subscriptions,
    moves_handlers.subscriptions,
    orders_handlers.subscriptions,
    shipments_handlers.subscriptions,
    agents_handlers.subscriptions,
    outbound_handlers.subscriptions,
    ratings_handlers.subscriptions,
    assigning_handlers.subscriptions,
    service_levels_handlers.subscriptions,
    webhook_endpoints_handlers.subscriptions,
    webhook_deliveries_handlers.subscriptions,
)
jobs = Jobs(
    handovers_jobs.work,
    webhook_deliveries_jobs.work,
    exports_jobs.work,
    snapshots_jobs.work,
    imports_jobs.work,
    bulk_jobs.work,
)

TAGS = {
    "access": "Who calls: keys, providers whose tokens are accepted, and what you may do and use.",
    "users": "Who works in the group and where, who comes with which token, and who takes over.",
    "teams": "Users who work together, within a unit or across units.",
    "roles": "What users may do, and with whose records: roles, and who holds them by what.",
    "tenant": "The group company that a key belongs to, and what it has settled for itself.",
    "legal-entities": "The companies of the group, as registers know them.",
    "business-units": "Subsidiaries, regions, branches, shops: a tree that can be asked by date.",
    "sandbox": "A tenant to try things in: its clock can be advanced.",
    "calendars": "When people work: holidays, make-up workdays, and the arithmetic of due dates.",
    "exchange-rates": "What currencies are worth in the tenant's own, from day to day.",
    "number-patterns": "How orders, shipments and other documents are numbered, unit by unit.",
    "custom-fields": "Fields that a tenant defines itself; records carry their values in `custom`.",
    "customers": "Persons and organizations that the group does business with: one golden record.",
    "unit-profiles": "What each business unit knows and decides about a customer.",
    "grade-schemes": "Which grades business units may give to their customers.",
    "access-requests": "Customers of others: which unit asks for one, and who decides.",
    "access-grants": "Which units see customers of others, on what terms, and until when.",
    "tax-rates": "What classes of goods are taxed with, where, and from when until when.",
    "activities": "What was and will be done with customers, and whom to contact again, and when.",
    "product-categories": "Where products belong: a tree of the group's own.",
    "products": "What is sold: goods, services and subscriptions, and what they cost.",
    "price-books": "For whom there are which prices: books of a currency, with rules.",
    "price-entries": "What products cost in price books, from quantities and days on.",
    "prices": "What lines cost a customer, and why.",
    "pipelines": "The ways that deals go, stage by stage, and why they are lost.",
    "deals": "Sales that may come about: with whom, for how much, and how far each of them is.",
    "orders": "What customers have ordered, what it comes to, and how far each order is.",
    "receipts": "Money that came in from customers, and which orders it pays for.",
    "shipments": "What is sent of orders, how far it is, and whether customers have accepted it.",
    "returns": "What customers give back, what of it has arrived, and what that bears of orders.",
    "channels": "The ways on which messages of customers come in, and answers leave.",
    "forecasts": "What open deals may bring, beside what was won and what was to be won.",
    "quotas": "What is to be won, by whom and where, period by period.",
    "ticket-statuses": "What a tenant calls how far tickets are.",
    "macros": "What is done to tickets again and again, in one step.",
    "tickets": "What customers want of the service desk, how far it is, and by when.",
    "tasks": "What somebody has to do by a time, once or again and again, with reminders.",
    "agents": "Who answers tickets, what they can do, and who of them is there.",
    "queues": "Where tickets wait for one of several agents, and who of them is given one.",
    "routing-rules": "Which tickets go to which queue, and what it takes to answer them.",
    "sla-policies": "How soon tickets are to be answered and resolved, and in whose hours.",
    "rating-policies": "Which customers are asked how satisfied they are, when, and how often.",
    "ratings": "How satisfied customers are with what was done for them, and who should be called.",
    "filters": "What may be asked about the records of a collection.",
    "state-machines": "Which states records may have, and what leads from one to another.",
    "jobs": "Work that goes on after its request: how far it is, and what it has made.",
    "webhooks": "Where events are sent to, and what became of them.",
    "events": "What becomes of records, to be followed by programs: a feed of facts.",
    "audit": "What happened: every change, who made it, and what it changed.",
}

DESCRIPTION = """\
Customers of a group company, as one golden record, for front ends and for the systems around them.

Every answer of the application that is not 2xx or 3xx is a problem document (RFC 9457): decide by
its `code`, show its `detail`. Lists are pages: follow `next_cursor` until it is null. Every record
has a `version` and an `ETag`; send it back in `If-Match` and nobody overwrites what he has not
seen. Unknown fields and parameters are refused, so that a typing error never goes unseen.

Answers may gain fields, and values listed as `x-extensible-enum` may gain others: pass over what
you do not know. `openapi/COMPATIBILITY.md` says what may change inside `/v1` and what never does.
Where a field has an `x-state-machine`, that says which operations lead from one of its values to
another; `GET /v1/state-machines` says it too, with words for people.
"""
