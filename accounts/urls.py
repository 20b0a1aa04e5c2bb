"""Page routes of accounts."""

from django.urls import path

from accounts.clerk.views import door
from accounts.entrance.views import demo
from accounts.impersonation.views import stop_looking
from accounts.views import access, data, keys, notifications, profile, sign_in

app_name = "accounts"
urlpatterns = [
    path("accounts/clerk/", door, name="clerk"),
    path("accounts/demo/", demo, name="demo"),
    path("accounts/looking/stop/", stop_looking, name="stop-looking"),
    path("settings/", profile.settings, name="settings"),
    path("settings/profile/", profile.profile, name="profile"),
    path("settings/sign-in/", sign_in.sign_in, name="sign-in"),
    path("settings/sign-in/address/", sign_in.change_address, name="change-address"),
    path("settings/sign-in/address/keep/", sign_in.keep_address, name="keep-address"),
    path("settings/keys/", keys.keys, name="keys"),
    path("settings/keys/<uuid:pk>/", keys.change, name="change-key"),
    path("settings/keys/<uuid:pk>/delete/", keys.delete_key, name="delete-key"),
    path("notifications/", notifications.listing, name="notification-list"),
    path("notifications/read/", notifications.read, name="read-notifications"),
    path("notifications/<uuid:pk>/", notifications.follow, name="notification"),
    path("settings/notifications/", notifications.preferences, name="notifications"),
    path("settings/access/", access.access, name="access"),
    path("settings/access/sessions/end/", access.end_all, name="end-sessions"),
    path("settings/access/sessions/<int:session>/end/", access.end_one, name="end-session"),
    path("settings/access/panic/", access.panic, name="panic"),
    path("settings/data/", data.data, name="data"),
    path("settings/data/export/", data.begin_export, name="begin-export"),
    path("settings/data/export/<uuid:pk>/file/", data.export_file, name="export-file"),
    path("settings/data/close/", data.close, name="close"),
    path("goodbye/", data.goodbye, name="goodbye"),
]
