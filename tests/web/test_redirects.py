"""No form leads off this site."""

import pytest
from django.test import RequestFactory

from kapture.web.redirects import back, safe_path


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("/trends/?q=a", "/trends/?q=a"),
        ("http://testserver/trends/?q=a#b", "/trends/?q=a"),
        ("http://testserver//elsewhere.example/a", "/elsewhere.example/a"),
        ("http://testserver/\\\\elsewhere.example", "/elsewhere.example"),
        ("//elsewhere.example", "/"),
        ("http://testserver@elsewhere.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("http://[", "/"),
        ("trends/", "/"),
        ("", "/"),
    ],
)
def test_an_address_counts_for_its_path_on_this_site(address: str, path: str) -> None:
    request = RequestFactory().post("/", {"next": address}, headers={"Referer": address})
    assert safe_path(request, address) == back(request) == path
