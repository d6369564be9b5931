"""SQL over definitions, and over the tables of the nouns that carry values."""

from functools import lru_cache
from typing import Any

from sqlalchemy import text

from crm_api.kit.db import table_of
from crm_api.kit.resource import declared

from .models import CustomField

FIELDS = table_of(CustomField)
LEFT = text(
    "WITH found AS (DELETE FROM custom_values WHERE tenant_id = :tenant AND field_id = :field), "
    "sole AS (DELETE FROM custom_uniques "
    "WHERE tenant_id = :tenant AND resource = :resource AND key = :key) SELECT 1"
)


@lru_cache
def removal(noun: str) -> Any:
    """Records are locked in the order of their ids, as all who lock several do."""
    table = declared[noun].collection
    return text(
        f"WITH chosen AS (SELECT id FROM {table} WHERE tenant_id = :tenant AND custom ? :key "
        "ORDER BY id LIMIT :most FOR NO KEY UPDATE), "
        f"cleared AS (UPDATE {table} t SET custom = t.custom - CAST(:key AS text) FROM chosen "
        "WHERE t.tenant_id = :tenant AND t.id = chosen.id RETURNING t.id), "
        "found AS (DELETE FROM custom_values v USING cleared "
        "WHERE v.tenant_id = :tenant AND v.field_id = :field AND v.object_id = cleared.id) "
        "SELECT count(*) FROM cleared"
    )
