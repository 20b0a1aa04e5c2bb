"""How somebody wants media: the layer nearest to the download wins."""

from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from downloads import services
from downloads.choices import Format, Kind, Quality
from downloads.models import Download, Policy
from downloads.policies import Decided, Layers
from downloads.policy_services import MOST, PolicySpec, change_policy, create_policy, delete_policy, host_of
from downloads.specs import DownloadSpec, Wish
from kapture.audit.models import AuditEvent
from kapture.core.errors import Conflict, InvalidInput, NotFound
from kapture.gateways.scraping import ContentType
from kapture.jobs.lanes import Lane
from tests.downloads.conftest import make_trend

YOUTUBE = "https://www.youtube.com/watch?v=abc"
VIMEO = "https://player.vimeo.com/video/1"
ROOT = "/api/downloads/policies"


def decided(user: User, url: str, **asked: Any) -> Decided:
    return Layers.of(user).decide(DownloadSpec(url=url, **asked), url)


@pytest.mark.django_db
class TestLayers:
    """Account default < platform < host < more exact host < this download."""

    def test_without_policies_the_product_decides(self, alice: User) -> None:
        found = decided(alice, YOUTUBE)
        assert (found.wish, found.subtitles, found.lane, found.words) == (Wish(), False, Lane.NORMAL, "")

    def test_each_choice_is_taken_from_the_nearest_layer_that_makes_it(self, alice: User) -> None:
        create_policy(alice, PolicySpec("", Wish(quality=Quality.P480), True, Lane.NIGHT))
        create_policy(alice, PolicySpec("youtube", Wish(Kind.AUDIO, convert_to=Format.MP3)))
        create_policy(alice, PolicySpec("vimeo.com", Wish(quality=Quality.P720)))
        create_policy(alice, PolicySpec("player.vimeo.com", subtitles=False))
        tube = decided(alice, YOUTUBE)
        assert (tube.wish, tube.wish_by) == (Wish(Kind.AUDIO, convert_to=Format.MP3), "your rule for YouTube")
        assert (tube.subtitles, tube.lane, tube.lane_by) == (True, Lane.NIGHT, "your default")
        player = decided(alice, VIMEO)
        assert (player.wish.quality, player.wish_by) == (Quality.P720, "your rule for vimeo.com")
        assert (player.subtitles, player.subtitles_by) == (False, "your rule for player.vimeo.com")
        assert decided(alice, "https://notvimeo.com/1").wish_by == "your default"
        asked = decided(alice, VIMEO, wish=Wish(Kind.IMAGE), subtitles=True, lane=Lane.NOW)
        assert (asked.wish.kind, asked.subtitles, asked.lane, asked.words) == (Kind.IMAGE, True, Lane.NOW, "")

    def test_a_host_beats_its_platform(self, alice: User) -> None:
        create_policy(alice, PolicySpec("youtube", Wish(Kind.AUDIO)))
        create_policy(alice, PolicySpec("youtu.be", Wish(Kind.IMAGE)))
        assert decided(alice, "https://youtu.be/abc").wish.kind == Kind.IMAGE
        assert decided(alice, YOUTUBE).wish.kind == Kind.AUDIO

    def test_a_request_follows_it_and_one_query_serves_fifty(self, alice: User, bob: User) -> None:
        create_policy(alice, PolicySpec("youtube", Wish(Kind.AUDIO), True, Lane.NIGHT))
        create_policy(bob, PolicySpec("", Wish(Kind.IMAGE)))
        download = services.request_download(alice, DownloadSpec(url=YOUTUBE))
        assert (download.kind, download.subtitles, download.job.lane) == (Kind.AUDIO, True, Lane.NIGHT)
        assert download.job.run_after.hour in range(1, 6)
        with CaptureQueriesContext(connection) as captured:
            services.request_many(alice, [DownloadSpec(url=f"{YOUTUBE}{number}") for number in range(10)])
        assert sum('FROM "downloads_policy"' in query["sql"] for query in captured) == 1

    def test_a_picture_stays_a_picture_and_a_film_of_a_trend_follows_its_host(self, alice: User) -> None:
        create_policy(alice, PolicySpec("", Wish(Kind.AUDIO)))
        picture = make_trend(alice, "https://x.com/a/status/1", ContentType.IMAGE, media_url="https://x.com/p.jpg")
        film = make_trend(alice, YOUTUBE)
        kinds = [services.request_download(alice, DownloadSpec(trend_id=one.pk)).kind for one in (picture, film)]
        assert kinds == [Kind.IMAGE, Kind.AUDIO]


