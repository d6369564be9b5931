"""The application itself, as `crm-api serve` runs it, for a world that is there already."""

import os

from pydantic import SecretStr

from crm_api.kit.logs import configure_logs
from crm_api.main import create_app
from crm_api.settings import Settings

configure_logs(os.environ.get("BENCH_LOG", "warning"))
app = create_app(
    Settings(
        database_url=SecretStr(os.environ["BENCH_DATABASE"]),
        secret=SecretStr("a secret for the benchmark, long enough"),
        rate_limit_key=1_000_000_000,  # counted as ever, and never used up
        rate_limit_tenant=1_000_000_000,
    )
)
