"""Routes of stored objects."""

from django.urls import path

from kapture.objects import views

app_name = "objects"
urlpatterns = [path("media/<str:token>/", views.serve, name="serve")]
