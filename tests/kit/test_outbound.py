"""Requests to foreign addresses: to the one that was judged, and no longer than is sensible."""

import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path

import pytest

from crm_api.kit import outbound
from crm_api.kit.egress import Egress, Target, allowances
from crm_api.kit.outbound import Outbound, Unreachable, UrlNotAllowed
from tests.certificates import certified

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
Asked = list[bytes]


@asynccontextmanager
async def answering(
    *parts: bytes, pause: float = 0.0, tls: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[int, Asked]]:
    """A server of bytes: its port, and the heads of the requests that came."""
    asked: Asked = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked.append(await reader.readuntil(b"\r\n\r\n"))
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(pause)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1], asked


def reaching(port: int, **more: object) -> Outbound:
    return Outbound(Egress(allowances(f"127.0.0.1:{port}")), **more)  # type: ignore[arg-type]


def leading(*answers: str) -> Callable[[str, int], object]:
    """Names lead to the first of these, then to the next, as whoever rebinds them wants."""
    waiting = list(answers)

    async def resolve(host: str, port: int) -> Sequence[str]:
        return [waiting.pop(0) if len(waiting) > 1 else waiting[0]]

    return resolve


async def test_an_address_that_is_allowed_is_asked_plainly() -> None:
    async with answering(OK) as (port, asked):
        assert await reaching(port).get(f"http://127.0.0.1:{port}/keys?x=1") == b"{}"
    head = asked[0].decode()
    assert head.startswith("GET /keys?x=1 HTTP/1.1\r\n")
    assert f"Host: 127.0.0.1:{port}\r\n" in head
    assert "cookie" not in head.lower()


async def test_only_the_port_that_is_allowed_is_open() -> None:
    async with answering(OK) as (port, asked):
        for closed in (Outbound(Egress()), reaching(port + 1)):
            with pytest.raises(Unreachable):
                await closed.get(f"http://127.0.0.1:{port}/")
    assert asked == []


async def test_the_address_that_was_judged_is_the_one_that_is_connected_to() -> None:
    """The name leads outside when it is registered, and inside a moment later."""
    async with answering(OK) as (port, asked):
        rebinding = Outbound(Egress(), leading("8.8.8.8", "127.0.0.1"))  # type: ignore[arg-type]
        await rebinding.check("https://rebinding.example.com/", "/url")
        with pytest.raises(Unreachable):
            await rebinding.get("https://rebinding.example.com/")
        named = reaching(port, resolve=leading("127.0.0.1", "10.0.0.1"))
        assert await named.get(f"http://named.example.com:{port}/") == b"{}"
    assert f"Host: named.example.com:{port}\r\n" in asked[0].decode()
    assert len(asked) == 1


async def test_a_redirect_is_not_followed() -> None:
    async with answering(OK) as (inside, reached):
        for status in (301, 302, 303, 307, 308):
            told = f"HTTP/1.1 {status} X\r\nLocation: http://127.0.0.1:{inside}/\r\n"
            async with answering(f"{told}Content-Length: 0\r\n\r\n".encode()) as (port, asked):
                with pytest.raises(Unreachable):
                    await reaching(port).get(f"http://127.0.0.1:{port}/")
                assert len(asked) == 1
    assert reached == []


async def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async with answering(OK) as (proxy, proxied), answering(OK) as (port, asked):
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy}")
        assert await reaching(port).get(f"http://127.0.0.1:{port}/") == b"{}"
    assert (len(asked), proxied) == (1, [])


@pytest.mark.parametrize("status", [204, 206, 400, 404, 500])
async def test_only_200_is_an_answer(status: int) -> None:
    async with answering(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode()) as (port, _):
        with pytest.raises(Unreachable):
            await reaching(port).get(f"http://127.0.0.1:{port}/")


async def test_an_answer_that_is_too_large_or_packed_is_none() -> None:
    endless = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    packed = gzip.compress(b" " * 10_000_000)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    for parts in ((endless, *(chunk,) * 50), (head, packed)):
        async with answering(*parts) as (port, _):
            with pytest.raises(Unreachable):
                await reaching(port).get(f"http://127.0.0.1:{port}/")


