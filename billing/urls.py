"""Page routes of billing."""

from django.urls import path

from billing import views

app_name = "billing"
urlpatterns = [
    path("usage/", views.usage_page, name="usage"),
    path("usage/plans/", views.plans_page, name="plans"),
]
