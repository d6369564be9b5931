"""Everything the environment may say, read once, at the edge."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url

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
        None, description="Signs cursors; at least 32 characters, the same in every process."
    )
    log_level: str = Field(
        "info",
        pattern="^(debug|info|warning|error)$",
        description="From which level on log lines are written; info has one line per request.",
    )

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
