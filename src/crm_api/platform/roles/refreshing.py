"""Roles that came with the product, brought to what this release says of them: for migrations.

A release that gives a built-in role something calls `refresh(op.get_bind())` in its revision. What
is as it should be is left alone, so it may run again.
"""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert

from crm_api.kit.ids import uuid7

from . import built_in

FOR_TENANT = sa.text("SELECT set_config('app.tenant', :tenant, true)")
TENANTS = sa.text("SELECT tenant_id FROM tenants ORDER BY tenant_id")
LANGUAGES = sa.text("SELECT languages FROM tenant_settings WHERE tenant_id = :tenant")
SAID = ("name", "description", "permissions", "masked", "fields")
ROLES = sa.table(
    "roles",
    *(sa.column(name) for name in ("tenant_id", "id", "code", "name", "description", "masked")),
    *(sa.column(name, JSONB()) for name in ("permissions", "fields")),
    *(sa.column(name) for name in ("version", "created_at", "updated_at")),
)
NOW = sa.func.date_trunc("milliseconds", sa.func.now())


def refresh(bind: sa.Connection) -> None:
    """All tenants' built-in roles; those that are new are made. What a later revision is about to
    add to roles is left out."""
    there = {column["name"] for column in sa.inspect(bind).get_columns(ROLES.name)}
    said = [name for name in SAID if name in there]
    for tenant in bind.execute(TENANTS).scalars().all():
        bind.execute(FOR_TENANT, {"tenant": str(tenant)})
        languages = bind.execute(LANGUAGES, {"tenant": tenant}).scalar_one_or_none()
        for role in built_in.roles(languages or ()):
            bind.execute(_put(tenant, role["code"], {name: role[name] for name in said}))


def _put(tenant: UUID, code: str, said: dict[str, Any]) -> sa.Executable:
    known = {"tenant_id": tenant, "id": uuid7(), "code": code}
    made = {**known, "created_at": NOW, "updated_at": NOW, **said}
    put = insert(ROLES).values(made)
    differs = sa.or_(*(ROLES.c[name].is_distinct_from(put.excluded[name]) for name in said))
    return put.on_conflict_do_update(
        index_elements=["tenant_id", "code"],
        index_where=sa.text("code IS NOT NULL"),
        set_={
            **{name: put.excluded[name] for name in said},
            "version": ROLES.c.version + 1,
            "updated_at": put.excluded.updated_at,
        },
        where=differs,
    )
