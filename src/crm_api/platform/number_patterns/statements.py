"""The next numbers of counters, and those that documents have already."""

from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Date,
    Select,
    Table,
    Text,
    Uuid,
    bindparam,
    func,
    select,
    text,
)

from crm_api.kit.statement import TENANT

# A number follows all that were given in its period, also of a counter that went on for longer or
# shorter, before the pattern restarted as it does now.
TAKE = text("""
WITH sent AS (
  SELECT * FROM unnest(:forms, :begins, :ends, :days, :counts)
  AS sent(form, begins_on, ends_on, day, count)
)
INSERT INTO number_counters AS known (tenant_id, noun, form, begins_on, taken_on, taken, last)
SELECT :tenant, :noun, form, begins_on, day, count, count + coalesce((
  SELECT max(last) FROM number_counters same
  WHERE same.tenant_id = :tenant AND same.noun = :noun AND same.form = sent.form
  AND same.taken_on >= sent.begins_on AND same.taken_on < sent.ends_on), 0)
FROM sent ORDER BY form, begins_on
ON CONFLICT (tenant_id, noun, form, begins_on) DO UPDATE SET
  taken_on = excluded.taken_on, taken = excluded.taken,
  last = greatest(known.last, excluded.last - excluded.taken) + excluded.taken
RETURNING form, begins_on, last - taken AS before""").bindparams(
    bindparam("noun", type_=Text()),
    bindparam("forms", type_=ARRAY(Text())),
    *(bindparam(name, type_=ARRAY(Date())) for name in ("begins", "ends", "days")),
    bindparam("counts", type_=ARRAY(BigInteger())),
)


@lru_cache
def having(table: Table) -> Select[Any]:
    """The numbers of documents that have one of these in one of these units."""
    asked = func.unnest(
        bindparam("units", type_=ARRAY(Uuid())), bindparam("numbers", type_=ARRAY(Text()))
    )
    sent = asked.table_valued("unit", "number", name="sent").render_derived()
    same = (table.c.number == sent.c.number, table.c.business_unit_id == sent.c.unit)
    return select(table.c.number).where(table.c.tenant_id == TENANT, *same)
