"""409 that names the record which has the value, or the days, already, to who may read it."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

import asyncpg
from pydantic_core import from_json, to_json
from sqlalchemy import Index, Table, Text, column, text

from .context import Context
from .db import Rule, rule_named
from .errors import DuplicateValue, Problem
from .failures import driver_error
from .idempotency import KEPT
from .looking import seen_of
from .resource import Resource
from .statement import Statement, in_tenant
from .work import UnitOfWork

TAKEN = (asyncpg.UniqueViolationError, asyncpg.ExclusionViolationError)


def name_the_field(ctx: Context, problem: Problem, cause: BaseException | None) -> None:
    """Where one row was tried only, that is the one."""
    broken = _broken(cause)
    tried = ctx.work.tried.rows_of(broken[0]) if broken and ctx.work.tried else []
    if broken and len(tried) == 1:
        _point(problem, broken[0], tried[0])


def _point(problem: Problem, table: Table, row: Mapping[str, Any]) -> None:
    """The pointer that a table says, with the columns of a row."""
    if "{" in table.info.get("pointer", ""):
        pointer = table.info["pointer"].format_map(row)
        problem.errors = tuple({**error, "pointer": pointer} for error in problem.errors)


def _broken(cause: BaseException | None) -> tuple[Table, Rule] | None:
    if not isinstance(cause, TAKEN) or cause.table_name == KEPT.name:
        return None
    return rule_named(cause.constraint_name or "")


async def name_the_other(ctx: Context, problem: DuplicateValue) -> None:
    """Adds `existing` to the problem. The work has been undone; what it tried is still known."""
    cause = driver_error(problem.__cause__) if problem.__cause__ else None
    name_the_field(ctx, problem, cause)
    broken = _broken(cause)
    row = await _row_that_has_it(ctx, *broken) if broken else None
    if broken and row:
        _point(problem, broken[0], row)
        await _name(ctx, problem, broken[0], row)


async def _name(ctx: Context, problem: DuplicateValue, table: Table, row: dict[str, Any]) -> None:
    resource = _resource(ctx, table, row)
    if resource is None or not ctx.actor.may({resource.scope}):
        return
    id = UUID(row[table.info.get("owner", "id")])
    again = Context.open(ctx.house, ctx.actor, ctx.request_id)
    if await seen_of(again, resource.model, [id]):
        problem.extra["existing"] = {"object": resource.word, "id": resource.prefix.write(id)}


def _resource(ctx: Context, table: Table, row: dict[str, Any]) -> Resource | None:
    """A table of one noun, or one that says in each row whose it is."""
    known = ctx.house.resources
    own = (resource for resource in known if resource.model.__table__ is table)
    said = (resource for resource in known if resource.word == row.get("resource"))
    return next(own, None) or next(said, None)


async def _row_that_has_it(ctx: Context, table: Table, rule: Rule) -> dict[str, Any] | None:
    tried = ctx.work.tried.rows_of(table) if ctx.work.tried else []
    work = UnitOfWork(ctx.house.pool, ctx.tenant.id)
    found = await work.fetch(_holder(table, rule), {"tried": to_json(tried).decode()})
    row: dict[str, Any] | None = from_json(found) if found else None
    return row


@lru_cache
def _holder(table: Table, rule: Rule) -> Statement:
    """The row, as JSON, that has a value which one of the rows `tried` wanted."""
    where = rule.dialect_options["postgresql"]["where"] if isinstance(rule, Index) else None
    has = f"SELECT * FROM {table.name}" + (f" WHERE {where}" if where is not None else "")
    found = f"({has}) has JOIN ({_sent(table)}) sent ON {' AND '.join(_same(rule))}"
    sql = text(f"SELECT row_to_json(has)::text AS row FROM {found} LIMIT 1")
    return in_tenant(sql.columns(column("row", Text)).scalar_subquery())


def _same(rule: Rule) -> Iterator[str]:
    """What the rule forbids two rows to have in common; see `kit.periods`."""
    nulls_are_one = rule.dialect_options["postgresql"].get("nulls_not_distinct")
    alike = "IS NOT DISTINCT FROM" if nulls_are_one else "="
    yield from (f"has.{key.name} {alike} sent.{key.name}" for key in rule.columns)
    if period := rule.info.get("period"):
        since, until = period
        spans = (f"daterange({row}.{since}, {row}.{until})" for row in ("has", "sent"))
        yield f"has.id <> sent.id AND {' && '.join(spans)}"


def _sent(table: Table) -> str:
    """The rows as they would have been: a change leaves most columns as they are."""
    row = f"jsonb_populate_record({{}}::{table.name}, sent.row)"
    rows = "jsonb_array_elements(CAST(:tried AS jsonb)) AS sent(row)"
    if "id" not in table.columns:
        return f"SELECT ({row.format('NULL')}).* FROM {rows}"
    return (
        f"SELECT ({row.format('stored')}).* FROM {rows} LEFT JOIN {table.name} stored "
        "ON stored.id = (sent.row->>'id')::uuid"
    )
