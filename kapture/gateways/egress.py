"""Which addresses of the outside world may be reached on behalf of a user.

`check_url` is the cheap front check of a pasted link; the wall is `is_public`, asked again for every connection by the
proxy behind which fetches work (kapture.gateways.media.proxy): names, redirects and playlists are only known there.
"""

import socket
import unicodedata
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit, urlunsplit

import idna

from kapture.core.errors import InvalidInput

MAX_URL_LENGTH = 2048
PORTS = {"http": 80, "https": 443}

# Our own list, because `ipaddress.is_private` and `is_global` differ between Python versions and let several of these
# pass. Sources: IANA special-purpose registries for IPv4 and IPv6, RFC 6890 and its updates.
REFUSED_V4 = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT, and some clouds' metadata
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's host agent, a public number with a private meaning
        "169.254.0.0/16",  # link-local, cloud metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments, Oracle's metadata
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved and broadcast
    )
)
# Only 2000::/3 is routed in public; these parts of it lead elsewhere. All the rest (loopback, v4-compatible, NAT64,
# unique local, link-local, site-local, multicast) is refused for lying outside.
ROUTED_V6 = ip_network("2000::/3")
REFUSED_V6 = tuple(
    ip_network(text)
    for text in (
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarking
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, carries an IPv4 address
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)
REFUSED_SUFFIXES = ("localhost", "local", "localdomain", "internal", "intranet", "lan", "home.arpa", "onion")


def is_public(address: str | IPv4Address | IPv6Address) -> bool:
    """Whether an IP address belongs to the public internet; False for anything that is not an IP literal."""
    try:
        ip = ip_address(address) if isinstance(address, str) else address
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(ip.ipv4_mapped)
        return ip.scope_id is None and ip in ROUTED_V6 and not any(ip in network for network in REFUSED_V6)
    return not any(ip in network for network in REFUSED_V4)


def check_url(url: str, *, allow: Collection[str] = ()) -> str:
    """The link in one plain spelling, without its fragment; raises `InvalidInput` for what must not be fetched.

    `allow` names `host:port` pairs that are accepted although their address or port is not public.
    """
    if len(url) > MAX_URL_LENGTH:
        raise _refused(f"The link is longer than {MAX_URL_LENGTH:,} characters.")
    if any(char.isspace() or not char.isprintable() or char == "\\" for char in url):
        raise _refused("The link contains characters that no link may contain.")
    parts, port = _split(url)
    if parts.scheme not in PORTS:
        raise _refused("Only links that begin with http:// or https:// can be fetched.")
    if "@" in parts.netloc:
        raise _refused("The link carries a user name. Remove the part before the @ sign.")
    host = _plain_host(parts.hostname or "")
    shown = f"[{host}]" if ":" in host else host
    if f"{shown}:{port or PORTS[parts.scheme]}" not in allow:
        _check_target(host, port)
    netloc = shown if port in (None, PORTS[parts.scheme]) else f"{shown}:{port}"
    return urlunsplit((parts.scheme, netloc, parts.path or "/", parts.query, ""))


def _split(url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        return parts, parts.port
    except ValueError as error:
        raise _refused("This is not a complete link.") from error


def _plain_host(host: str) -> str:
    """The host as the network layer reads it: compatibility letters folded, IDNA encoded, number forms spelt out."""
    folded = unicodedata.normalize("NFKC", host).strip().rstrip(".").lower()
    if not folded or "%" in folded:
        raise _refused("The link names no host.")
    if ":" in folded:
        return _literal(folded)
    try:
        plain = idna.encode(folded, uts46=True, std3_rules=True).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise _refused("The host name of the link is not valid.") from error
    last = plain.rpartition(".")[2]
    # Whatever ends in a number is an IPv4 address in one of its many spellings (WHATWG URL, "ends in a number").
    if last.isdigit() or last.startswith("0x"):
        try:
            return str(IPv4Address(socket.inet_aton(plain)))
        except OSError as error:
            raise _refused("The host name of the link is not valid.") from error
    return plain


def _literal(text: str) -> str:
    try:
        return str(IPv6Address(text))
    except ValueError as error:
        raise _refused("The address in the link is not valid.") from error


def _check_target(host: str, port: int | None) -> None:
    if port not in (None, *PORTS.values()):
        raise _refused("Only the ports 80 and 443 can be reached.")
    if ":" in host or host.replace(".", "").isdigit():
        if not is_public(host):
            raise _refused("The link leads to an address inside a private network.")
        return
    if "." not in host or any(host == suffix or host.endswith(f".{suffix}") for suffix in REFUSED_SUFFIXES):
        raise _refused("The link leads to a name inside a private network.")


def _refused(message: str) -> InvalidInput:
    return InvalidInput({"url": [message]})
