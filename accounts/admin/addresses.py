"""Confirmed and unconfirmed addresses in admin; allauth's own page there could confirm one past everybody."""

from allauth.account.models import EmailAddress
from django.contrib import admin

from kapture.web.admin import ReadOnlyAdmin

admin.site.unregister(EmailAddress)


@admin.register(EmailAddress)
class EmailAddressAdmin(ReadOnlyAdmin):
    """Addresses of people; staff change one on the page of the person."""

    list_display = ("email", "user", "verified", "primary")
    list_filter = ("verified", "primary")
    search_fields = ("email", "user__email")
    list_select_related = ("user",)
