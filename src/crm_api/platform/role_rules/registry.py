"""What users hold who come with tokens, as SQL for those who learn with one question who it is.

Only rules are brought whose value is some text of the token: whether they fit, `holding` says.
Those of archived roles too: they give nothing, and still it is roles that say what the user may.
"""

from crm_api.platform.role_assignments.registry import LINKED, acting

FOUND = """FROM role_rules g
    JOIN roles r ON r.tenant_id = g.tenant_id AND r.id = g.role_id
    WHERE g.tenant_id = {tenant} AND g.identity_provider_id = {provider}
    AND g.value = ANY({texts})"""
TOLD = f"""json_build_object(
  'held', {LINKED},
  'rules', ARRAY(
    SELECT json_build_object(
      'claim', g.claim, 'value', g.value, 'live', r.state = 'live',
      'id', g.id, 'role_id', r.id, 'name', r.name, 'permissions', r.permissions,
      'masked', r.masked, 'fields', r.fields, 'unit', g.business_unit_id,
      'starts', 0, 'ends', NULL)
    {FOUND}
  ),
  'below', (
    SELECT json_object_agg(ancestor_id, units) FROM (
      SELECT l.ancestor_id, json_agg(l.unit_id) AS units FROM business_unit_lines l
      WHERE l.tenant_id = {{tenant}} AND l.ancestor_id IN (SELECT g.business_unit_id {FOUND})
      GROUP BY l.ancestor_id
    ) lines
  )
)"""
ACTING = acting(TOLD)
"""As that of assignments, with the rules of a {provider}."""
