"""The mailbox shows what Django's file backend wrote, newest first, with nothing of a message taken for markup."""

import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.mail import EmailMessage
from django.core.mail.backends.filebased import EmailBackend

from kapture.sandbox.control import Control
from kapture.sandbox.mail import MailStandIn
from kapture.sandbox.server import Server

Send = Callable[..., None]


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Server]:
    with Server(MailStandIn(tmp_path / "mail")) as server:
        yield server


@pytest.fixture
def send(tmp_path: Path) -> Send:
    def write(subject: str, body: str = "Hello", to: str = "ana@example.com") -> None:
        backend = EmailBackend(file_path=str(tmp_path / "mail"))
        message = EmailMessage(subject, body, "Kapture <hello@kapture.local>", [to], connection=backend)
        assert message.send() == 1

    return write


def page(server: Server, path: str = "/") -> str:
    with urllib.request.urlopen(server.url + path) as response:
        return str(response.read().decode())


def test_an_empty_mailbox_says_so(mailbox: Server) -> None:
    assert "No message yet." in page(mailbox)
    assert Control(mailbox.url).get("/messages.json") == []


def test_messages_are_listed_newest_first_and_shown_with_their_links(mailbox: Server, send: Send) -> None:
    send("Größe & <b>more</b>", "Open this:\n\nhttp://127.0.0.1:8000/accounts/confirm/a-b:c/?x=1&y=2.\n\nKapture")
    send("Second", to="bob@example.com")
    newest, first = Control(mailbox.url).get("/messages.json")
    assert (newest["subject"], newest["to"], newest["links"]) == ("Second", "bob@example.com", [])
    assert first["sender"] == "Kapture <hello@kapture.local>"
    assert first["links"] == ["http://127.0.0.1:8000/accounts/confirm/a-b:c/?x=1&y=2"]
    listed = page(mailbox)
    assert listed.index("Second") < listed.index("Größe &amp; &lt;b&gt;more")
    shown = page(mailbox, f"/messages/{first['id']}")
    assert '<a href="http://127.0.0.1:8000/accounts/confirm/a-b:c/?x=1&amp;y=2">' in shown
    assert "to ana@example.com" in listed
    assert "ana@example.com" in shown


def test_nothing_in_a_message_becomes_markup(mailbox: Server, send: Send) -> None:
    send("<script>alert(1)</script>", "<img src=x onerror=alert(1)> javascript:alert(1) http://x/\"onclick='a'")
    shown = page(mailbox, f"/messages/{Control(mailbox.url).get('/messages.json')[0]['id']}")
    assert not re.search(r"<(script|img)|<a [^>]*(onclick|javascript:)", shown + page(mailbox))


def test_a_message_that_is_being_written_and_one_that_is_not_there(mailbox: Server, send: Send, tmp_path: Path) -> None:
    send("Whole")
    (tmp_path / "mail" / "20300101-000000-1.log").write_bytes(b"Subject: Half\nTo: a@b.example\n\nText")
    assert [message["subject"] for message in Control(mailbox.url).get("/messages.json")] == ["Whole"]
    with pytest.raises(urllib.error.HTTPError) as error:
        page(mailbox, "/messages/nothing")
    assert error.value.code == 404
    Control(mailbox.url).reset()
    assert Control(mailbox.url).get("/messages.json") == []
