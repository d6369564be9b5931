"""The commands, one line each."""

import json
import sys
from typing import Annotated

import typer
from rich.console import Console

from crm_api import worker as worker_process
from crm_api.main import create_app, openapi
from crm_api.settings import Settings

from . import audit, demo, doctor, serve, tenants
from .surroundings import database, migrate
from .trouble import sentence

app = typer.Typer(
    help="A headless CRM over PostgreSQL.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(tenants.app, name="tenant")
app.add_typer(audit.app, name="audit")
app.command(name="serve")(serve.serve)
app.command(name="demo")(demo.demo)
app.command(name="doctor")(doctor.doctor)
out = Console(soft_wrap=True)


@app.command(name="migrate")
def migrate_database() -> None:
    """Bring the database to the newest revision."""
    with database() as settings:
        changed = migrate(settings)
    out.print("Migrated." if changed else "The database is up to date.")


@app.command()
def worker(
    once: Annotated[bool, typer.Option(help="Do what is due and stop.")] = False,
) -> None:
    """Do the work that follows after requests: number and chain the journal, work through jobs,
    send webhooks, keep what was planned for a day."""
    with database() as settings:
        worker_process.run(settings, once=once)


@app.command(name="openapi")
def print_openapi() -> None:
    """Print the contract that this release serves, as committed in openapi/crm.v1.json."""
    json.dump(openapi(create_app(Settings())), sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")


def run() -> None:
    try:
        app()
    except Exception as error:
        if said := sentence(error):
            sys.exit(f"crm-api: {said}")
        raise
