"""The committed contract: valid, current, and fit for generators."""

import json
from pathlib import Path
from typing import Any, get_args

from openapi_spec_validator import OpenAPIV31SpecValidator
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from crm_api.kit.below import below

COMMITTED = Path("openapi/crm.v1.json")


def test_the_committed_contract_is_what_the_code_serves(document: dict[str, Any]) -> None:
    served = json.dumps(document, sort_keys=True, indent=2, ensure_ascii=False) + "\n"
    assert COMMITTED.read_text("utf-8") == served, "run scripts/openapi"


def test_the_contract_is_valid_openapi(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    found = OpenAPIV31SpecValidator(document).iter_errors()
    assert [str(error) for error in found] == []


def test_what_the_code_says_of_a_field_is_in_the_contract(document: dict[str, Any]) -> None:
    """Also of the types in a union, where no mark of a type may take its place."""
    shapes = document["components"]["schemas"]
    models = [m for m in below(BaseModel) if m.__name__ in shapes and _is_ours(m)]
    described = [
        (model.__name__, field.alias or name)
        for model in models
        for name, field in model.model_fields.items()
        if _is_described(field)
    ]
    assert len(described) > 500
    told = {(name, field): shapes[name]["properties"][field] for name, field in described}
    lost = [place for place, shape in told.items() if '"description"' not in json.dumps(shape)]
    assert lost == []


def _is_ours(model: type[BaseModel]) -> bool:
    return model.__module__.startswith("crm_api.")


def _is_described(said: Any) -> bool:
    if isinstance(said, FieldInfo):
        return bool(said.description) or _is_described(said.annotation)
    return any(_is_described(part) for part in get_args(said))
