"""The committed contract: valid, current, and fit for generators."""

import json
from pathlib import Path
from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator

COMMITTED = Path("openapi/crm.v1.json")


def test_the_committed_contract_is_what_the_code_serves(document: dict[str, Any]) -> None:
    served = json.dumps(document, sort_keys=True, indent=2, ensure_ascii=False) + "\n"
    assert COMMITTED.read_text("utf-8") == served, "run scripts/openapi"


def test_the_contract_is_valid_openapi(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    found = OpenAPIV31SpecValidator(document).iter_errors()
    assert [str(error) for error in found] == []
