"""`/api/health`: liveness for HEAD, and a report of parts for GET. Vendors are told from settings, never called."""

import os
from collections.abc import Callable
from pathlib import Path

import redis
from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

# Rooms and gateways add a probe here: name -> (status, detail) without calling anybody.
probes: dict[str, Callable[[], tuple[str, str]]] = {}
OK, OFF, DOWN, SANDBOX = "ok", "off", "down", "sandbox"


def _database() -> tuple[str, str]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return DOWN, "The database does not answer."
    return OK, ""


def _redis() -> tuple[str, str]:
    try:
        client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
        client.ping()
    except redis.RedisError:
        return DOWN, "The broker does not answer; work waits in its rows."
    return OK, ""


def _storage() -> tuple[str, str]:
    store = default_storage._wrapped  # type: ignore[attr-defined]
    if not isinstance(store, FileSystemStorage):
        return OK, "remote"
    root = Path(store.location)
    root.mkdir(parents=True, exist_ok=True)
    return (OK, "local") if os.access(root, os.W_OK) else (DOWN, "The media folder cannot be written.")


def vendor(name: str, configured: bool, setting: str) -> tuple[str, str]:
    """How a vendor stands by configuration alone."""
    if name in settings.SANDBOX:
        return SANDBOX, "A stand-in with sample data."
    return (OK, "") if configured else (OFF, f"Set {setting} to switch it on.")


probes |= {
    "database": _database,
    "redis": _redis,
    "storage": _storage,
    "apify": lambda: vendor("apify", bool(settings.APIFY_API_TOKEN), "APIFY_API_TOKEN"),
    "openai": lambda: vendor("openai", bool(settings.OPENAI_API_KEY), "OPENAI_API_KEY"),
}


@require_safe
@never_cache
def health(request: HttpRequest) -> HttpResponse:
    """HEAD: the process lives. GET: each part; 503 only when the own database is down."""
    if request.method == "HEAD":
        return HttpResponse(status=200)
    checks = {}
    for name, probe in probes.items():
        status, detail = probe()
        checks[name] = {"status": status, "detail": detail}
    broken = checks["database"]["status"] == DOWN
    degraded = any(check["status"] == DOWN for check in checks.values())
    word = "unhealthy" if broken else "degraded" if degraded else "healthy"
    data = {"status": word, "timestamp": timezone.now(), "checks": checks}
    body = {"success": not broken, "data": data, "error": None, "meta": {}}
    if broken:
        error = {"code": "SERVICE_UNAVAILABLE", "message": "The database is down.", "details": checks}
        body = {"success": False, "data": None, "error": error, "meta": {}}
    response = JsonResponse(body, status=503 if broken else 200)
    if broken:
        response["Retry-After"] = "5"
    return response
