"""The program of the tutorial on a quarter of sales, as it is printed, beside a worker."""

import asyncio
import os
import sys
from pathlib import Path

from crm_api.settings import Settings
from tests.test_docs import FENCE
from tests.test_webhook_tutorial import served

PAGE = Path("docs/tutorial/05-a-quarter-of-sales.md")
PROGRAM = Path("openapi/clients/quarter.py")


def test_the_blocks_of_the_page_are_the_file_that_is_run() -> None:
    shown = "\n".join(text for of, text in FENCE.findall(PAGE.read_text()) if of == "python")
    assert shown.split() == PROGRAM.read_text().split()


async def test_a_team_sells_for_a_quarter(settings: Settings) -> None:
    async with served(settings, 9) as told:
        program = await asyncio.create_subprocess_exec(
            sys.executable,
            str(PROGRAM),
            env={**os.environ, **told},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await program.communicate()
    assert program.returncode == 0, said.decode()
    assert said == b""
