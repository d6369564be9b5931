"""The registry of event types: current, complete, and still what receivers rely on."""

import subprocess
import sys
from copy import deepcopy
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import TypeAdapter

from crm_api.kit.events import kinds
from crm_api.kit.resource import declared
from crm_api.kit.shapes import shapes
from crm_api.platform.journal.schemas import EventRead

Json = dict[str, Any]
REGISTRY: Json = yaml.safe_load(Path("openapi/events.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def script() -> Any:
    loader = SourceFileLoader("events", "scripts/events")
    module = module_from_spec(spec_from_loader("events", loader) or pytest.fail("no script"))
    loader.exec_module(module)
    return module


def test_the_registry_is_current_and_nobody_misses_anything() -> None:
    found = subprocess.run([sys.executable, "scripts/events", "--check"], check=False)
    assert found.returncode == 0


def test_every_type_is_registered_with_its_version_and_its_sentence() -> None:
    told = {n: (of["schema_version"], of["when"]) for n, of in REGISTRY.items()}
    assert told == {kind.type: (kind.schema_version, kind.says()) for kind in kinds()}
    assert all(when[0].isupper() and when.endswith(".") for _, when in told.values())


def test_every_noun_with_events_has_a_shape_for_their_data(document: Json) -> None:
    for name, of in REGISTRY.items():
        shape = shapes()[name.partition(".")[0]].__name__
        assert of["data"] == f"#/components/schemas/{shape}"
        assert shape in document["components"]["schemas"]


@pytest.mark.parametrize("name", REGISTRY)
def test_an_example_is_an_event_of_its_type(name: str) -> None:
    event = EventRead.model_validate(REGISTRY[name]["example"])
    assert event.type == name
    if event.data is not None:
        TypeAdapter(shapes()[name.partition(".")[0]]).validate_python(event.data)


def test_every_webhook_names_its_schema_and_needs_no_key(document: Json) -> None:
    for name, item in document["webhooks"].items():
        assert (item["post"]["tags"], item["post"]["security"]) == (["webhooks"], []), name
    ids = [item["post"]["operationId"] for item in document["webhooks"].values()]
    assert len(set(ids)) == len(ids)


def test_what_receivers_would_miss_is_found(script: Any) -> None:
    def missed(change: Any) -> list[str]:
        now = deepcopy(REGISTRY)
        change(now)
        return list(script.missed(REGISTRY, now))

    assert missed(lambda now: None) == []
    assert missed(lambda now: now.pop("customer.updated")) == [
        "customer.updated is not sent any more"
    ]
    fields = ("contact_points[].value", "name", "preferences.do_not_disturb")
    for name in set(fields) & REGISTRY["customer.updated"]["fields"].keys():
        (said,) = missed(lambda now, name=name: now["customer.updated"]["fields"].pop(name))
        assert name in said
    (said,) = missed(lambda now: now["customer.updated"]["fields"].update(name="integer"))
    assert "name is not string any more" in said
    assert missed(lambda now: now["customer.updated"]["fields"].update(more="string")) == []
    new = {"schema_version": 2, "fields": {}}
    assert missed(lambda now: now["customer.updated"].update(new)) == []


def test_whoever_reads_a_nouns_records_sees_its_events(document: Json) -> None:
    scopes = {scope for way in _ways(document) for scope in way}
    assert {noun.scope for noun in declared.values()} <= scopes


def _ways(document: Json) -> list[list[str]]:
    operations = [o for item in document["paths"].values() for o in item.values()]
    return [way["bearer"] for o in operations for way in o["security"] if "bearer" in way]
