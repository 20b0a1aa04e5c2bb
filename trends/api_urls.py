"""API routes of trends."""

from django.urls import path

from trends import api

urlpatterns = [
    path("trends", api.TrendViewSet.as_view({"get": "list"}), name="trends"),
    path("trends/scrape", api.ScrapeView.as_view(), name="trends-scrape"),
    path("trends/bulk-scrape", api.BulkScrapeView.as_view(), name="trends-bulk-scrape"),
    path("trends/summary", api.SummaryView.as_view(), name="trends-summary"),
    path("trends/<uuid:pk>", api.TrendViewSet.as_view({"get": "retrieve", "delete": "destroy"}), name="trend"),
    path("trends/<uuid:pk>/history", api.TrendViewSet.as_view({"get": "history"}), name="trend-history"),
]
