"""Everything the environment may say, read once, at the edge."""

from pathlib import Path

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url

from crm_api.kit.egress import allowances, target_of
from crm_api.kit.engine import libpq
from crm_api.kit.tenancy import APP, SETTINGS


class Settings(BaseSettings):
    """Each field is a variable `CRM_...`; see docs/reference/settings.md."""

    model_config = SettingsConfigDict(env_prefix="CRM_", env_file=".env", extra="ignore")

    home: Path = Field(
        default_factory=lambda: Path.home() / ".local" / "share" / "crm-api",
        description="Where the embedded database, the secret and demo.json are kept.",
    )
    database_url: SecretStr | None = Field(
        None, description="PostgreSQL as the role crm_app; without it the embedded one is started."
    )
    database_owner_url: SecretStr | None = Field(
        None, description="PostgreSQL as a role that may create roles; for migrate only."
    )
    database_pool_size: int = Field(8, ge=1, le=100, description="Connections per process.")
    secret: SecretStr | None = Field(
        None,
        description="Signs cursors and access tokens; at least 32 characters, the same in every "
        "process.",
    )
    log_level: str = Field(
        "info",
        pattern="^(debug|info|warning|error)$",
        description="From which level on log lines are written; info has one line per request.",
    )

    rate_limit_window: int = Field(
        60, ge=1, le=3600, description="Seconds in which requests are counted."
    )
    rate_limit_key: int = Field(
        6_000, ge=1, le=1_000_000_000, description="Requests of one key in a window."
    )
    rate_limit_tenant: int = Field(
        30_000,
        ge=1,
        le=1_000_000_000,
        description="Requests of one tenant in a window; `crm-api tenant limit` sets another.",
    )
    wrong_keys: int = Field(
        100, ge=1, le=1_000_000_000, description="Wrong keys from one address in a minute."
    )
    trusted_proxies: str | None = Field(
        None,
        description="Addresses or networks, with commas between, whose `X-Forwarded-For` says "
        "where a request comes from; `*` is all. Without it the header is ignored.",
    )
    in_flight: int = Field(
        128, ge=2, le=10_000, description="Requests that one process works on at a time."
    )
    in_flight_writes: int = Field(
        26, ge=0, le=9_999, description="So many of these places are kept for writes."
    )
    deadline: int = Field(10, ge=1, le=60, description="Seconds that a request may work.")
    feed_days: int = Field(30, ge=1, le=180, description="Days for which the feed shows events.")
    audit_days: int = Field(
        1095,
        ge=180,
        le=36_500,
        description="Days for which events are kept; then they are dropped, a month at a time.",
    )
    slow_statement_ms: int = Field(
        500, ge=1, le=60_000, description="From here on a statement is counted and logged as slow."
    )
    egress_allow: str = Field(
        "",
        description="Networks with ports, with commas between, that requests may be sent to "
        "although they are not public or not HTTPS, such as `10.0.0.0/8:443, 10.1.2.3:8080`.",
    )
    public_url: str | None = Field(
        None,
        description="Where the API is found from outside, such as `https://crm.example.com`: the "
        "server sends no webhooks and no other requests to itself.",
    )
    metrics_port: int | None = Field(
        None, ge=1, le=65_535, description="Where `/metrics` is served; without it nowhere."
    )
    metrics_host: str = Field("127.0.0.1", description="Address that `/metrics` listens on.")

    @field_validator("in_flight_writes")
    @classmethod
    def _leaves_places_for_reads(cls, kept: int, known: ValidationInfo) -> int:
        if kept >= known.data.get("in_flight", 0):
            raise ValueError("must be less than CRM_IN_FLIGHT")
        return kept

    @field_validator("egress_allow")
    @classmethod
    def _names_networks(cls, text: str) -> str:
        allowances(text)
        return text

    @field_validator("public_url")
    @classmethod
    def _is_a_url(cls, text: str | None) -> str | None:
        if text is not None:
            target_of(text)
        return text

    def own_name(self) -> str | None:
        return target_of(self.public_url).name if self.public_url else None

    def app_url(self) -> str:
        assert self.database_url is not None
        return libpq(self.database_url.get_secret_value())

    def owner_url(self) -> str:
        """Who may migrate: where nobody else is named, whoever the app logs in as."""
        named = self.database_owner_url or self.database_url
        assert named is not None
        return libpq(named.get_secret_value())

    def session_settings(self) -> dict[str, str]:
        """Another role than crm_app puts itself behind the policies, as crm_app is by itself."""
        return {} if make_url(self.app_url()).username == APP else {"role": APP, **SETTINGS}

    def signing_secret(self) -> bytes:
        assert self.secret is not None
        return self.secret.get_secret_value().encode()
