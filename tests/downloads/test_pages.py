"""The pages of downloads, with and without scripts, for their owner and for strangers."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from billing.models import UsagePeriod
from downloads import services
from downloads.choices import State
from downloads.models import Download
from downloads.specs import DownloadSpec
from kapture.jobs.models import Job
from tests.downloads.conftest import Perform, make_trend

LINK = "https://www.youtube.com/watch?v=abc"
LIST = "/downloads/"
HTMX = {"HX-Request": "true"}


def text(response: Any) -> str:
    return str(response.content.decode())


@pytest.fixture
def waiting(alice: User) -> Download:
    return services.request_download(alice, DownloadSpec(url=LINK))


@pytest.mark.django_db
class TestComposer:
    """Pasting links."""

    def test_a_pasted_link_starts_and_shows_a_waiting_row(self, browser: Client) -> None:
        response = browser.post("/downloads/request/", {"urls": f" {LINK} ", "wish": "video:720:"}, follow=True)
        assert response.redirect_chain == [(LIST, 302)]
        assert "Starts next" in text(response)
        assert "Download started." in text(response)
        assert (Download.objects.get().url, Download.objects.get().quality) == (LINK, "720")

    def test_several_links_start_together_each_once(self, browser: Client) -> None:
        browser.post("/downloads/request/", {"urls": f"{LINK}\n{LINK}2 {LINK}\r\n{LINK}3", "wish": ""})
        assert Download.objects.count() == 3

    def test_words_beside_each_other_are_refused_once(self, browser: Client) -> None:
        response = browser.post("/downloads/request/", {"urls": f"watch this {LINK}"}, headers=HTMX)
        assert text(response).count("This is no link") == 1
        assert Download.objects.count() == 1

    def test_a_refused_link_stays_with_its_reason(self, browser: Client) -> None:
        response = browser.post("/downloads/request/", {"urls": f"http://10.0.0.1/a {LINK}"}, headers=HTMX)
        assert response.status_code == 200
        assert "private network" in text(response)
        assert re.search(r"<textarea[^>]*>http://10.0.0.1/a</textarea>", text(response))
        assert Download.objects.count() == 1

    @pytest.mark.parametrize(
        "data",
        [
            {},
            {"urls": ""},
            {"urls": "no link"},
            {"urls": "javascript:alert(1)"},
            {"urls": LINK, "wish": "x"},
            {"urls": LINK, "wish": "audio:best:mp4"},
            {"urls": "\x00"},
            {"urls": " ".join(f"{LINK}{number}" for number in range(51))},
        ],
    )
    def test_bad_input_is_answered_on_the_page(self, browser: Client, data: dict[str, str]) -> None:
        response = browser.post("/downloads/request/", data)
        assert response.status_code == 422
        assert 'role="alert"' in text(response)
        assert Download.objects.count() == 0

    def test_the_limit_is_a_clear_page(self, browser: Client, waiting: Download) -> None:
        UsagePeriod.objects.update(limit=1)
        response = browser.post("/downloads/request/", {"urls": LINK})
        assert response.status_code == 403
        assert "/usage/plans/" in text(response)

    def test_what_a_user_pastes_is_shown_as_text(self, browser: Client) -> None:
        response = browser.post("/downloads/request/", {"urls": '</textarea><script>alert("x")</script>'})
        assert "<script>alert" not in text(response)


@pytest.mark.django_db
class TestList:
    """What the list shows."""

    def test_a_new_user_is_told_what_to_do(self, browser: Client) -> None:
        assert "Nothing downloaded yet" in text(browser.get(LIST))

    @pytest.mark.parametrize("tab", ["", "active", "completed", "failed", "nonsense"])
    def test_every_tab_answers(self, browser: Client, waiting: Download, tab: str) -> None:
        assert browser.get(LIST, {"tab": tab}).status_code == 200

    def test_htmx_gets_the_list_alone(self, browser: Client, waiting: Download) -> None:
        body = text(browser.get(LIST, headers=HTMX))
        assert body.lstrip().startswith('<section id="downloads-list"')
        assert "<html" not in body

    def test_a_failed_row_says_why_and_what_helps(self, browser: Client, waiting: Download) -> None:
        Job.objects.update(
            state="failed", error_code="private", error_message="The author has made this private.", remedy="Ask them."
        )
        Download.objects.update(state=State.FAILED, reason="private")
        body = text(browser.get(LIST, {"tab": "failed"}))
        assert "The author has made this private." in body
        assert "Ask the author for a public link." in body
        assert reverse("downloads:retry", args=[waiting.pk]) in body

    def test_rows_are_found_by_words(self, browser: Client, alice: User) -> None:
        services.request_download(alice, DownloadSpec(trend_id=make_trend(alice, LINK, title="Sourdough basics").pk))
        services.request_download(alice, DownloadSpec(trend_id=make_trend(alice, LINK, title="Lathe repair").pk))
        body = text(browser.get(LIST, {"tab": "active", "q": "sourdough"}))
        assert "Sourdough basics" in body
        assert "Lathe repair" not in body

    @pytest.mark.parametrize("query", ["page=0", "page=x", "q=" + "a" * 300, "q=%00"])
    def test_a_senseless_query_is_a_400(self, browser: Client, query: str) -> None:
        assert browser.get(f"{LIST}?{query}").status_code == 400

    def test_a_page_past_the_end_is_empty(self, browser: Client, waiting: Download) -> None:
        assert browser.get(f"{LIST}?page=99&tab=active").status_code == 200

    def test_the_same_number_of_queries_for_few_and_many(self, browser: Client, alice: User) -> None:
        def queries(count: int) -> int:
            for number in range(Download.objects.count(), count):
                services.request_download(alice, DownloadSpec(url=f"{LINK}{number}"))
                UsagePeriod.objects.update(limit=1000)
            with CaptureQueriesContext(connection) as captured:
                browser.get(LIST)
            # A session is read from the cache, or from its table when the cache took too long.
            return sum("django_session" not in query["sql"] for query in captured)

        browser.get(LIST)
        assert queries(2) == queries(20) == queries(100)

    def test_no_title_of_a_site_becomes_markup(self, browser: Client, waiting: Download) -> None:
        Download.objects.update(title='<img src=x onerror="x()">', author='"><svg onload=x()>')
        for page in (
            LIST,
            reverse("downloads:detail", args=[waiting.pk]),
            reverse("downloads:delete", args=[waiting.pk]),
        ):
            body = text(browser.get(page))
            assert "<img src=x" not in body
            assert "<svg onload" not in body


@pytest.mark.django_db
class TestActions:
    """What can be done with a row."""

    def test_cancel_retry_and_delete_without_scripts(self, browser: Client, waiting: Download) -> None:
        for name, state in (("cancel", State.CANCELLED), ("retry", State.ACTIVE), ("cancel", State.CANCELLED)):
            assert browser.post(reverse(f"downloads:{name}", args=[waiting.pk])).status_code == 302
            waiting.refresh_from_db()
            assert waiting.state == state
        address = reverse("downloads:delete", args=[waiting.pk])
        assert "goes to the trash" in text(browser.get(address))
        assert browser.post(address).status_code == 302
        assert not Download.objects.filter(trashed_at=None).exists()

    def test_htmx_is_told_that_rows_changed(self, browser: Client, waiting: Download) -> None:
        response = browser.post(reverse("downloads:cancel", args=[waiting.pk]), headers=HTMX)
        assert response.status_code == 204
        assert "rows-changed" in response.headers["HX-Trigger"]

    def test_all_that_failed_can_be_tried_again(self, browser: Client, alice: User) -> None:
        for number in range(3):
            services.request_download(alice, DownloadSpec(url=f"{LINK}{number}"))
        Job.objects.update(state="failed", error_code="timeout")
        Download.objects.update(state=State.FAILED, reason="timeout")
        for other in ("private", "time\0out of mind"):
            assert browser.post("/downloads/retry/", {"reason": other}).status_code == 302
        assert not Download.objects.filter(state=State.ACTIVE).exists()
        browser.post("/downloads/retry/", {"reason": "timeout"})
        assert Download.objects.filter(state=State.ACTIVE).count() == 3

    @pytest.mark.parametrize("name", ["cancel", "retry"])
    def test_a_get_changes_nothing(self, browser: Client, waiting: Download, name: str) -> None:
        assert browser.get(reverse(f"downloads:{name}", args=[waiting.pk])).status_code == 405

    def test_what_is_in_progress_cannot_be_deleted(self, browser: Client, waiting: Download) -> None:
        assert browser.post(reverse("downloads:delete", args=[waiting.pk])).status_code == 409


@pytest.mark.django_db
class TestTrends:
    """Downloads of chosen trends."""

    def test_chosen_trends_are_started(self, browser: Client, alice: User) -> None:
        trends = [make_trend(alice, f"{LINK}{number}") for number in range(2)]
        response = browser.post("/downloads/bulk/", {"trend": [str(one.pk) for one in trends]})
        assert (response.status_code, response.headers["Location"]) == (302, LIST)
        assert set(Download.objects.values_list("trend_id", flat=True)) == {one.pk for one in trends}

    def test_htmx_stays_and_is_told(self, browser: Client, alice: User, bob: User) -> None:
        chosen = [str(make_trend(alice, LINK).pk), str(make_trend(bob, LINK).pk), "x"]
        response = browser.post("/downloads/bulk/", {"trend": chosen}, headers=HTMX)
        assert response.status_code == 204
        assert "2 refused" in response.headers["HX-Trigger"]
        assert Download.objects.count() == 1

    def test_none_is_refused(self, browser: Client) -> None:
        assert browser.post("/downloads/bulk/").status_code == 400


@pytest.mark.django_db
class TestOthers:
    """Who is not the owner."""

    @pytest.mark.parametrize("name", ["detail", "cancel", "retry", "delete", "media", "file", "thumbnail"])
    def test_somebody_elses_download_is_not_there(self, stranger: Client, waiting: Download, name: str) -> None:
        address = reverse(f"downloads:{name}", args=[waiting.pk])
        response = stranger.post(address) if name in ("cancel", "retry", "delete") else stranger.get(address)
        assert response.status_code == 404
        assert Download.objects.filter(pk=waiting.pk, state=State.ACTIVE).exists()

    @pytest.mark.parametrize("name", ["detail", "media", "file", "thumbnail"])
    def test_who_is_not_signed_in_is_asked_to(self, client: Client, waiting: Download, name: str) -> None:
        response = client.get(reverse(f"downloads:{name}", args=[waiting.pk]))
        assert response.status_code == 302
        assert "/accounts/login/" in response.headers["Location"]

    def test_a_list_shows_ones_own_only(self, stranger: Client, waiting: Download) -> None:
        assert "v=abc" not in text(stranger.get(LIST)).split('id="downloads-list"')[1]

    def test_files_are_not_there_before_the_end(self, browser: Client, waiting: Download) -> None:
        for name in ("media", "file", "thumbnail"):
            assert browser.get(reverse(f"downloads:{name}", args=[waiting.pk])).status_code == 404


@pytest.mark.django_db(transaction=True)
class TestFinished:
    """What needs a real file."""

    def test_it_plays_in_the_page(self, browser: Client, alice: User, watch: str, perform: Perform) -> None:
        download = perform(alice, watch)
        body = text(browser.get(reverse("downloads:detail", args=[download.pk])))
        source = re.search(r'<video[^>]* src="([^"]+)"', body)
        assert source
        assert download.sha256 in body
        part = browser.get(source[1], headers={"Range": "bytes=4-7"})
        assert (part.status_code, part.getvalue()) == (206, b"ftyp")
        assert browser.get(download.picture).headers["Content-Type"] == "image/webp"

    def test_it_is_saved_under_its_title(self, browser: Client, alice: User, watch: str, perform: Perform) -> None:
        download = perform(alice, watch)
        response = browser.get(reverse("downloads:file", args=[download.pk]), follow=True)
        assert response.headers["Content-Disposition"] == 'attachment; filename="A page.mp4"'
        assert len(response.getvalue()) == download.size


@pytest.mark.parametrize(("chosen", "wanted"), [("yes", True), ("no", False), ("", False)])
def test_captions_are_asked_for_in_the_composer(browser: Client, chosen: str, wanted: bool) -> None:
    answer = browser.post("/downloads/request/", {"urls": "https://www.youtube.com/watch?v=kites", "captions": chosen})
    assert answer.status_code == 302
    assert Download.objects.get().subtitles is wanted
