"""The accounts room."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who people are and what may act for them."""

    name = "accounts"
    verbose_name = "Accounts"
