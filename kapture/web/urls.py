"""Addresses of the frame itself."""

from django.conf import settings
from django.urls import URLPattern, path

from kapture.web import preferences, views
from kapture.web.styleguide import styleguide

app_name = "web"
urlpatterns: list[URLPattern] = [
    path("preferences/", preferences.save, name="preferences"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("favicon.ico", views.favicon, name="favicon"),
]
if settings.DEBUG:
    urlpatterns.append(path("styleguide/", styleguide, name="styleguide"))
