"""API routes of watches."""

from django.urls import path

from trends.watches import api

urlpatterns = [
    path("trends/watches", api.WatchViewSet.as_view({"get": "list", "post": "create"}), name="watches"),
    path("trends/watches/cost", api.CostView.as_view(), name="watch-cost"),
    path("trends/watches/backtest", api.BacktestView.as_view(), name="watch-backtest"),
    path(
        "trends/watches/<uuid:pk>",
        api.WatchViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        name="watch",
    ),
    path("trends/watches/<uuid:pk>/run", api.WatchViewSet.as_view({"post": "run"}), name="watch-run"),
    path("trends/watches/<uuid:pk>/runs", api.RunViewSet.as_view({"get": "list"}), name="watch-runs"),
    path("trends/watches/<uuid:pk>/alerts", api.AlertViewSet.as_view({"get": "list"}), name="watch-alerts"),
]
