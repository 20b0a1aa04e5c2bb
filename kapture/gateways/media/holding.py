"""How the downloader's way out stands on this machine, for the health page: nobody outside is asked."""

from django.conf import settings

from kapture.core.health import DOWN, OK
from kapture.gateways.media import rotation, sandbox
from kapture.gateways.media.javascript import runtime


def walls() -> tuple[str, str]:
    """A health probe: which walls stand around a download."""
    if settings.DOWNLOAD_SANDBOX == sandbox.OFF:
        return OK, "Proxy only: a vetting proxy is the way out, and the sandbox is switched off."
    held = sandbox.found()
    if settings.DOWNLOAD_SANDBOX == sandbox.REQUIRE and not held.network:
        return DOWN, "DOWNLOAD_SANDBOX=require, and this machine cannot make network namespaces."
    kept = [words for has, words in ((held.user, "a user of its own"), (held.files, "its own files only")) if has]
    if not held.network:
        return OK, ", ".join(
            ["Proxy only: a vetting proxy is the way out, this machine makes no namespaces", *kept]
        ) + "."
    return OK, ", ".join(["Sandbox: no network but a vetting proxy", *kept]) + "."


def javascript() -> tuple[str, str]:
    """A health probe: the runtime that YouTube needs."""
    if runtime() is None:
        return DOWN, "deno is missing: install the project's requirements, or most formats of YouTube stay away."
    return OK, sandbox.found().javascript


def proxies() -> tuple[str, str]:
    """A health probe: upstream proxies by number, in the order of YTDLP_PROXIES, without their addresses."""
    known = rotation.upstreams()
    if not known:
        return OK, "Direct: YTDLP_PROXIES names none."
    rests = [(number, rotation.rest_of(one)) for number, one in enumerate(known, 1)]
    resting = [f"number {number} rests for {seconds} s" for number, seconds in rests if seconds]
    told = f"{len(known) - len(resting)} of {len(known)} proxies in use"
    return (DOWN if len(resting) == len(known) else OK), "; ".join([told, *resting]) + "."
