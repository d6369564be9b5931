"""The programs of the tutorials on a quarter of sales, a shop and a warehouse, and a service desk,
as they are printed, beside a worker."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from crm_api.settings import Settings
from tests.test_docs import FENCE
from tests.test_webhook_tutorial import served

PROGRAMS = {
    "05-a-quarter-of-sales": "quarter",
    "06-a-shop-and-a-warehouse": "shop",
    "07-from-a-mail-to-a-rating": "desk",
}


@pytest.mark.parametrize(("page", "program"), PROGRAMS.items())
def test_the_blocks_of_the_page_are_the_file_that_is_run(page: str, program: str) -> None:
    found = FENCE.findall(Path(f"docs/tutorial/{page}.md").read_text())
    shown = "\n".join(text for of, text in found if of == "python")
    assert shown.split() == Path(f"openapi/clients/{program}.py").read_text().split()


@pytest.mark.parametrize("program", PROGRAMS.values())
async def test_the_program_runs_to_its_end(settings: Settings, program: str) -> None:
    async with served(settings, 9) as told:
        running = await asyncio.create_subprocess_exec(
            sys.executable,
            f"openapi/clients/{program}.py",
            env={**os.environ, **told},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await running.communicate()
    assert running.returncode == 0, said.decode()
    assert said == b""
