"""Write docs/reference/*.md from the code. With --check nothing is written: pages that are not
what the code says are named, with exit status 1.
"""

import sys
from collections.abc import Iterable, Iterator
from enum import Enum
from pathlib import Path
from typing import Any, get_args

import typer
from pydantic_core import PydanticUndefined

from crm_api.api import TAGS, resources
from crm_api.cli.commands import app as commands
from crm_api.kit.below import below
from crm_api.kit.db import table_of
from crm_api.kit.errors import Problem
from crm_api.kit.events import Event
from crm_api.kit.machines import Machine
from crm_api.kit.problem_registry import PROBLEMS
from crm_api.kit.resource import Resource
from crm_api.main import create_app, openapi
from crm_api.settings import Settings

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference"
METHODS = ("get", "post", "patch", "put", "delete")
EVERYWHERE = {"401", "403", "408", "413", "414", "415", "429", "431", "500", "503"}


def page(title: str, about: str, *parts: str) -> str:
    note = "<!-- Written by scripts/reference from the code; do not edit. -->"
    return "\n\n".join([note, f"# {title}", about, *parts]) + "\n"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = list(head)
    lines = [head, ["---"] * len(head), *([cell.replace("|", "\\|") for cell in r] for r in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def settings() -> str:
    about = (
        "Read once, when a command starts, from the environment or from a file `.env` in the "
        "working directory; the environment wins. An empty default means that none is set.\n\n"
        "`scripts/setup` also reads `CRM_PYTHON`: the Python 3.11 or newer that makes `.venv`. "
        "`crm-api demo` takes its `--key` from `CRM_KEY`."
    )
    rows = [
        (f"`CRM_{name.upper()}`", _kind(field), _default(field), field.description or "")
        for name, field in Settings.model_fields.items()
    ]
    return page("Settings", about, table(["Variable", "Value", "Default", "Meaning"], rows))


def _kind(field: Any) -> str:
    """What may be written there."""
    for mark in field.metadata:
        if pattern := getattr(mark, "pattern", None):
            return ", ".join(f"`{word}`" for word in pattern.strip("^$()").split("|"))
    limits = [
        str(getattr(mark, at))
        for mark in field.metadata
        for at in ("ge", "le")
        if hasattr(mark, at)
    ]
    kind = (get_args(field.annotation) or (field.annotation,))[0]
    named = {"SecretStr": "text, never logged", "Path": "directory", "int": "whole number"}
    said = named.get(kind.__name__, "text")
    return f"{said}, {' to '.join(limits)}" if limits else said


def _default(field: Any) -> str:
    if field.default_factory is not None:
        return f"`{field.default_factory()}`".replace(str(Path.home()), "~")
    return "" if field.default in (None, PydanticUndefined) else f"`{field.default}`"


def problems() -> str:
    about = (
        "Every answer that is not a success is a document of the media type "
        "`application/problem+json` (RFC 9457). Decide by its `code`: a code is never renamed and "
        "never used for anything else. Quote its `request_id` to whoever runs the server. The "
        "server has the same page for each code at `/problems/{code}`, which is the `type` of the "
        "document.\n\nErrors of the HTTP protocol itself, such as a broken request line, are "
        "answered by the HTTP server in plain text: they are outside of this promise."
    )
    used = {kind.code for kind in below(Problem)} | {Problem.code}
    parts = []
    for code, kind in sorted(PROBLEMS.items(), key=lambda entry: (entry[1].status, entry[0])):
        reserved = "" if code in used else "\n\nReserved: no operation answers this yet."
        text = f"## {code}\n\n{kind.status} {kind.title}. {kind.meaning}\n\n{kind.mend}{reserved}"
        parts.append(text)
    return page("Problems", about, *parts)


def events() -> str:
    about = (
        "Every change of a record writes one event, in the same statement as the change: who, in "
        "which request, when, of which type, about which record and version. Beside it stand "
        "`data`, the record as a GET shows it after the change, and `changes`, the old and the new "
        "value of every field that changed. `crm-api worker` then gives each event of a tenant its "
        "`sequence`: 1, 2, 3, without a gap, and chains it to the one before by a hash. "
        "`GET /v1/audit-records` lists them; they are in the tables `events` and `event_values`."
    )
    nouns = {r.word: r for r in resources}
    rows = []
    for kind in sorted(below(Event), key=lambda kind: kind.type):
        resource = nouns[kind.type.partition(".")[0]]
        where = table_of(resource.model).name
        rows.append(
            (f"`{kind.type}`", resource.noun, f"`{resource.prefix.name}_...`", f"`{where}`")
        )
    return page("Events", about, table(["Type", "About", "Id", "Table"], rows))


def operations() -> str:
    about = (
        "What the contract (`/openapi.json`) offers; `/docs` shows it with all fields. Every "
        "operation needs a key, and the key needs the scope. Statuses leave out what every "
        f"operation may answer: {', '.join(sorted(EVERYWHERE))}. HEAD works wherever GET does."
    )
    found: dict[str, list[tuple[str, ...]]] = {tag: [] for tag in TAGS}
    for path, item in openapi(create_app(Settings()))["paths"].items():
        for method in METHODS:
            if operation := item.get(method):
                found[operation["tags"][0]].append(_operation(method, path, operation))
    head = ["Operation", "Request", "Scope", "Meaning", "Statuses"]
    return page(
        "Operations", about, *(f"## {t}\n\n{TAGS[t]}\n\n{table(head, found[t])}" for t in TAGS)
    )


def _operation(method: str, path: str, operation: dict[str, Any]) -> tuple[str, ...]:
    scopes = operation["security"][0]["bearer"]  # all ways in need the same
    statuses = sorted(set(operation["responses"]) - EVERYWHERE)
    return (
        f"`{operation['operationId']}`",
        f"`{method.upper()} {path}`",
        ", ".join(f"`{scope}`" for scope in scopes) or "any",
        operation["description"],
        ", ".join(statuses),
    )


def state_machines() -> str:
    about = (
        "Which states records may have, and what leads from one to another: operations by their "
        "verbs, and in words what comes about without one. A state changes in no other way: that "
        "is refused with 409 [`invalid-transition`](problems.md#invalid-transition), whose "
        "`allowed` names the states that may follow. `GET /v1/state-machines` tells the same in "
        "the language of the caller, and the contract at each field, as `x-state-machine`."
    )
    nouns = sorted(resources, key=lambda noun: noun.collection)
    parts = [
        f"## {noun.collection}: {field}\n\n{_states(noun, machine)}\n\n{_diagram(machine)}"
        for noun in nouns
        for field, machine in noun.machines.items()
    ]
    return page("State machines", about, *parts)


def _states(noun: Resource, machine: Machine) -> str:
    final = [f"`{state}`" for state in machine.kind if machine.is_final(state)]
    said = [f"A new {noun.noun} is `{machine.begins}`."]
    said += [f"Nothing leads on from {', '.join(final)}."] if final else []
    said += [f"`{one.by}`: {one.note}" for one in machine.transitions if one.note]
    return " ".join(said)


def _diagram(machine: Machine) -> str:
    ways: dict[tuple[str, str], list[str]] = {}
    for before, after, one in machine.steps():
        ways.setdefault((before, after), []).append(one.by.replace("`", "").rstrip("."))
    lines = [f"[*] --> {machine.begins}"]
    lines += [f"{before} --> {after}: {' / '.join(by)}" for (before, after), by in ways.items()]
    lines += [f"{state} --> [*]" for state in machine.kind if machine.is_final(state)]
    drawn = "\n".join(f"    {line}" for line in lines)
    return f"```mermaid\nstateDiagram-v2\n{drawn}\n```"


def cli() -> str:
    about = (
        "`.venv/bin/crm-api`, or `crm-api` where it is installed. A command ends with status 0, "
        "or says in one sentence what is wrong and how to mend it."
    )
    root = typer.main.get_command(commands)
    return page("Commands", about, *_commands("crm-api", root))


def _commands(path: str, command: Any) -> Iterator[str]:
    inner = getattr(command, "commands", {})
    if not inner:
        names = [p.metavar or p.name.upper() for p in command.params if _is_argument(p)]
        rows = [_parameter(parameter) for parameter in command.params]
        listed = f"\n\n{table(['Parameter', 'Default', 'Meaning'], rows)}" if rows else ""
        yield f"## {' '.join([path, *names])}\n\n{command.help}{listed}"
    for name, child in inner.items():
        yield from _commands(f"{path} {name}", child)


def _is_argument(parameter: Any) -> bool:
    return bool(parameter.param_type_name == "argument")


def _parameter(parameter: Any) -> tuple[str, ...]:
    name = parameter.metavar or parameter.name.upper()
    shown = name if _is_argument(parameter) else ", ".join(parameter.opts)
    default, meaning = parameter.default, parameter.help or ""
    if isinstance(default, Enum):
        choices = ", ".join(f"`{choice.value}`" for choice in type(default))
        default, meaning = default.value, f"{choices}. {meaning}"
    needed = "required" if parameter.required else ""
    return f"`{shown}`", needed if default in (None, False) else f"`{default}`", meaning


PAGES = {
    "cli.md": cli,
    "events.md": events,
    "operations.md": operations,
    "problems.md": problems,
    "settings.md": settings,
    "state-machines.md": state_machines,
}


def main() -> None:
    stale = []
    for name, write in PAGES.items():
        place, text = FOLDER / name, write()
        if not place.exists() or place.read_text("utf-8") != text:
            stale.append(name)
            if "--check" not in sys.argv[1:]:
                place.write_text(text, "utf-8")
    if stale and "--check" in sys.argv[1:]:
        sys.exit(f"Not what the code says: {', '.join(stale)}. Run scripts/reference.")


if __name__ == "__main__":
    main()
