"""The application itself, for a world that is there already."""

import os

from fastapi import FastAPI
from pydantic import SecretStr

from crm_api.kit.logs import configure_logs
from crm_api.main import create_app
from crm_api.settings import Settings

configure_logs(os.environ.get("BENCH_LOG", "warning"))


def settings() -> Settings:
    return Settings(
        database_url=SecretStr(os.environ["BENCH_DATABASE"]),
        database_pool_size=int(os.environ["BENCH_POOL"]),
        secret=SecretStr("a secret for the benchmark, long enough"),
        rate_limit_key=1_000_000_000,  # counted as ever, and never used up
        rate_limit_tenant=1_000_000_000,
    )


def whole() -> FastAPI:
    return create_app(settings())
