"""Page routes of the library."""

from django.urls import path

from library import views

app_name = "library"
urlpatterns = [
    path("library/", views.library, name="list"),
    path("library/suggest/", views.suggestions, name="suggest"),
]
