"""All routes: pages by room, the API under /api, admin."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from kapture import cron, views
from kapture.api import docs
from kapture.core.health import health

# Rooms whose faces are mounted: their page routes under /, their API routes under /api.
ROOMS = ("accounts", "billing", "trends", "downloads", "ideaboards", "library")

api: list[URLPattern | URLResolver] = [
    path("health", health, name="health"),
    path("schema", docs.schema, name="schema"),
    path("docs", docs.docs, name="docs"),
    path("", include(cron)),
    path("", include("kapture.jobs.api_urls")),
    *(path("", include(f"{room}.api_urls")) for room in ROOMS),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.overview, name="overview"),
    path("api/", include((api, "api"))),
    path("accounts/", include("accounts.entrance.urls")),
    # Staff come in by the one door that counts attempts; the admin's own form lets anybody guess without end.
    path("admin/login/", secure_admin_login(admin.site.login)),
    # They change their password where everybody does, on record.
    path("admin/password_change/", RedirectView.as_view(pattern_name="account_change_password")),
    path("admin/", admin.site.urls),
    path("", include("kapture.web.urls")),
    path("", include("kapture.jobs.urls")),
    path("", include("kapture.objects.urls")),
    *(path("", include(f"{room}.urls")) for room in ROOMS),
]
handler400 = "kapture.views.bad_request"
handler403 = "kapture.views.forbidden"
handler404 = "kapture.views.not_found"
handler500 = "kapture.views.server_error"
# Not Django's: allauth looks here when somebody tries too often.
handler429 = "kapture.views.too_many_requests"
