"""What import-linter cannot say: doors between nouns, who holds the work, how large a thing is."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import grimp

SOURCE = Path("src/crm_api")
DOORS = {"service", "events", "queries", "schemas", "criteria", "resource"}
CAPS = {
    "queries": 150,
    "schemas": 300,
    "events": 60,
    "rules": 150,
    "repository": 120,
    "service": 150,
    "handlers": 60,
    "jobs": 60,
    "resource": 60,
    "errors": 60,
    "criteria": 60,
    "router": 150,
}
TABLE_CAP, FILE_CAP, FUNCTION_CAP, ARGUMENT_CAP = 80, 150, 30, 6


def _files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from (SOURCE / folder).rglob("*.py")


def _lines(path: Path) -> int:
    return len(path.read_text().splitlines())


def test_features_enter_each_other_by_their_doors() -> None:
    graph = grimp.build_graph("crm_api", exclude_type_checking_imports=True)
    trespasses, known = [], nouns(graph)
    for importer in graph.find_descendants("crm_api.features"):
        for imported in graph.find_modules_directly_imported_by(importer):
            noun, _, room = imported.rpartition(".")
            if noun not in known or noun == importer.rpartition(".")[0]:
                continue
            if room not in DOORS:
                trespasses.append(f"{importer} -> {imported}")
    assert trespasses == []


def nouns(graph: grimp.ImportGraph) -> set[str]:
    """The folders of nouns: those of features, and of the areas among them."""
    rooms = [m for m in graph.find_descendants("crm_api.features") if not graph.find_children(m)]
    return {room.rpartition(".")[0] for room in rooms}


def test_what_is_said_of_the_inside_of_a_noun_is_said_of_every_noun() -> None:
    """An area is told apart from a noun by hand: it has contracts of its own."""
    graph = grimp.build_graph("crm_api")
    contracts = tomllib.loads(Path("pyproject.toml").read_text())["tool"]["importlinter"]
    inside = {c["name"].partition(":")[0]: c for c in contracts["contracts"]}["Inside a feature"]
    areas = {noun.rpartition(".")[0] for noun in nouns(graph) if noun.count(".") == 3}
    assert set(inside["containers"]) == {"crm_api.features.*", *(f"{area}.*" for area in areas)}
    of_areas = {noun.rpartition(".")[2] for noun in nouns(graph) if noun.count(".") == 3}
    assert set(inside["exhaustive_ignores"]) == of_areas


def test_only_repositories_hold_the_unit_of_work() -> None:
    trespasses = [
        f"{path}:{node.lineno}"
        for path in _files("features", "platform")
        if path.stem
        not in ("repository", "registry", "sequencer", "doorkeeper", "forgetting", "months")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"work", "driver", "orm"}
    ]
    assert trespasses == []


def test_every_file_of_a_noun_keeps_its_cap() -> None:
    large = {}
    for path in _files("features", "platform"):
        tables = path.read_text().count("__tablename__")
        cap = tables * TABLE_CAP if path.stem == "models" else CAPS.get(path.stem, FILE_CAP)
        if _lines(path) > max(cap, 10):
            large[str(path)] = _lines(path)
    assert large == {}


def test_generic_machinery_stays_small() -> None:
    generated = SOURCE / "kit" / "problem_registry.py"
    large = {
        str(path): _lines(path)
        for path in _files("kit", "cli")
        if path != generated and _lines(path) > FILE_CAP
    }
    assert large == {}


def test_functions_are_short() -> None:
    long = [
        f"{path}:{node.lineno} {node.name}"
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_CAP
    ]
    assert long == []


def test_functions_take_few_arguments() -> None:
    many = [
        f"{path}:{node.lineno} {node.name}"
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and len(node.args.args + node.args.kwonlyargs) > ARGUMENT_CAP
    ]
    assert many == []


def test_no_room_has_a_name_that_means_nothing() -> None:
    meaningless = {"utils", "helpers", "common", "manager", "base", "misc"}
    assert [p for p in SOURCE.rglob("*.py") if p.stem in meaningless] == []
