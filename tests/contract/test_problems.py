"""The registry of problems: complete, current, and readable."""

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

import crm_api.api  # noqa: F401  imports every feature, and with it every problem
from crm_api.kit.errors import Problem
from crm_api.kit.problem_registry import PROBLEMS, ProblemType

CODE = r"[a-z]+(-[a-z]+)*"


def _kinds(parent: type[Problem]) -> Iterator[type[Problem]]:
    yield parent
    for child in parent.__subclasses__():
        yield from _kinds(child)


def test_the_module_says_what_the_file_says() -> None:
    found = subprocess.run([sys.executable, "scripts/problems", "--check"], check=False)
    assert found.returncode == 0, "run scripts/problems"


def test_every_problem_of_the_code_is_registered_with_its_status() -> None:
    raised = {kind.code: kind.status for kind in _kinds(Problem)}
    assert raised == {code: PROBLEMS[code].status for code in raised}


@pytest.mark.parametrize(("code", "kind"), PROBLEMS.items(), ids=PROBLEMS)
def test_every_problem_is_told_in_whole_sentences(code: str, kind: ProblemType) -> None:
    assert 400 <= kind.status <= 599
    assert kind.title.strip()
    assert not kind.title.endswith(".")
    for text in (kind.meaning, kind.mend):
        assert len(text) > 20
        assert text[0].isupper()
        assert text.endswith(".")


def test_every_code_is_kebab_case() -> None:
    assert [code for code in PROBLEMS if not re.fullmatch(CODE, code)] == []
