"""Page routes of jobs."""

from django.urls import path

from kapture.jobs import views

app_name = "jobs"
urlpatterns = [
    path("live/", views.live, name="live"),
    path("jobs/<uuid:pk>/", views.card, name="card"),
    path("jobs/<uuid:pk>/cancel/", views.cancel, name="cancel"),
    path("jobs/<uuid:pk>/retry/", views.retry, name="retry"),
]
