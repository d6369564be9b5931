"""What a tenant has settled, as SQL for those who learn with one question who calls and for whom:
`Tenant.of` takes the columns."""

SETTLED = """t.kind, t.suspended_at IS NOT NULL AS suspended, t.rate_limit, s.tenant_id, s.name,
           s.base_currency, s.time_zone, s.phone_region, s.languages, s.allowed_origins,
           s.clock_advanced_seconds, s.tells_known_to_group, s.reopen_days"""
OF_TENANT = """JOIN tenants t ON t.tenant_id = {of}.tenant_id
    JOIN tenant_settings s ON s.tenant_id = {of}.tenant_id"""
