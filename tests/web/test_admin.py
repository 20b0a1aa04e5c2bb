"""What a page of admin hides cannot be asked for either."""

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts.models import User
from kapture.web.admin import ReadOnlyAdmin

pytestmark = pytest.mark.django_db


def hidden() -> Iterator[tuple[str, str]]:
    """(address of a list, column) of every column that is left out of a page."""
    for model, page in admin.site._registry.items():
        if isinstance(page, ReadOnlyAdmin):
            for column in page.exclude or ():
                yield f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist", column


@pytest.mark.parametrize(("name", "column"), list(hidden()))
def test_a_hidden_column_is_not_filtered_by(staff: User, name: str, column: str) -> None:
    office = Client()
    office.force_login(staff)
    for lookup in (column, f"{column}__startswith", f"{column}__regex"):
        assert office.get(reverse(name), {lookup: "a"}).status_code == 400, lookup


def test_secrets_are_among_what_is_hidden() -> None:
    assert {("admin:accounts_apikey_changelist", "digest")} < set(hidden())
    assert {("admin:usersessions_usersession_changelist", "session_key")} < set(hidden())
