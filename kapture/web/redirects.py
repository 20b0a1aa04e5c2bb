"""Where to go after a form, never off this site."""

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def safe_path(request: HttpRequest, address: str, default: str = "/") -> str:
    """The path and query of an address on this site; the default for anything else."""
    if not url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure()):
        return default
    parts = urlsplit(address)
    # Of `https://here//there` the path alone would lead to the host `there`.
    path = "/" + parts.path.lstrip("/\\") if parts.path.startswith("/") else default
    return f"{path}?{parts.query}" if parts.query else path


def back(request: HttpRequest, default: str = "/") -> str:
    """The page the form was on: its `next` field, else the referring page, else the default."""
    return safe_path(request, request.POST.get("next") or request.headers.get("Referer", ""), default)
