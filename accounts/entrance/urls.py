"""The pages of allauth that this product offers; names are those allauth reverses."""

from allauth.account import views as allauth
from django.urls import path, re_path
from django.views.generic import RedirectView

from accounts.clerk.views import SignOutView
from accounts.entrance import views

urlpatterns = [
    path("login/", views.SignInView.as_view(), name="account_login"),
    path("logout/", SignOutView.as_view(), name="account_logout"),
    path("signup/", views.SignUpView.as_view(), name="account_signup"),
    path("inactive/", views.InactiveView.as_view(), name="account_inactive"),
    path("confirm-email/", views.SentView.as_view(), name="account_email_verification_sent"),
    re_path(r"^confirm-email/(?P<key>[-:\w]+)/$", allauth.confirm_email, name="account_confirm_email"),
    path("password/change/", views.ChangePasswordView.as_view(), name="account_change_password"),
    path("password/set/", views.SetPasswordView.as_view(), name="account_set_password"),
    path("password/reset/", views.LostPasswordView.as_view(), name="account_reset_password"),
    path("password/reset/done/", views.LinkSentView.as_view(), name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.NewPasswordView.as_view(),
        name="account_reset_password_from_key",
    ),
    path("password/reset/key/done/", allauth.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    # allauth leads here for what we do in the settings.
    path("email/", RedirectView.as_view(pattern_name="accounts:sign-in"), name="account_email"),
]
