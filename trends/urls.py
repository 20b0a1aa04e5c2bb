"""Page routes of trends."""

from django.urls import path

from trends import views

app_name = "trends"
urlpatterns = [
    path("trends/", views.list_page, name="list"),
    path("trends/status/", views.status, name="status"),
    path("trends/scrape/", views.scrape, name="scrape"),
    path("trends/scrape/cost/", views.cost, name="cost"),
    path("trends/bulk/", views.bulk, name="bulk"),
    path("trends/delete/", views.delete, name="delete"),
    path("trends/<uuid:pk>/", views.detail, name="detail"),
]
