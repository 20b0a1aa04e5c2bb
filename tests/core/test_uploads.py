"""No form takes a file, so none reaches the disk, whoever sends it."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from accounts.models import User

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def small_forms(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)


@pytest.mark.django_db
def test_a_file_beside_the_fields_is_dropped(client: Client, alice: User) -> None:
    form = {"login": alice.email, "password": PASSWORD, "extra": SimpleUploadedFile("a.bin", b"a" * 5_000)}
    assert client.post("/accounts/login/", form)["Location"] == "/"


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/accounts/login/", "/preferences/"])
@pytest.mark.parametrize("checks", [False, True])
def test_a_body_larger_than_any_form_is_refused_unread(tmp_path: Path, path: str, checks: bool) -> None:
    client = Client(enforce_csrf_checks=checks)
    client.cookies["csrftoken"] = "a" * 32
    answer = client.post(path, {"login": "a", "extra": SimpleUploadedFile("a.bin", b"a" * 5_000_000)})
    assert answer.status_code == 400
    assert list(tmp_path.glob("*.upload*")) == []
