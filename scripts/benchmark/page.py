"""The page that the figures stand on."""

import os
import platform
from collections.abc import Mapping

HEAD = """\
# Performance

Made by `scripts/bench --write docs/performance.md`; read ratios to about 15 %, absolute figures as
an order of magnitude. Measured on {cores} cores, Python {python}, the embedded PostgreSQL without
fsync, one server process with a pool of eight connections, and everything on the same machine at
the same time: the load, the server and PostgreSQL share the cores. What is compared is measured in
turn, round by round, and told as medians.
"""
PICTURE = "![Requests a second beside the floors, and milliseconds by customers]({picture})\n"
LADDER = """\
## Beside the floors

{customers:,} customers in ten tenants, 32 connections of wrk. Two hand-written ASGI callables on
asyncpg show what is possible: the *bare* floor has twelve flat columns and two rows per create; the
*fair* floor runs the API's own statements and writes the same rows, with what a customer is
searched by worked out beforehand. The API has everything on: key, tenant, row level security,
scope, request id, strict input, ETag, event and data, search. *PostgreSQL* is pgbench with the
statements of the two floors: eight clients, prepared, one thread, no HTTP. Every stack runs in
uvicorn with the options of `crm-api serve`; its log is at `warning` (the table of layers has the
line per request that `info` writes). `mixed` is 60 get, 25 list, 15 create.

{ladder}
"""
BATCHES = """\
## A hundred at once

`POST /v1/customers/batch-upsert` beside COPY into a temporary table and `INSERT ... ON CONFLICT` of
the same rows, as the owner of the tables and without locks, rules, comparison or answers.

{batches}
"""
GROWTH = """\
## Growth

One tenant of each size in one table, one caller, pages of 20. A list costs what its page costs, at
any depth; a search what it finds. Every search asks for another text: names by any two characters
side by side, phones by any four digits, e-mails by any five letters in a row. What we promise is a
median below 50 ms among 300,000.

{growth}
"""
LAYERS = """\
## What each layer costs

Processor time of a request, in the server and in PostgreSQL, over bursts of a fixed number of
requests on three connections, with a pool of three. In brackets: how far the server's time is from
the API's in the bursts next to it; *the same once more* tells how much of that is chance. Every
variant is the API but for what its name says. *No policies* is the fair floor as the owner of the
tables, past row level security; *own pool* is the fair floor on the API's pool instead of
asyncpg's; *routed by FastAPI* asks FastAPI's list of routes and runs its layers for exceptions and
exit stacks.

{cost}
"""
PROFILE = """\
## Where the time goes

py-spy looks at the serving process 250 times a second; a part has the looks at which its code ran,
and the time of what it calls in C. {said}

{profile}
"""
OWN = """\
## Fields of one's own

Two tenants with 300,000 customers each. One has defined 200 fields, a hundred of them indexed; each
customer has a value in fourteen. `POST /v1/customers/search`, one caller, the newest 50 under row
level security. The neighbour, who has no fields, is asked before the other is there and after. Of a
range the newest 500 customers are looked at; do they not fill the page, up to 5,000 ids are read
and sorted; where there are more, the newest customers are walked on. Dearest is a range that has
a few more than 5,000, here a fiftieth. What is not indexed is always walked: what few have is found
at the end of 300,000.

{own}
"""
VISIBILITY = """\
## Who sees not all

A tenant with 300,000 customers and 200 business units: a group, nine regions, 190 shops of very
different sizes; most customers are known to one shop, a tenth to two. `GET /v1/customers`, one
caller, for users whose roles reach the whole tree, a region, one shop, or what they own (behind the
name: how many customers that is), and in brackets as a share of what the group administrator waits,
who sees all and is asked for nothing.

{visibility}
"""
PIPELINE = """\
## Funnels and forecasts

A tenant with 100,000 deals of 200 business units and 400 owners, in one pipeline over two years:
some 350,000 stays in stages, two thirds of the deals open, in two currencies. One caller over HTTP,
who sees all, beside SQL that was written by hand for the same question and is asked as the owner of
the tables, without policies and without HTTP.

{pipeline}
"""
PRICES = """\
## Prices

`POST /v1/prices/resolve` for 200 lines of a customer with a price book of his own, behind which lie
four others: each of 10,000 products has prices in two of the five, from five quantities on. The
answer has the price of each line and the way that led to it. By hand is the price alone, by one
statement of the owner of the tables who knows the five books and their order already.

{prices}
"""
ORDERS = """\
## Orders

Orders of ten lines with products, which a shop has reckoned: created and confirmed one by one by
eight callers, each in its own transaction with its number, its events and what finds it; a hundred
at once by `batch-upsert`; and the overview of a customer who has ordered a thousand times. By hand
are the same rows and the same questions in one statement each, by the owner of the tables: without
policies, locks, rules and answers.

{orders}
"""
DESK = """\
## The service desk

A tenant with 20,000 open tickets, written by SQL, whose clocks run, and one `crm-api worker`. While
nothing is due: what the worker and its connections take, with the tickets and without, and one look
for what is due. Then 2,000 tickets that become due one after another within a minute, and how long
after its due time each breach is there for another connection, which looks ten times a second; and
2,000 that are due all at once. By hand are the same look, and the same rows in one statement for
each ticket, on four connections of the owner of the tables: without policies and rules.

{desk}
"""
JOURNEY = """\
## A year of trade

What 2,469 households bought at a grocer in 2017 (The Complete Journey, 84.51°, MIT), through the
API, by `batch-upsert` of a hundred on four connections: customers, products, and baskets as orders
of 9.4 lines on average. The same again changes nothing; so goes on what broke off. What is there is
compared with what DuckDB reckons from the file itself. Where the server was killed, at any moments
while it took orders, their pace has its starts in it.

{journey}
"""
JOURNAL = """\
## The journal

The statement that creates a customer, in pgbench under row level security, eight clients: with the
event and its values in the journal, as the API writes it, and without.

{journal}
"""
DELIVERIES = """\
## Webhooks

One `crm-api worker` that numbers, hands out and delivers 3,000 deliveries that wait when it
begins, to a receiver that answers at once, at one endpoint and at ten; and the time from the answer
to a write until its event has come, twenty writes a second, at an endpoint that is alone, and at
one beside 49 that never answer.

{deliveries}
"""
PARTS = {
    "ladder": LADDER,
    "batches": BATCHES,
    "journal": JOURNAL,
    "deliveries": DELIVERIES,
    "growth": GROWTH,
    "own": OWN,
    "visibility": VISIBILITY,
    "pipeline": PIPELINE,
    "prices": PRICES,
    "orders": ORDERS,
    "desk": DESK,
    "journey": JOURNEY,
    "cost": LAYERS,
    "profile": PROFILE,
}


def page(found: Mapping[str, str], customers: int, said: str, picture: str | None) -> str:
    """The sections of what was measured; `picture` is a file beside the page."""
    head = HEAD.format(cores=os.cpu_count(), python=platform.python_version())
    shown = [PICTURE.format(picture=picture)] if picture else []
    texts = [text for part, text in PARTS.items() if part in found]
    parts = [text.format(customers=customers, said=said, **found) for text in texts]
    return "\n".join([head, *shown, *parts])
