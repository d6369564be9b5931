"""What every operation and every schema keeps to; each failure names the places."""

import re
from typing import Any

from crm_api.kit.unit_route import UnitRoute
from crm_api.main import ROUTES

from .reading import (
    PROBLEM,
    SCHEMAS,
    answers,
    bodies,
    is_file,
    nodes,
    objects,
    operations,
    properties,
    reachable,
    request_schemas,
    response_schemas,
    shapes,
)

Json = dict[str, Any]
SEGMENT = r"[a-z][a-z0-9]*(-[a-z0-9]+)*"
SINGLETON = rf"/{SEGMENT}(/{SEGMENT})?"  # a part there is one of, and a verb on it
PATH = re.compile(rf"/v1/{SEGMENT}(/\{{id\}}(/{SEGMENT})?|{SINGLETON})?")
PART = re.compile(rf"/v1/{SEGMENT}/\{{id\}}/{SEGMENT}/\{{[a-z_]+_id\}}(/{SEGMENT})?")  # of a record
BY_EXTERNAL_ID = re.compile(rf"/v1/{SEGMENT}/external/\{{system\}}/\{{external_id\}}")
ID = re.compile(r"\^([a-z]{2,3}|\[a-z\]\{3\})_.*")  # of one noun, or of any
FOREIGN = (
    *("Problem.request_id", "StateTransition.operation_id", ".external_id"),
    ".provider_event_id",
)
SNAKE = re.compile(r"[a-z][a-z0-9]*(_{1,2}[a-z0-9]+)*")
HEADER = re.compile(r"[A-Z]+[a-z]*(-[A-Z]+[a-z]*)*|RateLimit(-Policy)?")  # as its draft has it
OPERATION_ID = re.compile(r"[a-z]+([A-Z][a-z0-9]*)+")
WRITTEN_ONCE = {"AuditRecordRead", "EventRead", "SlaEventRead"}
IN_SOME_STATES = {"updateOrder"}
"""What asks for `If-Match` only once the record has come so far."""
MONEY = re.compile(r"(amount|price|fee)(_|$)")


def test_paths_are_plural_kebab_nouns_with_at_most_one_verb_below_an_id(document: Json) -> None:
    paths = [path for path in document["paths"] if not BY_EXTERNAL_ID.fullmatch(path)]
    assert [p for p in paths if not (PATH.fullmatch(p) or PART.fullmatch(p))] == []


def test_what_is_read_by_an_external_id_is_created_and_changed_by_it_too(document: Json) -> None:
    found = {p: item for p, item in document["paths"].items() if BY_EXTERNAL_ID.fullmatch(p)}
    assert found
    for path, item in found.items():
        assert item.keys() == {"get", "patch"}, path
        assert {"200", "201"} <= item["patch"]["responses"].keys(), path


def test_names_and_values_on_the_wire_are_snake_case(document: Json) -> None:
    wrong = [
        f"{place}/{name}"
        for place, part in objects(document["components"]["schemas"])
        for name in part.get("properties", {})
        if not SNAKE.fullmatch(name)
    ]
    wrong += [
        f"{place}: {value}"
        for place, part in objects(document)
        for value in [*part.get("enum", []), *part.get("x-extensible-enum", [])]
        if not all(SNAKE.fullmatch(part) for part in value.removeprefix("-").split("."))
    ]
    assert wrong == []


def test_query_parameters_are_snake_case_and_headers_kebab_case_without_x(document: Json) -> None:
    parameters = [part for _, part in objects(document) if {"name", "in"} <= part.keys()]
    names = [p["name"] for p in parameters if p["in"] == "header"]
    names += document["components"]["headers"]
    wrong = [name for name in names if not HEADER.fullmatch(name) or name.startswith("X-")]
    wrong += [
        p["name"] for p in parameters if p["in"] == "query" and not SNAKE.fullmatch(p["name"])
    ]
    assert wrong == []


def test_every_answer_is_an_object_that_names_its_type(document: Json) -> None:
    wrong = []
    for operation, status, response in answers(document, "2"):
        for shape in shapes(document, response):
            fields = shape.get("properties", {})
            if status == "204" or is_file(response):
                continue
            if "data" not in fields and "const" not in fields.get("object", {}):
                wrong.append(f"{operation} {status}")
    assert wrong == []


