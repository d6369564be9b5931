"""Servers that take mail, as their owners have named them."""

from dataclasses import dataclass
from enum import StrEnum

from crm_api.kit.egress import HTTPS_PORT, Refused, Target, target_of

PORTS = frozenset({465, 587})


class Security(StrEnum):
    starttls = "starttls"
    tls = "tls"
    none = "none"


@dataclass(frozen=True, slots=True)
class Server:
    host: str
    port: int
    security: Security
    username: str | None = None
    password: str | None = None

    @property
    def target(self) -> Target:
        """Raises: Refused, unless the host is a name or an address and nothing else."""
        found = target_of(f"https://{self.host}")
        if found.port != HTTPS_PORT or found.host.lower() != self.host.lower():
            raise Refused
        return Target(found.host, self.port, self.security != Security.none, PORTS)
