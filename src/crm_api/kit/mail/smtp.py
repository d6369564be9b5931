"""Mail by the server of a tenant: to the very address that was judged, and never in the clear
unless whoever runs this server has opened that address."""

import asyncio
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import aiosmtplib

from crm_api.kit.egress import Address, Refused
from crm_api.kit.outbound import Outbound, Unreachable

from .building import mime
from .charsets import clean
from .outgoing import Outgoing, SendTrouble, Sent, Unsent
from .servers import Security, Server

SECONDS = 30.0
CONNECT_SECONDS, QUIT_SECONDS = 5.0, 2.0
SAID_CHARACTERS = 500
FOR_GOOD = 500


@dataclass(frozen=True, slots=True)
class Smtp:
    """A connection per message: nothing is kept open at servers of others."""

    outbound: Outbound
    server: Server
    seconds: float = SECONDS

    async def send(self, message: Outgoing) -> Sent:
        """Raises: Unsent."""
        with _told():
            mail = mime(message)
            async with asyncio.timeout(self.seconds):
                client = self._client(await self._connection(), message.from_.address)
                return await self._hand_over(client, message, mail)

    async def _hand_over(self, client: aiosmtplib.SMTP, message: Outgoing, mail: bytes) -> Sent:
        """What has been taken is sent, however the server says good-bye."""
        to = list(dict.fromkeys(box.address for box in (*message.to, *message.cc)))
        try:
            await client.connect()
            refused, _ = await client.sendmail(message.from_.address, to, mail)
            with suppress(aiosmtplib.SMTPException, OSError):
                await client.quit(timeout=QUIT_SECONDS)
        finally:
            client.close()
        return Sent(message.id, tuple(refused))

    def _client(self, connection: socket.socket, sender: str) -> aiosmtplib.SMTP:
        security = self.server.security
        return aiosmtplib.SMTP(
            hostname=self.server.host,
            sock=connection,
            username=self.server.username,
            password=self.server.password,
            local_hostname=sender.rpartition("@")[2],
            timeout=self.seconds,
            use_tls=security == Security.tls,
            start_tls=security == Security.starttls,
            tls_context=self.outbound.certificates if security != Security.none else None,
        )

    async def _connection(self) -> socket.socket:
        target = self.server.target
        return await _connected(await self.outbound.addresses(target), target.port)


async def _connected(addresses: Sequence[Address], port: int) -> socket.socket:
    """To the first that answers. Raises: OSError of the last one."""
    *others, last = addresses
    for address in others:
        with suppress(OSError):
            return await _connect(address, port)
    return await _connect(last, port)


async def _connect(address: Address, port: int) -> socket.socket:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setblocking(False)
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            await asyncio.get_running_loop().sock_connect(made, (str(address), port))
    except BaseException:
        made.close()
        raise
    return made


@contextmanager
def _told() -> Iterator[None]:
    """What goes wrong, in our words."""
    try:
        yield
    except aiosmtplib.SMTPRecipientsRefused as error:
        worst = min((one.code for one in error.recipients), default=FOR_GOOD)
        said = "; ".join(f"{one.code} {one.message}" for one in error.recipients)
        raise Unsent(SendTrouble.refused, _short(said), worst >= FOR_GOOD) from error
    except aiosmtplib.SMTPResponseException as error:
        raise _answered(error) from error
    except (Refused, UnicodeError) as error:
        raise Unsent(SendTrouble.not_allowed, is_final=True) from error
    except (aiosmtplib.SMTPException, Unreachable, OSError) as error:
        raise Unsent(_trouble(error)) from error


def _answered(error: aiosmtplib.SMTPResponseException) -> Unsent:
    said = _short(f"{error.code} {error.message}")
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return Unsent(SendTrouble.sign_in, said)
    connecting = isinstance(error, aiosmtplib.SMTPConnectResponseError)
    return Unsent(SendTrouble.refused, said, error.code >= FOR_GOOD and not connecting)


def _trouble(error: BaseException) -> SendTrouble:
    kinds: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], SendTrouble], ...] = (
        (TimeoutError, SendTrouble.timeout),
        (Unreachable, SendTrouble.no_address),
        (ssl.SSLError, SendTrouble.tls),
        (aiosmtplib.SMTPServerDisconnected, SendTrouble.no_answer),
        (OSError, SendTrouble.no_connection),
    )
    causes = [error, error.__cause__, error.__context__]
    found = (trouble for kind, trouble in kinds for one in causes if isinstance(one, kind))
    return next(found, SendTrouble.tls)


def _short(said: str) -> str:
    """What can be kept of it: servers say anything."""
    return clean(said)[:SAID_CHARACTERS]
