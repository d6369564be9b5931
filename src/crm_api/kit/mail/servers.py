"""Servers that take mail, as their owners have named them."""

from dataclasses import dataclass
from enum import StrEnum

from crm_api.kit.egress import HTTPS_PORT, Refused, Target, target_of
from crm_api.kit.errors import Invalid
from crm_api.kit.outbound import Outbound, Unreachable
from crm_api.kit.words import say

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


class ServerNotAllowed(Invalid):
    """Says the same of all that is refused: who asks learns nothing about networks and ports."""

    def __init__(self, pointer: str) -> None:
        message = say(
            "Send a public mail server with TLS at port 465 or 587, or ask whoever runs the server "
            "to allow the network."
        )
        said = say("The server sends no mail by this mail server.")
        super().__init__(
            said, {"pointer": pointer, "code": "server_not_allowed", "message": message}
        )


async def check(outbound: Outbound, server: Server, pointer: str) -> None:
    """Raises: ServerNotAllowed. A name that nobody knows yet is judged when it is used."""
    try:
        await outbound.addresses(server.target)
    except Refused as error:
        raise ServerNotAllowed(pointer) from error
    except Unreachable:
        return
