"""SQL over the tree of units: that of today stands in lines, that of any date in periods."""

from sqlalchemy import Date, Text, Uuid, bindparam, column, text

from crm_api.kit.statement import in_tenant

THEN = (
    "{p}.tenant_id = :tenant AND {p}.from_on <= {on} "
    "AND ({p}.until_on > {on} OR {p}.until_on IS NULL)"
)
SPAN = text("""
WITH sent AS (
  SELECT * FROM jsonb_to_recordset(CAST(:periods AS jsonb))
  AS sent(from_on date, until_on date, parent_id uuid, legal_entity_id uuid)
), gone AS (
  DELETE FROM business_unit_periods WHERE tenant_id = :tenant AND unit_id = :unit
  AND from_on NOT IN (SELECT from_on FROM sent)
)
INSERT INTO business_unit_periods
  (tenant_id, unit_id, from_on, until_on, parent_id, legal_entity_id)
SELECT :tenant, :unit, from_on, until_on, parent_id, legal_entity_id FROM sent
ON CONFLICT (tenant_id, unit_id, from_on) DO UPDATE SET until_on = excluded.until_on,
  parent_id = excluded.parent_id, legal_entity_id = excluded.legal_entity_id
RETURNING from_on""").bindparams(bindparam("unit", type_=Uuid()))
# All dates on which the unit would be at the place and the tree is another than the day before;
# for each the line above the place, and the branch below the unit. Two steps more than there may
# be levels are enough to know that there are too many.
AT_PLACE = text(f"""
WITH RECURSIVE dates(day) AS (
  SELECT CAST(:begins AS date) UNION
  SELECT from_on FROM business_unit_periods WHERE tenant_id = :tenant AND from_on > :begins
  AND (from_on < CAST(:ends AS date) OR CAST(:ends AS date) IS NULL)
), above(day, id, level) AS (
  SELECT day, CAST(:parent AS uuid), 1 FROM dates WHERE CAST(:parent AS uuid) IS NOT NULL
  UNION ALL
  SELECT day, p.parent_id, level + 1 FROM above
  JOIN business_unit_periods p ON p.unit_id = id AND {THEN.format(p="p", on="day")}
  WHERE p.parent_id IS NOT NULL AND id <> :unit AND level < 14
), below(day, id, level) AS (
  SELECT day, CAST(:unit AS uuid), 1 FROM dates
  UNION ALL
  SELECT day, p.unit_id, level + 1 FROM below
  JOIN business_unit_periods p ON p.parent_id = id AND {THEN.format(p="p", on="day")}
  WHERE level < 14
), deepest AS (
  SELECT (SELECT coalesce(max(level), 0) FROM above a WHERE a.day = d.day)
    + (SELECT max(level) FROM below b WHERE b.day = d.day) AS levels FROM dates d
)
SELECT
  (SELECT state FROM business_units WHERE tenant_id = :tenant AND id = :parent) AS parent_state,
  (SELECT state FROM legal_entities WHERE tenant_id = :tenant AND id = :entity) AS entity_state,
  (SELECT min(from_on) FROM business_unit_periods
    WHERE tenant_id = :tenant AND unit_id = :parent) AS parent_from,
  EXISTS (SELECT FROM above WHERE id = :unit) AS circular,
  (SELECT max(levels) FROM deepest) AS levels,
  (SELECT count(*) - 1 FROM below WHERE day = :begins) AS units_below""").bindparams(
    bindparam("parent", type_=Uuid()),
    bindparam("entity", type_=Uuid()),
    bindparam("unit", type_=Uuid()),
    bindparam("begins", type_=Date()),
    bindparam("ends", type_=Date()),
)
# The lines of moved units and of all below them, now that their rows say another parent.
REDRAW = text("""
WITH RECURSIVE moved(id) AS (
  SELECT unit_id FROM business_unit_lines
  WHERE tenant_id = :tenant AND ancestor_id = ANY(CAST(:units AS uuid[]))
  UNION SELECT unnest(CAST(:units AS uuid[]))
), line(unit_id, ancestor_id, depth) AS (
  SELECT id, id, 0 FROM moved
  UNION ALL
  SELECT line.unit_id, u.parent_id, depth + 1 FROM line
  JOIN business_units u ON u.tenant_id = :tenant AND u.id = ancestor_id
  WHERE u.parent_id IS NOT NULL AND depth < 12
), gone AS (
  DELETE FROM business_unit_lines l USING moved
  WHERE l.tenant_id = :tenant AND l.unit_id = moved.id AND NOT EXISTS (
    SELECT FROM line WHERE line.unit_id = l.unit_id AND line.ancestor_id = l.ancestor_id)
)
INSERT INTO business_unit_lines AS known (tenant_id, ancestor_id, unit_id, depth)
SELECT :tenant, ancestor_id, unit_id, depth FROM line
ON CONFLICT (tenant_id, ancestor_id, unit_id) DO UPDATE SET depth = excluded.depth
WHERE known.depth <> excluded.depth RETURNING unit_id""")
DUE = text(f"""
SELECT u.id, p.parent_id, p.legal_entity_id FROM business_units u
JOIN business_unit_periods p ON p.unit_id = u.id AND {THEN.format(p="p", on=":today")}
WHERE u.tenant_id = :tenant AND (u.parent_id, u.legal_entity_id)
  IS DISTINCT FROM (p.parent_id, p.legal_entity_id)""").bindparams(bindparam("today", type_=Date()))