def test_every_record_has_an_id_and_a_version(document: Json) -> None:
    records = {
        name: schema
        for name, schema in response_schemas(document).items()
        if {"object", "created_at"} <= schema.get("properties", {}).keys()
    }
    assert records
    wanted = {"id", "object", "version", "created_at", "updated_at"}
    found = {n for n, schema in records.items() if wanted <= schema["properties"].keys()}
    assert records.keys() - found == WRITTEN_ONCE


def test_who_must_say_which_version_he_has_seen_is_told_so(document: Json) -> None:
    """By a required header, and by what becomes of a request without it."""
    header = document["components"]["parameters"]["IfMatchRequired"]
    assert (header["name"], header["required"]) == ("If-Match", True)
    said = {"$ref": "#/components/parameters/IfMatchRequired"}
    asking = [one for one in operations(document) if said in one.said.get("parameters", ())]
    assert {one.said["operationId"] for one in asking} >= {"moveDeal", "winDeal"}
    told = [one for one in operations(document) if "428" in one.said["responses"]]
    assert [one for one in told if one.said["operationId"] not in IN_SOME_STATES] == asking


def test_who_must_name_his_write_is_told_so(document: Json) -> None:
    header = document["components"]["parameters"]["IdempotencyKeyRequired"]
    assert (header["name"], header["required"]) == ("Idempotency-Key", True)
    said = {"$ref": "#/components/parameters/IdempotencyKeyRequired"}
    asking = [one for one in operations(document) if said in one.said.get("parameters", ())]
    routes = (route for route in ROUTES if isinstance(route, UnitRoute))
    wanted = {route.operation_id for route in routes if route.not_twice}
    assert {one.said["operationId"] for one in asking} == wanted
    assert wanted >= {"createReceipt", "confirmReceipt", "reverseReceipt"}
    assert all("400" in one.said["responses"] for one in asking)


def test_ids_are_opaque_prefixed_strings(document: Json) -> None:
    every = response_schemas(document) | request_schemas(document)
    wrong = [
        name
        for name, said in properties(every)
        if name.endswith((".id", "_id")) and not name.endswith(FOREIGN)
        if "format" in said or not ID.fullmatch(said.get("pattern", ""))
    ]
    assert wrong == []


def test_money_is_never_a_json_number(document: Json) -> None:
    def is_number(said: Json) -> bool:
        return "number" in said.get("type", ())

    numbers = [place for place, part in objects(document) if is_number(part)]
    money = [
        name
        for name, said in properties(document["components"]["schemas"])
        if MONEY.search(name.partition(".")[2]) and "integer" in said.get("type", ())
    ]
    assert numbers + money == []


def test_every_field_of_an_answer_is_always_there(document: Json) -> None:
    wrong = [
        f"{name}.{field}"
        for name, schema in response_schemas(document).items()
        for field in schema.get("properties", {}).keys() - schema.get("required", [])
        if not {"x-expands", "x-included-by"} & schema["properties"][field].keys()
    ]
    assert wrong == []


def test_no_field_of_an_answer_has_a_default(document: Json) -> None:
    defaults = [name for name, said in properties(response_schemas(document)) if "default" in said]
    assert defaults == []


def test_values_of_an_answer_may_grow_in_number(document: Json) -> None:
    """A closed enum breaks generated clients on the first new value."""
    closed = [
        f"{name}{place}"
        for name, schema in response_schemas(document).items()
        for place, part in objects(schema)
        if "enum" in part
    ]
    assert closed == []


def test_values_of_a_request_are_listed_and_closed(document: Json) -> None:
    shapes = [request_schemas(document), [o.said.get("parameters") for o in operations(document)]]
    assert [place for place, part in objects(shapes) if "x-extensible-enum" in part] == []


def test_every_list_has_the_one_shape(document: Json) -> None:
    wrong = []
    for operation in operations(document):
        if operation.said["operationId"].startswith(("list", "search")):
            for page in shapes(document, operation.said["responses"]["200"]):
                if list(page["properties"]) != ["data", "has_more", "next_cursor", "total"]:
                    wrong.append(str(operation))
    assert wrong == []


