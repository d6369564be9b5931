"""`crm-api doctor`: what is wrong with the surroundings, and how to mend it."""

import asyncio

import typer
from rich.console import Console

from crm_api.settings import Settings

from .checks import ADVISED, NEEDED, Finding, examine, secret
from .surroundings import database
from .trouble import sentence

out = Console(soft_wrap=True)


def doctor() -> None:
    """Look at the surroundings and explain what is wrong with them and how to mend it."""
    with database() as settings:
        findings = [secret(settings), *_of_the_database(settings)]
    for finding in findings:
        mark = "[green]ok[/green]  " if finding.mend is None else "[red]bad[/red] "
        out.print(mark, finding.what)
        if finding.mend:
            out.print("     ", finding.mend)
    raise typer.Exit(any(finding.mend for finding in findings))


def _of_the_database(settings: Settings) -> list[Finding]:
    try:
        return asyncio.run(examine(settings, (*NEEDED, *ADVISED)))
    except Exception as error:
        if said := sentence(error):
            return [Finding("The database does not answer.", said)]
        raise
