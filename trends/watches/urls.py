"""Page routes of watches, which `trends.urls` takes in."""

from django.urls import path

from trends.watches import views

urlpatterns = [
    path("trends/watches/", views.list_page, name="watches"),
    path("trends/watches/new/", views.new, name="watch-new"),
    path("trends/watches/cost/", views.cost, name="watch-cost"),
    path("trends/watches/backtest/", views.preview, name="watch-backtest"),
    path("trends/watches/<uuid:pk>/", views.watch, name="watch"),
    path("trends/watches/<uuid:pk>/edit/", views.edit, name="watch-edit"),
    path("trends/watches/<uuid:pk>/state/", views.state, name="watch-state"),
    path("trends/watches/<uuid:pk>/run/", views.run, name="watch-run"),
    path("trends/watches/<uuid:pk>/delete/", views.delete, name="watch-delete"),
    path("trends/watches/<uuid:pk>/results/", views.results, name="watch-results"),
    path("trends/watches/<uuid:pk>/messages/<uuid:message>/send/", views.replay, name="watch-replay"),
]
