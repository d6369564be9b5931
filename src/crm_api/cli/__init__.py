"""`crm-api`: every command ends well or with one clear sentence, never with a traceback."""

import sys


def main() -> None:
    """The console script. A missing dependency is told before anything can need it."""
    try:
        from .commands import run
    except ModuleNotFoundError as error:
        sys.exit(
            f"crm-api: {error.name} is not installed: run scripts/setup, or pip install crm-api."
        )
    run()
