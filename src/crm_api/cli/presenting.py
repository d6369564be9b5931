"""What `crm-api serve` says when it serves, and what it does for a demo meanwhile."""

import socket
from dataclasses import dataclass

from rich.console import Console

from crm_api.main import ROUTES, known_scopes
from crm_api.settings import Settings

from .demo import DemoTenant, load_demo
from .development.beside import address, trust
from .development.issuer import Issuer
from .surroundings import write_private
from .trouble import Trouble

out = Console(soft_wrap=True)
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}


@dataclass(frozen=True)
class Demo:
    """The demo's tenant, and where its development provider listens."""

    tenant: DemoTenant
    beside: socket.socket

    def allowed(self, settings: Settings) -> Settings:
        """The API may ask the provider for its keys, although it is on no public address."""
        known = filter(None, [settings.egress_allow, address(self.beside)])
        return settings.model_copy(update={"egress_allow": ", ".join(known)})


def address_of(listener: socket.socket) -> str:
    """Where this machine finds what listens, also where that is on all addresses."""
    host, port = listener.getsockname()[:2]
    host = ANYWHERE.get(host, host)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


async def present(url: str) -> None:
    out.print(f"API   {url}/v1", f"Docs  {url}/docs", sep="\n")


async def present_demo(settings: Settings, url: str, demo: Demo, issuer: Issuer) -> None:
    """Load the demo while it is already being served."""
    key = demo.tenant.key
    await present(url)
    out.print(f"Key   {key}")
    try:
        await trust(url, key, issuer, known_scopes(ROUTES))
        out.print(f"Page  {issuer.url} signs in as people of the demo (development only)\n")
        out.print(f'curl -H "Authorization: Bearer {key}" "{url}/v1/customers?limit=2"\n')
        if not demo.tenant.loaded:
            await load_demo(url, key)
    except Trouble as trouble:
        return out.print(str(trouble))
    write_private(settings.home / "demo.json", {"url": url, "key": key})
