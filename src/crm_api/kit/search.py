"""Search under row level security, by a function that reads past it; as SQL for migrations.

Array operators are not leakproof, so no index serves them under a policy. The function may pass
by the policies: it knows the tenant from the transaction and cannot be asked for another.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field
from sqlalchemy import (
    ARRAY,
    FromClause,
    Integer,
    Text,
    Uuid,
    bindparam,
    column,
    func,
    select,
    true,
)

from .filters import Plain
from .grams import keys, pieces, searchable, sought
from .statement import TENANT, number
from .tenancy import APP
from .words import Misread, misfit

SEARCH = "crm_search"
SEEN = ("tenant_id", "id", "created_at", "search_text", "search_pieces")
MOST = 1000
"""So many matches a search looks at; filters and sorts choose among them."""


def _long_enough(text: str) -> str:
    try:
        sought(text)
    except Misread as error:
        raise misfit("search_too_short", error.words) from error
    return text


SearchText = Annotated[
    str,
    Field(max_length=100, json_schema_extra={"format": "search"}, examples=["王芳", "0138"]),
    AfterValidator(_long_enough),
]


@dataclass(frozen=True, slots=True)
class Found(Plain):
    """Rows that contain all words: `Annotated[SearchText | None, Found("customers")]`."""

    table: str

    def rows(self, table: FromClause, name: str) -> FromClause:
        """Found one by one, by their ids, and sorted then: LIMIT keeps the plan from walking
        another index of the tenant instead."""
        words = bindparam(f"{name}_words", type_=ARRAY(Text()))
        wanted = bindparam(f"{name}_pieces", type_=ARRAY(Integer()))
        search = getattr(func, f"search_{self.table}")
        ids = select(search(words, wanted, number(MOST))).scalar_subquery()
        matches = func.unnest(func.array(ids, type_=ARRAY(Uuid())))
        match = matches.table_valued(column("id", Uuid()), name="match").render_derived()
        row = select(table).where(table.c.tenant_id == TENANT, table.c.id == match.c.id)
        one = row.correlate(match).limit(number(1)).lateral("one")
        return select(one).select_from(match.join(one, true())).subquery("found")

    def values(self, name: str, value: Any, tenant: UUID) -> Mapping[str, Any]:
        words, wanted = sought(value)
        return {f"{name}_words": words, f"{name}_pieces": keys(wanted, tenant)}


def found_by(tenant: UUID, *texts: str | None) -> dict[str, Any]:
    """The columns by which a row with these texts is found."""
    text = searchable(*texts)
    return {"search_text": text, "search_pieces": keys(pieces(text), tenant)}


def create_search_role() -> Iterator[str]:
    """A server may forbid BYPASSRLS to all but superusers: then search is right, but slow."""
    yield (
        f"DO $$ BEGIN CREATE ROLE {SEARCH} NOLOGIN; "
        f"EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    )
    yield (
        f"DO $$ BEGIN IF NOT (SELECT rolbypassrls FROM pg_roles WHERE rolname = '{SEARCH}') "
        f"THEN ALTER ROLE {SEARCH} BYPASSRLS; END IF; EXCEPTION WHEN insufficient_privilege THEN "
        f"RAISE WARNING '{SEARCH} has no BYPASSRLS: see crm-api doctor'; END $$"
    )
    yield (
        f"DO $$ BEGIN GRANT {SEARCH} TO CURRENT_USER; "
        f"EXCEPTION WHEN insufficient_privilege THEN NULL; END $$"
    )
    yield f"GRANT USAGE ON SCHEMA public TO {SEARCH}"


def create_search(table: str) -> Iterator[str]:
    """`search_<table>(words, pieces, wanted)`: ids of rows that have all of them."""
    name = f"public.search_{table}"
    yield f"GRANT SELECT ({', '.join(SEEN)}) ON {table} TO {SEARCH}"
    yield _function(name, table)
    yield f"GRANT CREATE ON SCHEMA public TO {SEARCH}"
    yield f"ALTER FUNCTION {name} OWNER TO {SEARCH}"
    yield f"REVOKE CREATE ON SCHEMA public FROM {SEARCH}"
    yield f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC"
    yield f"GRANT EXECUTE ON FUNCTION {name} TO {APP}"


def drop_search(table: str) -> Iterator[str]:
    yield f"DROP FUNCTION public.search_{table}"
    yield f"REVOKE SELECT ({', '.join(SEEN)}) ON {table} FROM {SEARCH}"


def _function(name: str, table: str) -> str:
    """Where a fifth of the newest rows match, enough matches are near: the index of pieces would
    list all of them first. Elsewhere it reads what that index says and nothing else, whatever the
    statistics promise: OFFSET 0 keeps other conditions out of the choice.
    """
    newest = f"SELECT t.id, t.search_text FROM public.{table} t WHERE t.tenant_id = tenant "
    newest += "ORDER BY t.created_at DESC, t.id DESC LIMIT"
    all_words = "NOT EXISTS (SELECT FROM unnest(words) w WHERE strpos(f.search_text, w) = 0)"
    return f"""
CREATE OR REPLACE FUNCTION {name}(words text[], pieces int[], wanted int)
RETURNS SETOF uuid LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 100
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan
SET enable_seqscan = off SET jit = off AS $$
DECLARE
  tenant uuid := current_setting('app.tenant')::uuid;
  near uuid[];
BEGIN
  IF (SELECT count(*) FROM ({newest} 100) f WHERE {all_words}) >= 20 THEN
    near := ARRAY(SELECT f.id FROM ({newest} 10 * wanted) f WHERE {all_words} LIMIT wanted);
    IF cardinality(near) = wanted THEN
      RETURN QUERY SELECT unnest(near);
      RETURN;
    END IF;
  END IF;
  RETURN QUERY SELECT f.id FROM (
    SELECT t.tenant_id, t.id, t.search_text FROM public.{table} t
    WHERE t.search_pieces @> pieces OFFSET 0
  ) f WHERE f.tenant_id = tenant AND {all_words} LIMIT wanted;
END $$"""
