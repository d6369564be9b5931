"""Mail servers on sockets of this machine."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from crm_api.kit.mail.letters import Letter
from crm_api.kit.mail.reading import read

USER, PASSWORD = "desk", "pa$$ wörd"


@dataclass
class MailServer:
    """What came; `answers` say what a command is answered with instead of being taken."""

    port: int = 0
    came: list[Envelope] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)

    @property
    def allowed(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def letters(self) -> list[Letter]:
        return [read(bytes(one.original_content or b"")) for one in self.came]

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refused = self.answers.get(address) or self.answers.get("RCPT")
        if refused is None:
            envelope.rcpt_tos.append(address)
        return refused or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if "hang" in self.answers:
            await asyncio.sleep(60)
        if "DATA" not in self.answers:
            self.came.append(envelope)
        return self.answers.get("DATA", "250 taken")

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        return self.answers.get("QUIT", "221 Bye")

    def sign_in(self, *given: Any) -> AuthResult:
        known = LoginPassword(USER.encode(), PASSWORD.encode())
        return AuthResult(success=given[-1] == known, handled=False)


@asynccontextmanager
async def mail_server(
    *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None, **more: Any
) -> AsyncIterator[MailServer]:
    """Over TLS from the start, from STARTTLS on, or in the clear."""
    loop, found = asyncio.get_running_loop(), MailServer()

    def protocol() -> SMTP:
        return SMTP(
            found,
            loop=loop,
            hostname="mail.example.com",
            tls_context=starttls,
            require_starttls=starttls is not None,
            authenticator=found.sign_in,
            auth_require_tls=starttls is not None,
            **more,
        )

    server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=tls)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
