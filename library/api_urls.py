"""API routes of the library."""

from django.urls import path

from library.api import LibraryView, SearchView

urlpatterns = [
    path("library", LibraryView.as_view(), name="library"),
    path("library/search", SearchView.as_view(), name="library-search"),
]
