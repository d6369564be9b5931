"""The statement that finds all by which lines are priced, and what it answers."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic_core import from_json
from sqlalchemy import ARRAY, Date, DateTime, Numeric, Text, Uuid, bindparam, column, text
from sqlalchemy.types import TypeEngine

from crm_api.features.catalogue.price_books.schemas import read_rules
from crm_api.kit.statement import in_tenant

from .rules import Book, Entry, Product, Shelf

IN_FORCE = (
    "({0}.valid_from_on <= :day OR {0}.valid_from_on IS NULL) "
    "AND ({0}.valid_until_on > :day OR {0}.valid_until_on IS NULL)"
)
BOOKS = f"b.state = 'live' AND {IN_FORCE.format('b')}"
BOOK = f"b.id, b.parent_id, b.prices_include_tax, b.rules, b.is_default, {BOOKS}"
# The book that fits best, the default one, and all above each, in the order in which they are
# looked in; one that is out of use is passed over, and its parent is not.
SHELF = f"""
WITH RECURSIVE asked AS MATERIALIZED (
  SELECT * FROM unnest(:products, :quantities) WITH ORDINALITY AS asked(product_id, quantity, n)
), known AS MATERIALIZED (
  SELECT p.id, p.kind, p.category_id,
    CASE WHEN p.list_price_currency = :currency THEN p.list_price END AS list_price,
    CASE WHEN p.unit_cost_currency = :currency THEN p.unit_cost END AS unit_cost
  FROM products p
  WHERE p.tenant_id = :tenant AND p.id = ANY(ARRAY(SELECT product_id FROM asked))
), category(first, id) AS (
  SELECT DISTINCT category_id, category_id FROM known WHERE category_id IS NOT NULL
  UNION
  SELECT first, c.parent_id FROM category
  JOIN product_categories c ON c.tenant_id = :tenant AND c.id = category.id
  WHERE c.parent_id IS NOT NULL
), graded AS MATERIALIZED (
  SELECT u.grade FROM unit_profiles u
  WHERE u.tenant_id = :tenant AND u.customer_id = :customer AND u.business_unit_id = :unit
    AND (u.grade_expires_at > :now OR u.grade_expires_at IS NULL)
), chosen AS MATERIALIZED (
  SELECT b.id FROM price_books b
  LEFT JOIN business_unit_lines l ON l.tenant_id = b.tenant_id
    AND l.ancestor_id = b.business_unit_id AND l.unit_id = :unit
  WHERE b.tenant_id = :tenant AND b.currency = :currency AND {BOOKS}
    AND (b.customer_id IS NULL OR b.customer_id = :customer)
    AND (b.grade IS NULL OR b.grade = (SELECT grade FROM graded))
    AND (b.business_unit_id IS NULL OR l.unit_id IS NOT NULL)
  ORDER BY b.customer_id IS NULL, b.grade IS NULL, l.depth, b.created_at DESC, b.id DESC LIMIT 1
), way(id, parent_id, includes_tax, rules, is_default, in_use, place) AS (
  SELECT {BOOK}, 0 FROM price_books b
  WHERE b.tenant_id = :tenant AND b.id = (SELECT id FROM chosen)
  UNION ALL
  SELECT {BOOK}, 100 FROM price_books b
  WHERE b.tenant_id = :tenant AND b.currency = :currency AND {BOOKS} AND b.is_default
  UNION ALL
  SELECT b.*, place + 1 FROM way CROSS JOIN LATERAL (
    SELECT {BOOK} FROM price_books b
    WHERE b.tenant_id = :tenant AND b.id = way.parent_id LIMIT 1
  ) b
), book AS MATERIALIZED (
  SELECT DISTINCT ON (id) * FROM way WHERE in_use ORDER BY id, place
)
SELECT CAST(json_build_object(
  'books', (SELECT json_agg(json_build_array(id, includes_tax, rules) ORDER BY place)
    FROM book),
  'with_tax', (SELECT includes_tax FROM book WHERE is_default),
  'products', (SELECT json_agg(json_build_array(k.id, k.kind, CAST(k.list_price AS text),
    CAST(k.unit_cost AS text), ARRAY(SELECT id FROM category WHERE first = k.category_id)))
    FROM known k),
  'entries', (SELECT json_agg(json_build_array(b.id, a.n, e.id, CAST(e.unit_price AS text)))
    FROM book b CROSS JOIN asked a JOIN LATERAL (
      SELECT e.id, e.unit_price FROM price_entries e
      WHERE e.tenant_id = :tenant AND e.price_book_id = b.id AND e.product_id = a.product_id
        AND e.min_quantity <= a.quantity AND {IN_FORCE.format("e")}
      ORDER BY e.min_quantity DESC LIMIT 1
    ) e ON true)
) AS text) AS shelf"""
TYPES: Mapping[str, TypeEngine[Any]] = {
    "products": ARRAY(Uuid()),
    "quantities": ARRAY(Numeric()),
    "currency": Text(),
    "customer": Uuid(),
    "unit": Uuid(),
    "day": Date(),
    "now": DateTime(timezone=True),
}
FIND = in_tenant(
    text(SHELF)
    .bindparams(*(bindparam(name, type_=kind) for name, kind in TYPES.items()))
    .columns(column("shelf", Text))
    .scalar_subquery()
)


def shelf(told: str) -> Shelf:
    """What the statement answers."""
    found: Mapping[str, Any] = from_json(told)
    return Shelf(
        books=[
            Book(UUID(id), with_tax, read_rules(rules))
            for id, with_tax, rules in found["books"] or ()
        ],
        products=dict(map(_product, found["products"] or ())),
        entries={
            (UUID(book), n - 1): Entry(UUID(id), Decimal(price))
            for book, n, id, price in found["entries"] or ()
        },
        list_prices_include_tax=bool(found["with_tax"]),
    )


def _product(told: tuple[str, str, str | None, str | None, list[str]]) -> tuple[UUID, Product]:
    id, kind, price, cost, categories = told
    of = frozenset(map(UUID, categories))
    return UUID(id), Product(kind, of, _decimal(price), _decimal(cost))


def _decimal(told: str | None) -> Decimal | None:
    return None if told is None else Decimal(told)
