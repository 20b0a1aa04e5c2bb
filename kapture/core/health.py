"""`/api/health`: liveness for HEAD, and a report of parts for GET. Nobody outside is called."""

from collections.abc import Callable
from typing import Any

import redis
from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from kapture.core.context import request_id

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


probes |= {"database": _database, "redis": _redis}


@never_cache
def health(request: HttpRequest) -> HttpResponse:
    """HEAD: the process lives. GET: each part; 503 only when the own database is down."""
    if request.method == "HEAD":
        return HttpResponse(status=200, content_type="application/json")
    if request.method != "GET":
        return _refusal(405, "METHOD_NOT_ALLOWED", f"Method {request.method} is not allowed.", {"Allow": "GET, HEAD"})
    checks = {}
    for name, probe in probes.items():
        status, detail = probe()
        checks[name] = {"status": status, "detail": detail}
    if checks["database"]["status"] == DOWN:
        details = {"status": "unhealthy", "timestamp": timezone.now(), "checks": checks}
        return _refusal(503, "SERVICE_UNAVAILABLE", "The database is down.", {"Retry-After": "5"}, details)
    degraded = any(check["status"] == DOWN for check in checks.values())
    data = {"status": "degraded" if degraded else "healthy", "timestamp": timezone.now(), "checks": checks}
    return JsonResponse({"success": True, "data": data, "error": None, "meta": {}})


def _refusal(status: int, code: str, message: str, headers: dict[str, str], details: Any = None) -> JsonResponse:
    """The envelope of the API contract, written here because this floor lies below the API kit."""
    error = {"code": code, "message": message, "details": details}
    body = {"success": False, "data": None, "error": error, "meta": {"requestId": request_id.get()}}
    return JsonResponse(body, status=status, headers=headers)
