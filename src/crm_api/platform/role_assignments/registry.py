"""What users hold, as SQL for those who learn with one question who calls and for whom."""

HELD = """(
  SELECT json_build_object(
    'user_id', u.id, 'state', u.state, 'home', u.business_unit_id,
    'ever', EXISTS (
      SELECT FROM role_assignments a WHERE a.tenant_id = u.tenant_id AND a.user_id = u.id
    ),
    'roles', ARRAY(
      SELECT json_build_object(
        'id', a.id, 'role_id', r.id, 'name', r.name,
        'permissions', r.permissions, 'masked', r.masked, 'fields', r.fields,
        'unit', a.business_unit_id,
        'starts', extract(epoch FROM a.starts_at), 'ends', extract(epoch FROM a.ends_at))
      FROM role_assignments a
      JOIN roles r ON r.tenant_id = a.tenant_id AND r.id = a.role_id AND r.state = 'live'
      WHERE a.tenant_id = u.tenant_id AND a.user_id = u.id
      AND (a.ends_at IS NULL OR a.ends_at > now())
    ),
    'below', (
      SELECT json_object_agg(ancestor_id, units) FROM (
        SELECT l.ancestor_id, json_agg(l.unit_id) AS units FROM business_unit_lines l
        WHERE l.tenant_id = u.tenant_id AND l.ancestor_id IN (
          SELECT a.business_unit_id FROM role_assignments a
          WHERE a.tenant_id = u.tenant_id AND a.user_id = u.id
        ) GROUP BY l.ancestor_id
      ) lines
    ),
    'fellows', ARRAY(
      SELECT DISTINCT m.user_id FROM teams t
      JOIN team_members m ON m.tenant_id = t.tenant_id AND m.team_id = t.id
      WHERE t.tenant_id = u.tenant_id AND t.state = 'live' AND (
        t.lead_id = u.id OR t.id IN (
          SELECT me.team_id FROM team_members me
          WHERE me.tenant_id = u.tenant_id AND me.user_id = u.id
        )
      )
    )
  ) FROM users u WHERE u.tenant_id = {tenant} AND u.id = {user}
)"""
"""SQL over a {tenant} and a {user}: JSON, null where there is no such user."""
LINKED = HELD.format(tenant="linked.tenant_id", user="linked.user_id")


def acting(told: str) -> str:
    """SQL over a {tenant}, an {issuer} and {texts}: of the subjects that have such a name those
    that are users, and what is `told` of each, such as LINKED. Who has left and come back is the
    user that has not left."""
    return f"""(
  SELECT json_object_agg(linked.subject, {told}) FROM (
    SELECT DISTINCT ON (who.subject) who.subject, one.tenant_id, one.id AS user_id
    FROM subjects who JOIN users one ON one.tenant_id = who.tenant_id AND one.subject_id = who.id
    WHERE who.tenant_id = {{tenant}} AND who.issuer = {{issuer}} AND who.subject = ANY({{texts}})
    ORDER BY who.subject, one.state = 'departed'
  ) linked
)"""