class TestHosts:
    """What a rule may be for."""

    @pytest.mark.parametrize(
        ("said", "host"),
        [
            ("", ""), (" YouTube ", "youtube"), ("Vimeo.com", "vimeo.com"), ("www.vimeo.com", "vimeo.com"),
            ("https://player.vimeo.com/video/1?x#y", "player.vimeo.com"), ("vimeo.com:443/x", "vimeo.com"),
            ("münchen.de", "xn--mnchen-3ya.de"), ("vimeo.com.", "vimeo.com"),
        ],
    )  # fmt: skip
    def test_a_host_is_found_in_what_people_paste(self, said: str, host: str) -> None:
        assert host_of(said) == host

    @pytest.mark.parametrize(
        "said", ["vimeo", "a b.com", "-x.com", "http://", "10.0.0.1", "x" * 300 + ".com", "\0.com"]
    )
    def test_anything_else_is_refused(self, said: str) -> None:
        with pytest.raises(InvalidInput):
            host_of(said)


@pytest.mark.django_db
class TestWriting:
    """One layer for each host, in the name of its owner alone."""

    def test_a_second_rule_for_a_host_is_refused(self, alice: User, bob: User) -> None:
        spec = PolicySpec("vimeo.com", Wish(Kind.AUDIO))
        create_policy(alice, spec)
        with pytest.raises(Conflict):
            create_policy(alice, spec)
        create_policy(bob, spec)
        assert AuditEvent.objects.filter(action="downloads.policy_created").count() == 2

    def test_one_that_was_removed_meanwhile_does_not_come_back(self, alice: User, bob: User) -> None:
        spec = PolicySpec("vimeo.com", Wish(Kind.AUDIO))
        policy = create_policy(alice, spec)
        with pytest.raises(NotFound):
            change_policy(bob, policy.pk, lambda _: spec)
        pk = policy.pk
        delete_policy(alice, policy)
        with pytest.raises(NotFound):
            change_policy(alice, pk, lambda _: spec)
        assert not Policy.objects.exists()

    def test_there_are_not_endlessly_many(self, alice: User) -> None:
        Policy.objects.bulk_create(Policy(owner=alice, host=f"h{n}.com", kind="audio") for n in range(MOST))
        with pytest.raises(Conflict, match="At most 100 rules"):
            create_policy(alice, PolicySpec("vimeo.com", Wish(Kind.AUDIO)))

    def test_another_fault_of_the_database_is_not_called_a_second_rule(self, alice: User) -> None:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE downloads_policy ADD CONSTRAINT no_pictures CHECK (kind <> 'image')")
        with pytest.raises(IntegrityError, match="no_pictures"):
            create_policy(alice, PolicySpec("vimeo.com", Wish(Kind.IMAGE)))

    def test_a_rule_that_decides_nothing_is_refused(self) -> None:
        for wrong in ({}, {"lane": Lane.NOW}):
            with pytest.raises(InvalidInput):
                PolicySpec("vimeo.com", **wrong)


