"""Where this server may send requests to: public addresses, and those that the operator allows.

Names prove nothing: what counts is the address that a name leads to, at the time of connecting.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import httpx

HTTPS_PORT = 443
MOST_CHARACTERS = 2048
PRINTABLE = re.compile(r"[!-\[\]-~]+")  # no spaces, no backslash
NUMERIC = re.compile(r"(.*[.])?(0[xX][0-9a-fA-F]*|[0-9]+)[.]?")
ALLOWED = re.compile(r"(\[(?P<v6>[^\]]+)\]|(?P<v4>[^:\[\]]+))(:(?P<port>[0-9]{1,5}))?")
INWARD = (".internal", ".local", ".localhost", ".localdomain", ".home.arpa", ".lan", ".corp")
Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

NEVER: tuple[Network, ...] = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",
        "169.254.0.0/16",  # link local, and the metadata of most clouds
        "100.100.100.200/32",  # metadata of Alibaba Cloud
        "168.63.129.16/32",  # the host of an Azure machine
        "192.0.0.192/32",  # metadata of Oracle Cloud
        "224.0.0.0/4",
        "255.255.255.255/32",
        "fe80::/10",
        "fd00:ec2::254/128",  # metadata of AWS
        "fd20:ce::254/128",  # metadata of Google Cloud
        "ff00::/8",
        "::/96",  # from here on addresses that carry others: what carries them is not public
        "::ffff:0:0:0/96",
        "64:ff9b:1::/48",
        "2001::/32",
        "2002::/16",
    )
)
CARRIED: tuple[Network, ...] = (ip_network("::ffff:0:0/96"), ip_network("64:ff9b::/96"))
UNICAST = ip_network("2000::/3")
NOT_PUBLIC: tuple[Network, ...] = (ip_network("192.88.99.0/24"), ip_network("3fff::/20"))
LOOPBACK = ip_address("::1")


class Refused(ValueError):
    """No request is sent to this URL. The reason is for nobody outside."""


@dataclass(frozen=True, slots=True)
class Target:
    """What of a URL a connection needs. `usual` ports are open at public addresses, if secure."""

    host: str
    port: int
    secure: bool
    usual: frozenset[int] = frozenset({HTTPS_PORT})

    @property
    def name(self) -> str:
        return self.host.lower().rstrip(".")

    @property
    def is_inward(self) -> bool:
        """Whether the name can only mean something in a private network."""
        return "." not in self.name or self.name.endswith(INWARD)


def target_of(url: str) -> Target:
    """Raises: Refused, unless it is a plain URL of http or https without a user or a fragment."""
    if len(url) > MOST_CHARACTERS or not PRINTABLE.fullmatch(url):
        raise Refused
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise Refused from error
    if parsed.scheme not in ("http", "https") or parsed.userinfo or "#" in url or "@" in url:
        raise Refused
    secure, host = parsed.scheme == "https", parsed.raw_host.decode("ascii")
    if not host or "%" in host or (NUMERIC.fullmatch(host) and literal(host) is None):
        raise Refused
    return Target(host, parsed.port if parsed.port is not None else 443 if secure else 80, secure)


def literal(host: str) -> Address | None:
    """The address that a host is written as, in its one proper form; null for a name."""
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Allowed:
    network: Network
    port: int


def allowances(text: str) -> tuple[Allowed, ...]:
    """`10.0.0.0/8:443, [fd00::/8]:8443, 10.1.2.3`: without a port it is that of HTTPS.

    Raises: ValueError.
    """
    return tuple(_allowance(part.strip()) for part in text.split(",") if part.strip())


def _allowance(text: str) -> Allowed:
    found = ALLOWED.fullmatch(text)
    port = int(found["port"] or HTTPS_PORT) if found else 0
    if found is None or not 0 < port < 65_536:
        raise ValueError(f"{text} is no network with a port, such as 10.0.0.0/8:443")
    return Allowed(ip_network(found["v6"] or found["v4"]), port)


class Egress:
    """`allowed` opens addresses and ports that are closed otherwise, also to plain HTTP; those that
    hold the secrets of a machine are opened by nobody. `own` is this server's own public name."""

    def __init__(self, allowed: Iterable[Allowed] = (), own: str | None = None) -> None:
        self.allowed, self.own = tuple(allowed), own

    def opens(self, target: Target) -> bool:
        """Whether there is any address at which it would be permitted."""
        ports = {open_.port for open_ in self.allowed}
        return target.port in ports or (target.secure and target.port in target.usual)

    def permits(self, address: Address, target: Target) -> bool:
        address = carried(address)
        never = address != LOOPBACK and any(address in network for network in NEVER)
        if never or target.name == self.own:
            return False
        if any(address in open_.network and target.port == open_.port for open_ in self.allowed):
            return True
        return target.secure and target.port in target.usual and is_public(address)


def carried(address: Address) -> Address:
    """The IPv4 address inside one of IPv6 that is only another way to write or to reach it."""
    if any(address in network for network in CARRIED):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def is_public(address: Address) -> bool:
    if any(address in network for network in NOT_PUBLIC) or address.is_multicast:
        return False
    return address.is_global and (address.version == 4 or address in UNICAST)