NEXT = text(
    "SELECT min(from_on) AS day FROM business_unit_periods "
    "WHERE tenant_id = :tenant AND from_on > :today"
).bindparams(bindparam("today", type_=Date()))
IN_USE = text("""
SELECT EXISTS (SELECT FROM business_unit_periods p
JOIN business_units u ON u.tenant_id = p.tenant_id AND u.id = p.unit_id AND u.state = 'live'
WHERE p.tenant_id = :tenant AND (p.parent_id = :place OR p.legal_entity_id = :place)
AND (p.until_on > :today OR p.until_on IS NULL)) AS used""").bindparams(
    bindparam("place", type_=Uuid()), bindparam("today", type_=Date())
)
# A place of today or of later that is archived: its column.
ARCHIVED_PLACE = text("""
SELECT CASE WHEN a.id IS NOT NULL THEN 'parent_id' ELSE 'legal_entity_id' END AS field
FROM business_unit_periods p
LEFT JOIN business_units a
  ON a.tenant_id = p.tenant_id AND a.id = p.parent_id AND a.state = 'archived'
LEFT JOIN legal_entities e
  ON e.tenant_id = p.tenant_id AND e.id = p.legal_entity_id AND e.state = 'archived'
WHERE p.tenant_id = :tenant AND p.unit_id = :unit AND (p.until_on > :today OR p.until_on IS NULL)
AND (a.id IS NOT NULL OR e.id IS NOT NULL) LIMIT 1""").bindparams(
    bindparam("unit", type_=Uuid()), bindparam("today", type_=Date())
)
# From each unit up to the root of a date, by their ids.
LINES = f"""
SELECT json_object_agg(asked.unit, (
WITH RECURSIVE line(id, legal_entity_id, parent_id, level) AS (
  SELECT unit_id, legal_entity_id, parent_id, 1 FROM business_unit_periods p
  WHERE p.unit_id = asked.unit AND {THEN.format(p="p", on="CAST(:day AS date)")}
  UNION ALL
  SELECT p.unit_id, p.legal_entity_id, p.parent_id, level + 1 FROM line
  JOIN business_unit_periods p ON p.unit_id = line.parent_id
  AND {THEN.format(p="p", on="CAST(:day AS date)")} WHERE level < 14
)
SELECT json_agg(json_build_object(
  'id', 'bun_' || encode(uuid_send(u.id), 'hex'),
  'name', u.name, 'code', u.code, 'kind', u.kind, 'time_zone', u.time_zone,
  'calendar_id', 'cal_' || encode(uuid_send(u.calendar_id), 'hex'),
  'legal_entity_id', 'leg_' || encode(uuid_send(line.legal_entity_id), 'hex')
) ORDER BY level)
FROM line JOIN business_units u ON u.tenant_id = :tenant AND u.id = line.id
))::text AS lines FROM unnest(CAST(:units AS uuid[])) AS asked(unit)"""
LINES_ABOVE = in_tenant(text(LINES).columns(column("lines", Text)).scalar_subquery())
STATE = in_tenant(
    text("SELECT state FROM business_units WHERE tenant_id = :tenant AND id = CAST(:unit AS uuid)")
    .columns(column("state", Text))
    .scalar_subquery()
)