def test_only_lists_have_cursors_and_only_batches_have_data_beside_them(document: Json) -> None:
    wrong = []
    for operation, _, response in answers(document, "2"):
        for page in shapes(document, response):
            fields, name = page.get("properties", {}).keys(), operation.said["operationId"]
            is_page = bool({"has_more", "next_cursor"} & fields)
            is_event = bool({"object", "event"} & fields)  # its data is one record
            is_batch = "data" in fields and not is_page and not is_event
            if is_page != name.startswith(("list", "search")):
                wrong.append(str(operation))
            if is_batch != ("/batch-" in operation.path):
                wrong.append(str(operation))
    assert wrong == []


def test_what_may_fail_in_part_tells_the_outcome_of_each_item(document: Json) -> None:
    outcomes = {"$ref": "#/components/schemas/Outcomes"}
    partly = [o.said["responses"] for o, _, _ in answers(document, "207")]
    assert partly
    for told in partly:
        schemas = [told[s]["content"]["application/json"]["schema"] for s in ("200", "207")]
        assert schemas == [outcomes, outcomes]


def test_whoever_changes_a_record_may_say_which_version_he_has_seen(document: Json) -> None:
    condition = {"$ref": "#/components/parameters/IfMatch"}
    wrong = [
        str(o)
        for o, _, r in answers(document, "200", "201")
        if o.method == "patch"
        if condition not in o.said["parameters"] or "ETag" not in r["headers"]
    ]
    assert wrong == []


def test_every_list_is_paged_with_a_limit_and_a_cursor(document: Json) -> None:
    wrong = []
    for operation in operations(document):
        names = {p.get("name") for p in operation.said.get("parameters", [])}
        for sent in operation.said.get("requestBody", {}).get("content", {}).values():
            name = sent["schema"].get("$ref", "Problem").removeprefix(SCHEMAS)
            names |= document["components"]["schemas"][name].get("properties", {}).keys()
        is_list = operation.said["operationId"].startswith(("list", "search"))
        if is_list and not {"limit", "cursor", "sort"} <= names:
            wrong.append(str(operation))
    assert wrong == []


def test_unknown_fields_of_a_request_are_refused(document: Json) -> None:
    open_ = [
        name
        for name, schema in request_schemas(document).items()
        if "properties" in schema and schema.get("additionalProperties") is not False
    ]
    assert open_ == []


def test_every_refusal_is_a_shared_problem_document(document: Json) -> None:
    wrong = [
        f"{operation} {status}"
        for operation, status, response in answers(document, "4", "5")
        if response != {"$ref": f"#/components/responses/Problem{status}"}
    ]
    shared = document["components"]["responses"]
    schema = {"$ref": "#/components/schemas/Problem"}
    wrong += [n for n, r in shared.items() if r["content"].get(PROBLEM, {}).get("schema") != schema]
    wrong += [n for n, r in shared.items() if r["content"].keys() != {PROBLEM}]
    assert wrong == []


def test_every_problem_has_an_example_of_each_of_its_codes(document: Json) -> None:
    wrong = []
    for name, response in document["components"]["responses"].items():
        examples = response["content"][PROBLEM]["examples"]
        codes = [example["value"]["code"] for example in examples.values()]
        statuses = {example["value"]["status"] for example in examples.values()}
        if not codes or list(examples) != codes or statuses != {int(name[-3:])}:
            wrong.append(name)
    assert wrong == []


def test_every_operation_refuses_what_the_edge_refuses(document: Json) -> None:
    wanted = {"401", "403", "413", "414", "422", "431", "500", "503"}
    assert [str(o) for o in operations(document) if not wanted <= o.said["responses"].keys()] == []


def test_every_answer_names_its_request(document: Json) -> None:
    told = [(f"{o} {s}", r) for o, s, r in answers(document, "2", "3")]
    told += document["components"]["responses"].items()
    assert [place for place, response in told if "Request-Id" not in response["headers"]] == []


def test_operation_ids_are_unique_verbs_and_nouns(document: Json) -> None:
    ids = [operation.said["operationId"] for operation in operations(document)]
    assert sorted(set(ids)) == sorted(ids)
    assert [id for id in ids if not OPERATION_ID.fullmatch(id)] == []


