"""Small views of the frame: manifest and favicon."""

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, HttpResponseRedirect, JsonResponse
from django.templatetags.static import static
from django.views.decorators.http import require_safe


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What a browser needs to install the product; a view because static files carry hashed names."""
    icons = [
        {"src": static("img/icon.svg"), "sizes": "any", "type": "image/svg+xml"},
        {"src": static("img/icon-192.png"), "sizes": "192x192", "type": "image/png"},
        {"src": static("img/icon-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
    ]
    body = {
        "id": "/",
        "name": "Kapture",
        "short_name": "Kapture",
        "description": "Find what is rising, capture the media, shape it into ideas, keep everything findable.",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f5f5f7",
        "theme_color": "#f5f5f7",
        "icons": icons,
    }
    return JsonResponse(body, content_type="application/manifest+json")


@require_safe
def favicon(request: HttpRequest) -> HttpResponseRedirect | HttpResponsePermanentRedirect:
    """The address browsers ask for by themselves."""
    return HttpResponseRedirect(static("img/icon.svg"))
