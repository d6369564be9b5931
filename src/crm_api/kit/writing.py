"""One statement for all that a unit of work writes: records, their events, their documents."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from sqlalchemy import Table

from .hiding import hidden_in
from .idempotency import KEPT
from .projection import documents
from .schema import Read

Verb = Literal["insert", "update", "delete", "leave"]
EVENT = (
    "tenant_id, id, type, schema_version, object_id, version, actor_id, user_id, request_id, "
    "causation_id, causation_depth, created_at"
)


@dataclass(frozen=True, slots=True)
class Step:
    """Rows of one table that undergo one verb, with one set of columns."""

    verb: Verb
    table: Table
    names: tuple[str, ...]


@lru_cache(maxsize=1024)
def write_all(
    steps: tuple[Step, ...], reads: tuple[type[Read], ...], *, keeps: bool = False
) -> str:
    """`$1` tenant, `$2` id of the answer, `$3` events, then one JSON array of rows per step.

    With `keeps` one more parameter is a kept answer, whose body is the document of `$2`. The last
    parameters are the keys that the documents do not show.

    The tenant is set for this transaction before a row meets a policy, because every row comes
    out of a join with `tenant`. What a step returns shadows the table of its name, so that
    documents are read from new rows just as they will be read from old ones.
    """
    parts = [
        f"tenant AS MATERIALIZED (SELECT {_tenant(reads, len(steps) + 4 + keeps)})",
        *(_step(step, number) for number, step in enumerate(steps, start=4)),
        *_shadows(steps),
        f"documents AS MATERIALIZED ({_documents(reads)})",
        f"sent AS MATERIALIZED (SELECT {_sent()})",
        f"journal AS (INSERT INTO public.events ({EVENT}) SELECT {EVENT} FROM sent)",
        f"journal_values AS ({_values()})",
    ]
    if keeps:
        parts.append(f"kept AS ({_kept(len(steps) + 4)})")
    answer = "SELECT d.body, d.version FROM tenant LEFT JOIN documents d ON d.id = $2::uuid"
    return f"WITH {', '.join(parts)} {answer}"


def hidden_by(reads: Iterable[type[Read]]) -> list[str]:
    """What is hidden in documents of these, in the order of their parameters."""
    return list(dict.fromkeys(name for read in reads for name in hidden_in(read)))


def _tenant(reads: tuple[type[Read], ...], number: int) -> str:
    keys = enumerate(hidden_by(reads), start=number)
    told = [f"${n}::text[] AS {name}" for n, name in keys]
    return ", ".join(["set_config('app.tenant', $1::uuid::text, true)", *told])


def _kept(number: int) -> str:
    names = KEPT.columns.keys()
    values = {name: f"r.{name}" for name in names} | {"body": "d.body", "version": "d.version"}
    return (
        f"INSERT INTO public.{KEPT.name} ({', '.join(names)}) SELECT {', '.join(values.values())} "
        f"FROM tenant, json_populate_record(NULL::public.{KEPT.name}, ${number}::text::json) r "
        "LEFT JOIN documents d ON d.id = $2"
    )


def _sent() -> str:
    return (
        f"{EVENT}, before, reason FROM tenant, json_to_recordset($3::text::json) AS r("
        "tenant_id uuid, id uuid, type text, schema_version int, object_id uuid, version int, "
        "actor_id uuid, user_id uuid, request_id text, causation_id uuid, causation_depth int, "
        "created_at timestamptz, before text, reason text)"
    )


def _values() -> str:
    return (
        "INSERT INTO public.event_values (tenant_id, event_id, data, changes, reason) "
        "SELECT sent.tenant_id, sent.id, d.body, "
        "CASE WHEN before IS NOT NULL THEN event_changes(before::json, d.body::json) END, reason "
        "FROM sent LEFT JOIN documents d ON d.id = sent.object_id"
    )


def _step(step: Step, number: int) -> str:
    name = step.table.name
    rows = f"tenant, json_populate_recordset(NULL::public.{name}, ${number}::text::json) r"
    same = " AND ".join(f"t.{key} = r.{key}" for key in _key(step))
    if step.verb == "insert":
        columns = ", ".join(f'"{n}"' for n in step.names)
        values = ", ".join(f'r."{n}"' for n in step.names)
        sql = f"INSERT INTO public.{name} ({columns}) SELECT {values} FROM {rows} RETURNING *"
    elif step.verb == "update":
        values = ", ".join(f'"{n}" = r."{n}"' for n in step.names if n not in _key(step))
        sql = f"UPDATE public.{name} t SET {values} FROM {rows} WHERE {same} RETURNING t.*"
    elif step.verb == "leave":
        sql = f"SELECT t.* FROM public.{name} t, {rows} WHERE {same}"
    else:
        sql = f"DELETE FROM public.{name} t USING {rows} WHERE {same} RETURNING t.*"
    return f"{name}_{step.verb}_{number} AS ({sql})"


def _key(step: Step) -> tuple[str, ...]:
    """A row is found by its id; one that is deleted by all that was given."""
    return step.names if step.verb == "delete" else ("tenant_id", "id")


def _shadows(steps: tuple[Step, ...]) -> list[str]:
    written: dict[str, list[str]] = {}
    for number, step in enumerate(steps, start=4):
        source = f"SELECT * FROM {step.table.name}_{step.verb}_{number}"
        written.setdefault(step.table.name, []).append(source)
    return [f"{name} AS ({' UNION ALL '.join(parts)})" for name, parts in written.items()]


def _documents(reads: tuple[type[Read], ...]) -> str:
    nothing = "SELECT NULL::uuid AS id, NULL::text AS body, NULL::int AS version WHERE false"
    return " UNION ALL ".join(documents(read) for read in reads) or nothing