def test_every_operation_has_one_declared_tag(document: Json) -> None:
    declared = {tag["name"] for tag in document["tags"] if tag.get("description")}
    wrong = [
        str(o)
        for o in operations(document)
        if len(o.said["tags"]) != 1 or not declared.issuperset(o.said["tags"])
    ]
    assert wrong == []
    sent = {tag for item in document["webhooks"].values() for tag in item["post"]["tags"]}
    assert declared == sent | {tag for o in operations(document) for tag in o.said["tags"]}


def test_every_operation_is_told_in_a_summary_and_a_description(document: Json) -> None:
    wrong = []
    for operation in operations(document):
        summary, description = operation.said.get("summary"), operation.said.get("description")
        if not summary or not description or not description.endswith("."):
            wrong.append(str(operation))
        elif summary.endswith(".") or not re.fullmatch("[A-Z][a-z]+( [a-zAPI]+)+", summary):
            wrong.append(f"{operation}: {summary}")
    assert wrong == []


def test_every_success_has_an_example_in_reach(document: Json) -> None:
    wrong = [
        f"{operation} {status}"
        for operation, status, response in answers(document, "2")
        if status != "204" and not is_file(response)
        if not any("examples" in s for s in reachable(document, response["content"]).values())
    ]
    assert wrong == []


def test_every_text_of_an_answer_has_an_example_or_may_be_null(document: Json) -> None:
    wrong = [
        name
        for name, said in properties(response_schemas(document))
        if said.get("type") == "string" and not {"examples", "const"} & said.keys()
    ]
    assert wrong == []


def test_every_operation_says_how_stable_it_is(document: Json) -> None:
    levels = {"stable", "beta", "alpha"}
    wrong = [o for o in operations(document) if o.said.get("x-stability-level") not in levels]
    assert [str(o) for o in wrong] == []


def test_every_operation_names_the_scopes_it_needs(document: Json) -> None:
    wrong = [
        str(o)
        for o in operations(document)
        if [list(way) for way in o.said.get("security", [])] != [["bearer"], ["oauth2"]]
    ]
    assert wrong == []


def test_every_body_is_a_named_schema(document: Json) -> None:
    sent = [body for body in bodies(document) if not is_file(body)]
    contents = [media for body in sent for media in body["content"].values()]
    contents += [
        media
        for _, _, response in answers(document, "2")
        for media in response.get("content", {}).values()
        if not is_file(response)
    ]
    assert [media for media in contents if list(media["schema"]) != ["$ref"]] == []


def test_every_patch_is_a_merge_patch(document: Json) -> None:
    wanted = {"application/json", "application/merge-patch+json"}
    patches = [o for o in operations(document) if o.method == "patch"]
    assert [str(o) for o in patches if o.said["requestBody"]["content"].keys() != wanted] == []


def test_every_creation_links_to_what_can_be_done_next(document: Json) -> None:
    known = {o.said["operationId"] for o in operations(document)}
    wrong = []
    for operation, _, response in answers(document, "201"):
        links = response.get("links", {})
        named = {link["operationId"] for link in links.values()}
        if not named or not named <= known or "Location" not in response["headers"]:
            wrong.append(str(operation))
    assert wrong == []


def test_patterns_mean_the_same_in_every_language(document: Json) -> None:
    """`\\d`, `\\s` and `\\w` are ASCII here and Unicode there."""
    classes = re.compile(r"\\[dDsSwW]")
    patterns = [(place, n) for place, n in nodes(document) if place.endswith("/pattern")]
    assert [f"{p}: {n}" for p, n in patterns if isinstance(n, str) and classes.search(n)] == []


def test_schemas_are_not_split_by_direction(document: Json) -> None:
    assert [n for n in document["components"]["schemas"] if n.endswith(("-Input", "-Output"))] == []


def test_nothing_of_the_frameworks_own_remains(document: Json) -> None:
    names = {"HTTPValidationError", "ValidationError"} & document["components"]["schemas"].keys()
    titles = [p for p, part in objects(document["components"]["schemas"]) if _is_titled(part)]
    assert (sorted(names), titles) == ([], [])


def _is_titled(part: Json) -> bool:
    return isinstance(part.get("title"), str)


def test_streams_are_described_in_words_of_openapi_3_1(document: Json) -> None:
    assert [place for place, part in objects(document) if "itemSchema" in part] == []
