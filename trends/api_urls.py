"""API routes of trends."""

from django.urls import include, path

from trends import api, curating_api
from trends.analytics.api_urls import urlpatterns as analytics

urlpatterns = [
    path("trends", api.TrendViewSet.as_view({"get": "list"}), name="trends"),
    path("trends/scrape", api.ScrapeView.as_view(), name="trends-scrape"),
    path("trends/bulk-scrape", api.BulkScrapeView.as_view(), name="trends-bulk-scrape"),
    *analytics,
    path("trends/bulk", curating_api.BulkView.as_view(), name="trends-bulk"),
    path("trends/changes/<uuid:pk>/undo", curating_api.UndoView.as_view(), name="trends-undo"),
    path("trends/tags", curating_api.TagsView.as_view(), name="trends-tags"),
    path("trends/categories", curating_api.CategoriesView.as_view(), name="trends-categories"),
    path("trends/categories/<uuid:pk>", curating_api.CategoryView.as_view(), name="trends-category"),
    path("trends/views", curating_api.ViewsView.as_view(), name="trends-views"),
    path("trends/views/<uuid:pk>", curating_api.ViewView.as_view(), name="trends-view"),
    path("trends/export", curating_api.ExportView.as_view(), name="trends-export"),
    path("", include("trends.watches.api_urls")),
    path("trends/<uuid:pk>", api.TrendViewSet.as_view({"get": "retrieve", "delete": "destroy"}), name="trend"),
    path("trends/<uuid:pk>/history", api.TrendViewSet.as_view({"get": "history"}), name="trend-history"),
]
