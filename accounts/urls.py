"""Page routes of accounts."""

from django.urls import path

from accounts import views
from accounts.entrance.views import demo

app_name = "accounts"
urlpatterns = [
    path("accounts/demo/", demo, name="demo"),
    path("settings/", views.settings, name="settings"),
    path("settings/profile/", views.profile, name="profile"),
    path("settings/keys/", views.create_key, name="create-key"),
    path("settings/keys/<uuid:pk>/delete/", views.delete_key, name="delete-key"),
]