async def test_who_answers_drop_by_drop_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "SECONDS", 0.3)
    drops = [OK[n : n + 1] for n in range(len(OK))]
    async with answering(*drops, pause=0.1) as (port, _):
        begun = asyncio.get_running_loop().time()
        with pytest.raises(Unreachable):
            await reaching(port).get(f"http://127.0.0.1:{port}/")
        assert asyncio.get_running_loop().time() - begun < 2


async def test_a_name_that_is_never_resolved_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def hanging(host: str, port: int) -> Sequence[str]:
        await asyncio.sleep(60)
        return []

    monkeypatch.setattr(outbound, "RESOLVE_SECONDS", 0.1)
    with pytest.raises(Unreachable):
        await Outbound(Egress(), hanging).get("https://example.com/")


async def test_the_certificate_must_be_of_the_name_and_not_of_the_address(tmp_path: Path) -> None:
    server, trust = certified(tmp_path, "login.example.com")
    async with answering(OK, tls=server) as (port, asked):
        resolve = leading("127.0.0.1")
        trusting = reaching(port, resolve=resolve, trust=trust)
        assert await trusting.get(f"https://login.example.com:{port}/") == b"{}"
        for wrong in ("other.example.com", "127.0.0.1"):
            with pytest.raises(Unreachable):
                await trusting.get(f"https://{wrong}:{port}/")
        with pytest.raises(Unreachable):
            await reaching(port, resolve=resolve).get(f"https://login.example.com:{port}/")
    assert len(asked) == 1


async def test_a_name_that_nobody_knows_yet_is_judged_later_unless_it_can_only_be_inside() -> None:
    async def unknown(host: str, port: int) -> Sequence[str]:
        raise OSError

    nowhere = Outbound(Egress(), unknown)
    await nowhere.check("https://new.example.com/", "/url")
    for closed in ("http://new.example.com/", "https://new.example.com:8443/"):
        with pytest.raises(UrlNotAllowed):
            await nowhere.check(closed, "/url")
    await Outbound(Egress(allowances("10.0.0.0/8:80")), unknown).check(
        "http://new.example/", "/url"
    )
    for inward in ("metadata.google.internal", "printer", "printer.local", "a.home.arpa"):
        with pytest.raises(UrlNotAllowed):
            await nowhere.check(f"https://{inward}/", "/url")


def test_what_an_operator_allows_is_networks_with_ports() -> None:
    text = "10.0.0.0/8:443, [fd00::/8]:8443, 10.1.2.3, 127.0.0.1:9000, [::1]:9000"
    egress = Egress(allowances(text))
    for address, port, secure, permitted in (
        ("10.9.9.9", 443, True, True),
        ("10.9.9.9", 443, False, True),
        ("10.9.9.9", 80, False, False),
        ("::ffff:10.9.9.9", 443, True, True),
        ("fd12::1", 8443, True, True),
        ("fd12::1", 443, True, False),
        ("127.0.0.1", 9000, False, True),
        ("::1", 9000, False, True),
        ("8.8.8.8", 443, True, True),
        ("8.8.8.8", 443, False, False),
        ("2606:4700::1111", 443, True, True),
    ):
        target = Target("x", port, secure)
        assert egress.permits(ip_address(address), target) is permitted, (address, port)


def test_what_holds_the_secrets_of_a_machine_is_opened_by_nobody() -> None:
    egress = Egress(allowances("0.0.0.0/0:80, 0.0.0.0/0, [::/0], [::/0]:80"))
    for address in (
        "169.254.169.254",
        "100.100.100.200",
        "192.0.0.192",
        "168.63.129.16",
        "fd00:ec2::254",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "fe80::1",
        "2002:a9fe:a9fe::1",
        "0.0.0.0",
        "224.0.0.1",
    ):
        for target in (Target("x", 443, True), Target("x", 80, False)):
            assert not egress.permits(ip_address(address), target), address


@pytest.mark.parametrize(
    "text", ["10.0.0.0/8:0", "10.0.0.1/8:443", "example.com:443", "10.0.0.0/8:65536", "fd00::/8:1"]
)
def test_what_is_no_network_with_a_port_is_refused_at_the_start(text: str) -> None:
    with pytest.raises(ValueError, match=r"network|host bits|Expected|appear"):
        allowances(text)
