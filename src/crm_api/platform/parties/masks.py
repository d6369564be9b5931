"""What of a party is personal, and how it looks to those who may not see it whole."""

from collections.abc import Iterator

from crm_api.kit.columns import Inside
from crm_api.kit.masking import Masked

MASKED_TEXT = Masked("masked_text")
MASKED_CONTACT_POINTS = Masked("masked_contact_points")
MASKED_ADDRESSES = Masked("masked_addresses")


def primary(kind: str) -> Inside:
    """The value of the contact point of this kind that is used first."""
    return Inside("contact_points", f'$[*] ? (@.kind == "{kind}" && @.is_primary == true).value')


TEXT = """
CREATE OR REPLACE FUNCTION masked_text(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
  CASE WHEN strpos(value, '@') > 0
       THEN left(value, 1) || '***' || substr(value, strpos(value, '@'))
       WHEN value LIKE '+%' AND length(value) > 10
       THEN left(value, length(value) - 8) || '****' || right(value, 4)
       ELSE left(value, 2) || '***' END"""
CONTACT_POINTS = """
CREATE OR REPLACE FUNCTION masked_contact_points(points jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN (
  SELECT coalesce(jsonb_agg(
    jsonb_set(point, '{value}', to_jsonb(masked_text(point->>'value'))) ORDER BY place), '[]')
  FROM jsonb_array_elements(points) WITH ORDINALITY AS listed(point, place))"""
ADDRESSES = """
CREATE OR REPLACE FUNCTION masked_addresses(addresses jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN (
  SELECT coalesce(jsonb_agg(address || jsonb_build_object(
    'recipient', CASE WHEN address->>'recipient' IS NOT NULL THEN '***' END,
    'line1', CASE WHEN address->>'line1' IS NOT NULL THEN '***' END,
    'line2', CASE WHEN address->>'line2' IS NOT NULL THEN '***' END,
    'postal_code', CASE WHEN address->>'postal_code' IS NOT NULL THEN '***' END
  ) ORDER BY place), '[]')
  FROM jsonb_array_elements(addresses) WITH ORDINALITY AS listed(address, place))"""


def create_masks() -> Iterator[str]:
    yield from (TEXT, CONTACT_POINTS, ADDRESSES)


def drop_masks() -> Iterator[str]:
    for name in ("masked_contact_points", "masked_addresses"):
        yield f"DROP FUNCTION {name}(jsonb)"
    yield "DROP FUNCTION masked_text(text)"
