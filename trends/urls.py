"""Page routes of trends."""

from django.urls import path

from trends import keeping_views, shelf_views, views
from trends.analytics.views import analytics
from trends.watches.urls import urlpatterns as watches

app_name = "trends"
urlpatterns = [
    path("trends/", views.list_page, name="list"),
    path("trends/analytics/", analytics, name="analytics"),
    path("trends/status/", views.status, name="status"),
    path("trends/scrape/", views.scrape, name="scrape"),
    path("trends/scrape/cost/", views.cost, name="cost"),
    path("trends/bulk/", keeping_views.bulk, name="bulk"),
    path("trends/tag/", keeping_views.tag, name="tag"),
    path("trends/move/", keeping_views.move, name="move"),
    path("trends/changes/", shelf_views.changes, name="changes"),
    path("trends/changes/<uuid:pk>/undo/", keeping_views.undo, name="undo"),
    path("trends/categories/", shelf_views.categories, name="categories"),
    path("trends/categories/<uuid:pk>/", shelf_views.rename_category, name="rename-category"),
    path("trends/categories/<uuid:pk>/delete/", shelf_views.delete_category, name="delete-category"),
    path("trends/views/", shelf_views.save_view, name="save-view"),
    path("trends/views/<uuid:pk>/delete/", shelf_views.delete_view, name="delete-view"),
    path("trends/export/", shelf_views.export, name="export"),
    *watches,
    path("trends/<uuid:pk>/", views.detail, name="detail"),
    path("trends/<uuid:pk>/labels/", keeping_views.label, name="labels"),
]
