"""Who acts through tokens, as SQL for those who learn with one question who calls and for whom."""

ACTING = """(
  SELECT json_object_agg(subject, json_build_object('user_id', user_id, 'state', state)) FROM (
    SELECT DISTINCT ON (who.subject) who.subject, u.id AS user_id, u.state
    FROM subjects who JOIN users u ON u.tenant_id = who.tenant_id AND u.subject_id = who.id
    WHERE who.tenant_id = {tenant} AND who.issuer = {issuer} AND who.subject = ANY({subjects})
    ORDER BY who.subject, u.state = 'departed'
  ) found
)"""
"""Of the subjects of an issuer those that are users, by their names: `{user_id, state}` of each.
Who has left and come back is the user that has not left."""