@pytest.mark.django_db
class TestApi:
    """`/api/downloads/policies`."""

    def test_a_life_of_a_rule(self, api: Client) -> None:
        body = {"host": "https://vimeo.com/x", "kind": "audio", "convertTo": "mp3", "lane": "night"}
        made = api.post(ROOT, body, content_type="application/json")
        data = made.json()["data"]
        assert (made.status_code, data["host"], data["lane"], data["subtitles"]) == (201, "vimeo.com", "night", None)
        path = f"{ROOT}/{data['id']}"
        changed = api.patch(path, {"subtitles": True, "lane": None}, content_type="application/json").json()["data"]
        assert changed | {} == {**data, "subtitles": True, "lane": None}
        turned = api.patch(path, {"kind": "video"}, content_type="application/json").json()["data"]
        assert (turned["kind"], turned["convertTo"]) == ("video", "")
        # What was read can be sent back as it is.
        less = api.patch(path, {"kind": ""}, content_type="application/json").json()["data"]
        assert (less["kind"], less["quality"], less["subtitles"]) == ("", "", True)
        again = {name: value for name, value in less.items() if name not in ("id", "createdAt")}
        assert api.patch(path, again, content_type="application/json").json()["data"] == less
        assert [row["id"] for row in api.get(ROOT).json()["data"]] == [data["id"]]
        assert (api.delete(path).status_code, api.get(path).status_code) == (204, 404)

    @pytest.mark.parametrize(
        "body",
        [
            {}, {"host": "vimeo.com"}, {"host": "nonsense", "kind": "audio"}, {"kind": "audio", "convertTo": "mp4"},
            {"quality": "720", "lane": "night"}, {"kind": "", "convertTo": "mp4", "lane": "night"},
            {"kind": "film"}, {"lane": "now"}, {"lane": 2}, {"subtitles": "perhaps"}, {"owner": "x", "kind": "audio"},
        ],
    )  # fmt: skip
    def test_bad_input_is_named(self, api: Client, body: Any) -> None:
        response = api.post(ROOT, body, content_type="application/json")
        assert (response.status_code, response.json()["error"]["code"]) == (400, "VALIDATION_ERROR")
        assert not Policy.objects.exists()

    def test_the_list_takes_the_same_queries_for_ten_and_a_hundred(self, api: Client, alice: User) -> None:
        def queries(count: int) -> int:
            Policy.objects.all().delete()
            Policy.objects.bulk_create(Policy(owner=alice, host=f"h{n}.com", kind="audio") for n in range(count))
            with CaptureQueriesContext(connection) as captured:
                assert len(api.get(f"{ROOT}?limit=100").json()["data"]) == count
            return len(captured)

        api.get(ROOT)
        assert queries(10) == queries(100)


@pytest.mark.django_db
class TestPages:
    """“How to download”."""

    def test_default_and_rules_are_kept_changed_and_removed(self, browser: Client, alice: User) -> None:
        browser.post("/downloads/policies/default/", {"wish": "video:720:", "subtitles": "yes", "lane": ""})
        browser.post("/downloads/policies/", {"host": "vimeo.com", "wish": "audio:best:mp3", "lane": "2"})
        rule = Policy.objects.get(host="vimeo.com")
        body = browser.get("/downloads/policies/").content.decode()
        assert "vimeo.com" in body
        assert '<option value="video:720:" selected>' in body
        browser.post(
            f"/downloads/policies/{rule.pk}/", {"host": "vimeo.com", "wish": "", "subtitles": "no", "lane": ""}
        )
        rule.refresh_from_db()
        assert (rule.kind, rule.subtitles, rule.lane) == ("", False, None)
        browser.post(f"/downloads/policies/{rule.pk}/delete/")
        browser.post("/downloads/policies/default/", {"wish": "", "subtitles": "", "lane": ""})
        assert not Policy.objects.exists()

    @pytest.mark.parametrize(
        "data",
        [{}, {"host": "vimeo.com"}, {"host": "x y", "wish": "video:720:"}, {"host": "vimeo.com", "wish": "film"}],
    )
    def test_what_is_wrong_is_said_beside_the_field(self, browser: Client, data: dict[str, str]) -> None:
        response = browser.post("/downloads/policies/", data)
        assert response.status_code == 422
        assert "field-error" in response.content.decode() or "error-summary" in response.content.decode()
        assert not Policy.objects.exists()

    def test_a_second_rule_for_a_host_is_said_at_its_field(self, browser: Client, alice: User) -> None:
        create_policy(alice, PolicySpec("vimeo.com", Wish(Kind.AUDIO)))
        other = create_policy(alice, PolicySpec("example.com", Wish(Kind.VIDEO, Quality.P480, Format.WEBM)))
        data = {"host": "vimeo.com", "wish": "video:480:webm"}
        for path in ("/downloads/policies/", f"/downloads/policies/{other.pk}/"):
            response = browser.post(path, data | ({} if str(other.pk) in path else {"wish": "video:720:"}))
            assert response.status_code == 422
            assert "There is a rule for this host already." in response.content.decode()
        # What only the API can ask for is among the choices of the rule that has it.
        assert (
            '<option value="video:480:webm" selected>'
            in browser.get(f"/downloads/policies/{other.pk}/").content.decode()
        )
        assert browser.post("/downloads/policies/default/", {"wish": "film"}).status_code == 422
        assert Policy.objects.count() == 2

    def test_the_composer_names_what_is_usual(self, browser: Client, alice: User) -> None:
        create_policy(alice, PolicySpec("", Wish(quality=Quality.P720)))
        body = browser.get("/downloads/").content.decode()
        assert '<option value="" selected>720p video</option>' in body
        browser.post("/downloads/request/", {"urls": YOUTUBE})
        assert Download.objects.get().quality == "720"
