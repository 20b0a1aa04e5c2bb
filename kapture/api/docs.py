"""`/api/schema` and the page that reads it."""

from functools import cache

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import condition
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer

from kapture.api.errors import json_error
from kapture.core.ids import new_id

MEDIA_TYPE = "application/vnd.oai.openapi+json"
# The document changes with the code alone, so one name for each process is exact enough.
_etag = f'"{new_id().hex}"'


@cache
def document() -> bytes:
    """The OpenAPI 3.1 document of this release, made once in a process."""
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    rendered: bytes = OpenApiJsonRenderer().render(schema, renderer_context={})
    return rendered


def _name(request: HttpRequest) -> str:
    return _etag


@condition(etag_func=_name)
def schema(request: HttpRequest) -> HttpResponse:
    """The contract, for anybody."""
    if request.method not in ("GET", "HEAD"):
        return _refused(request)
    return HttpResponse(document(), content_type=MEDIA_TYPE, headers={"Cache-Control": "public, max-age=300"})


def docs(request: HttpRequest) -> HttpResponse:
    """The contract as a page on which calls can be tried."""
    if request.method not in ("GET", "HEAD"):
        return _refused(request)
    return render(request, "api/docs.html")


def _refused(request: HttpRequest) -> HttpResponse:
    response = json_error(request, 405, f"Method “{request.method}” is not allowed.")
    response["Allow"] = "GET, HEAD"
    return response
