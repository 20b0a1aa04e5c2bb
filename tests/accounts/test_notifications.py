"""What people are told: counted in the bell, read on the page, mailed when wanted, late but never lost."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.mailing import send_waiting
from accounts.models import Closing, Notification, User
from accounts.notifications import icon_of, notify, unread
from accounts.tasks import mail_notifications
from kapture.core.ids import new_id
from kapture.schedule import BEAT
from tests.accounts.post_office import PostOffice, open_office

pytestmark = pytest.mark.django_db
PAGE = "/notifications/"
CHOICE = "/settings/notifications/"


def bell(client: Client) -> str:
    found = re.search(r'class="icon-button bell"[^>]*aria-label="([^"]*)"', client.get("/settings/").content.decode())
    assert found
    return found[1]


@pytest.fixture
def office(settings: Any) -> Iterator[PostOffice]:
    with open_office() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        yield running


def test_the_bell_counts_what_was_not_read(browser: Client, alice: User, bob: User) -> None:
    assert bell(browser) == "Notifications"
    notify(bob, "billing.usage", "Something of Bob")
    for number in range(3):
        notify(alice, "billing.usage", f"Number {number}")
    assert bell(browser) == "Notifications, 3 unread"
    Notification.objects.bulk_create(Notification(owner=alice, kind="a.b", title="x") for _ in range(200))
    assert ">99+</span>" in browser.get("/settings/").content.decode()


def test_counting_is_one_query_that_an_index_serves(alice: User, django_assert_num_queries: Any) -> None:
    Notification.objects.bulk_create(
        Notification(owner=alice, kind="a.b", title="x", read_at=timezone.now()) for _ in range(2000)
    )
    notify(alice, "a.b", "new")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE accounts_notification")
    with django_assert_num_queries(1) as queries:
        assert unread(alice) == 1
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {queries[0]['sql']}")
        assert "notification_unread" in str(cursor.fetchall())


def test_opening_one_counts_it_as_read_and_leads_there(browser: Client, alice: User) -> None:
    row = notify(alice, "billing.usage", "80 % of this month's scrapes are used", path="/usage/")
    assert browser.get(f"{PAGE}{row.pk}/")["Location"] == "/usage/"
    row.refresh_from_db()
    first = row.read_at
    assert first is not None
    browser.get(f"{PAGE}{row.pk}/")
    row.refresh_from_db()
    assert row.read_at == first
    for path in ("", "https://evil.example/", "//evil.example", "/\\evil.example"):
        assert browser.get(f"{PAGE}{notify(alice, 'a.b', 'x', path=path).pk}/")["Location"] in (PAGE, "/")


def test_all_of_the_page_are_read_at_once_and_what_came_since_stays_new(
    browser: Client, alice: User, bob: User
) -> None:
    foreign = notify(bob, "a.b", "his")
    notify(alice, "a.b", "first")
    page = browser.get(PAGE).content.decode()
    found = re.search(r'name="until" value="([^"]+)"', page)
    assert found
    late = notify(alice, "a.b", "late")
    assert browser.post(f"{PAGE}read/", {"until": found[1]})["Location"] == PAGE
    assert list(Notification.objects.filter(read_at=None).order_by("id")) == [foreign, late]
    for nonsense in ("", "tomorrow", "2026-13-45T00:00:00+00:00", "2020-01-01T00:00:00"):
        assert browser.post(f"{PAGE}read/", {"until": nonsense}).status_code == 302
    assert unread(alice) == 0
    assert "Mark all as read" not in browser.get(PAGE).content.decode()


def test_the_page_shows_text_as_text_page_by_page_at_one_price(
    browser: Client, alice: User, django_assert_num_queries: Any
) -> None:
    assert "Nothing to tell you" in browser.get(PAGE).content.decode()
    counts = []
    for _ in range(2):
        for number in range(15):
            notify(alice, "a.b", f"<script>alert({number})</script>", body="<b>bold</b>")
        with django_assert_num_queries(QUERIES) as queries:
            page = browser.get(PAGE).content.decode()
        counts.append(len(queries))
    assert "<script>alert(" not in page
    assert "<b>bold" not in page
    assert page.count('class="note note-new"') == 20
    assert browser.get(f"{PAGE}?page=2").content.decode().count('class="note note-new"') == 10
    assert "Nothing on this page" in browser.get(f"{PAGE}?page=9").content.decode()
    assert browser.get(f"{PAGE}?page=zero").status_code == 400


def test_an_icon_stands_for_each_kind() -> None:
    kinds = ("accounts.security", "billing.usage", "billing.subscription", "something.else")
    assert [icon_of(kind) for kind in kinds] == ["shield-alert", "gauge", "credit-card", "bell"]


def test_people_choose_what_comes_by_mail(browser: Client, alice: User) -> None:
    usage = notify(alice, "billing.usage", "80 %", mail=True)
    billing = notify(alice, "billing.subscription", "Changed", mail=True)
    security = notify(alice, "accounts.security", "Changed", mail=True)
    assert browser.get(CHOICE).content.decode().count("checked") == 2
    assert browser.post(CHOICE, {"mails_account": "on"})["Location"] == CHOICE
    alice.refresh_from_db()
    assert (alice.mails_usage, alice.mails_account) == (False, True)
    waiting = Notification.objects.filter(wants_mail=True)
    assert set(waiting.all()) == {billing, security}
    browser.post(CHOICE, {})
    assert set(waiting.all()) == {security}
    assert usage in Notification.objects.for_user(alice)


def test_a_mail_says_what_the_page_says_and_how_to_stop_it(alice: User) -> None:
    assert BEAT["mail notifications"]["task"] == mail_notifications.name
    notify(alice, "billing.usage", "80 % of\nthis\r\nmonth's <scrapes>", body="40 & more", path="/usage/", mail=True)
    notify(alice, "accounts.security", "Your password was changed", mail=True)
    notify(alice, "a.b", "only on the page")
    mail_notifications()
    first, second = mail.outbox
    assert (first.subject, first.to) == ("80 % of this month's <scrapes>", [alice.email])
    for line in ("40 & more", f"{settings.SITE_URL}/usage/", f"{settings.SITE_URL}{CHOICE}"):
        assert line in first.body.splitlines(), line
    assert "You choose in your settings" in first.body
    assert "always sent" in second.body
    mail_notifications()
    assert len(mail.outbox) == 2


def test_a_server_that_is_away_delays_and_loses_nothing(alice: User, settings: Any) -> None:
    notify(alice, "a.b", "first", mail=True)
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert send_waiting() == 0
    notify(alice, "a.b", "second", mail=True)
    settings.EMAIL_BACKEND = backend
    assert send_waiting() == 2
    assert [message.subject for message in mail.outbox] == ["first", "second"]


def test_what_the_server_refuses_holds_up_nothing_else(alice: User, bob: User, office: PostOffice) -> None:
    office.poison = ["poison"]
    office.refused = [bob.email]
    office.refusal = "450 later"
    poisoned = notify(alice, "a.b", "poison", mail=True)
    greyed = notify(bob, "a.b", "hello", mail=True)
    notify(alice, "a.b", "fine", mail=True)
    assert send_waiting() == 1
    assert set(Notification.objects.filter(wants_mail=True, mailed_at=None)) == {poisoned, greyed}
    office.poison = []
    office.refusal = "550 nobody here"
    assert send_waiting() == 1
    # Nobody lives there: it is not tried again, and stands on the page.
    assert not Notification.objects.filter(wants_mail=True, mailed_at=None).exists()
    office.refused = []
    assert send_waiting() == 0
    assert ["Subject: " + word in text for word, text in zip(("fine", "poison"), office.taken, strict=True)] == [
        True
    ] * 2


def test_closed_accounts_and_old_news_are_not_mailed_but_suspended_people_are_told(alice: User, bob: User) -> None:
    notify(alice, "billing.usage", "news", mail=True)
    Closing.objects.create(user=alice, reason="the person", job_id=new_id())
    old = notify(bob, "a.b", "old", mail=True)
    Notification.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=8))
    User.objects.filter(pk=bob.pk).update(is_active=False)
    notify(bob, "accounts.suspended", "Your account is suspended", mail=True)
    assert send_waiting() == 1
    assert [message.subject for message in mail.outbox] == ["Your account is suspended"]


@pytest.mark.django_db(transaction=True)
def test_many_workers_send_each_message_once(alice: User, office: PostOffice) -> None:
    for number in range(20):
        notify(alice, "a.b", f"number {number}", mail=True)

    def work(_: int) -> int:
        try:
            return send_waiting()
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        sent = sum(pool.map(work, range(12)))
    assert sent == len(office.taken) == 20
    assert len({re.search("Subject: (.*)", text)[1] for text in office.taken}) == 20  # type: ignore[index]


# Session and user, what the frame reads, and two for the page of the list.
QUERIES = 10
