"""The program of the tutorial on a group, as it is printed, with a server and its worker."""

import asyncio
import os
import sys
from pathlib import Path

from crm_api.settings import Settings
from tests.test_docs import FENCE
from tests.test_webhook_tutorial import served

PAGE, PROGRAM = Path("docs/tutorial/04-a-group.md"), Path("openapi/clients/group.py")


def test_the_blocks_of_the_page_are_the_file_that_is_run() -> None:
    shown = "\n".join(text for of, text in FENCE.findall(PAGE.read_text()) if of == "python")
    assert shown.split() == PROGRAM.read_text().split()


async def test_three_subsidiaries_share_customers_and_lose_nobody(settings: Settings) -> None:
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
