"""Page routes of downloads."""

from django.urls import path

from downloads import files, views

app_name = "downloads"
urlpatterns = [
    path("downloads/", views.list_page, name="list"),
    path("downloads/request/", views.request_links, name="request"),
    path("downloads/preview/", views.preview, name="preview"),
    path("downloads/bulk/", views.bulk, name="bulk"),
    path("downloads/retry/", views.retry_all, name="retry-all"),
    path("downloads/<uuid:pk>/", views.detail, name="detail"),
    path("downloads/<uuid:pk>/cancel/", views.cancel, name="cancel"),
    path("downloads/<uuid:pk>/retry/", views.retry, name="retry"),
    path("downloads/<uuid:pk>/delete/", views.delete, name="delete"),
    path("downloads/<uuid:pk>/media/", files.media, name="media"),
    path("downloads/<uuid:pk>/file/", files.file, name="file"),
    path("downloads/<uuid:pk>/thumbnail/", files.thumbnail, name="thumbnail"),
]
