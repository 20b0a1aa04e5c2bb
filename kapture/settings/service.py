"""Where the machine is that downloads for this one; an address that would show its token to others stops the start."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from kapture.gateways.egress import REFUSED_SUFFIXES, is_public
from kapture.settings.env import env


def service_address(name: str) -> str:
    """An https:// address, or an http:// one of a private network, without a slash at its end; empty when not set."""
    value: str = env.str(name, default="").rstrip("/")
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be an address such as https://host:8090.") from error
    if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc or parts.query or parts.fragment:
        raise ImproperlyConfigured(f"{name} must be an address such as https://host:8090.")
    if parts.scheme == "http" and not _is_inside(host):
        raise ImproperlyConfigured(f"{name} must begin with https:// unless the host is in a private network.")
    return value


def _is_inside(host: str) -> bool:
    """Whether a host is in a private network by its number, or by a name that no public one can have."""
    try:
        return not is_public(ip_address(host))
    except ValueError:
        return "." not in host or host.endswith(tuple(f".{suffix}" for suffix in REFUSED_SUFFIXES))
