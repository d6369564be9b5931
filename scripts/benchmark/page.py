"""The page that the figures stand on."""

import os
import platform

TEXT = """\
# Performance

Made by `scripts/bench --write docs/performance.md`; read ratios to about 15 %, absolute figures as
an order of magnitude. Measured on {cores} cores, Python {python}, the embedded PostgreSQL without
fsync, one server process, 32 connections of wrk for the ladder and one caller for the rest.
Everything runs on the same machine at the same time.

## Beside the floors

{customers:,} customers in ten tenants. Two hand-written ASGI callables on asyncpg show what is
possible: the *bare* floor has twelve flat columns and two rows per create; the *fair* floor runs
the API's own statements and writes its rows but for the search columns. The API has everything on:
key, tenant, row level security, scope, request id, strict input, ETag, event and data, search.

{ladder}

## A hundred at once

`POST /v1/customers/batch-upsert` beside COPY into a temporary table and `INSERT ... ON CONFLICT` of
the same rows, as the owner of the tables and without locks, rules, comparison or answers.

{batches}

## Growth

One tenant of each size in one database. A list costs what its page costs, a search what it finds.

{growth}
"""


def page(customers: int, ladder: str, batches: str, growth: str) -> str:
    return TEXT.format(
        cores=os.cpu_count(),
        python=platform.python_version(),
        customers=customers,
        ladder=ladder,
        batches=batches,
        growth=growth,
    )
