"""The library's page and the palette's suggestions."""

from html.parser import HTMLParser

import pytest
from django.test import Client

from accounts.models import User
from kapture.core.choices import Platform
from tests.library.things import board, download, minutes_ago, trend

URL = "/library/"
HTMX = {"HX-Request": "true"}


class Links(HTMLParser):
    """The addresses of a page's links, by what they say."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.href: str | None = None
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.href, self.words = dict(attrs).get("href"), []

    def handle_data(self, data: str) -> None:
        self.words.append(data.strip())

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self.href:
            self.found[" ".join(filter(None, self.words))] = self.href
            self.href = None


def page(client: Client, address: str = URL, status: int = 200, headers: dict[str, str] | None = None) -> str:
    response = client.get(address, headers=headers)
    assert response.status_code == status
    return response.content.decode()


def found(links: dict[str, str], ending: str) -> str:
    return next(href for words, href in links.items() if words.endswith(ending))


def test_it_shows_things_of_all_rooms(browser: Client, alice: User) -> None:
    first, second, third = trend(alice, "A red kite"), download(alice, "A clip"), board(alice, "A plan")

    links = Links(page(browser)).found

    assert links["A red kite"] == f"/trends/{first.pk}/"
    assert links["A clip"] == f"/downloads/{second.pk}/"
    assert links["A plan"] == f"/ideaboards/{third.pk}/"
    assert links["All 3"] == URL
    assert links["Boards 1"] == f"{URL}?type=board"


def test_an_unused_library_says_how_to_begin_and_a_search_without_result_says_what_it_looked_for(
    browser: Client, alice: User
) -> None:
    empty = page(browser)
    assert "Your library is empty" in empty
    assert "New scrape" in empty

    trend(alice, "Something")
    none = page(browser, f"{URL}?q=red+kite&type=board")
    assert "Nothing matches" in none
    assert "“red” and “kite…” in boards" in none
    assert "Your library is empty" not in none


def test_filters_that_hide_every_match_can_be_dropped(browser: Client, alice: User) -> None:
    trend(alice, "A red kite")
    links = Links(page(browser, f"{URL}?q=kite&type=board&platform=x")).found
    assert links["Show 1 elsewhere"] == f"{URL}?q=kite"


def test_filters_without_anything_say_so(browser: Client, alice: User) -> None:
    trend(alice, "A red kite")
    assert "No item has this type and platform" in page(browser, f"{URL}?type=board")


def test_it_works_without_scripts(browser: Client, alice: User) -> None:
    for number in range(30):
        trend(alice, f"kite {number}", scraped_at=minutes_ago(number), platform=Platform.X)

    first = page(browser, f"{URL}?q=kite&sort=newest")
    links = Links(first).found
    assert 'method="get"' in first
    assert "kite 23" in links
    assert "kite 24" not in links

    second = Links(page(browser, links["Show more"])).found
    assert "kite 24" in second
    assert second["Back to the first"] == f"{URL}?q=kite&sort=newest"


def test_htmx_gets_the_part_that_changes_and_a_clean_address(browser: Client, alice: User) -> None:
    trend(alice, "A red kite")

    response = browser.get(f"{URL}?q=kite&type=&sort=", headers=HTMX)

    html = response.content.decode()
    assert html.lstrip().startswith('<div id="library-results"')
    assert "<h1" not in html
    assert response["HX-Push-Url"] == f"{URL}?q=kite"
    assert "<mark>kite</mark>" in html


def test_more_items_come_alone(browser: Client, alice: User) -> None:
    for number in range(30):
        trend(alice, f"kite {number}", scraped_at=minutes_ago(number))
    more = Links(page(browser)).found["Show more"]

    html = page(browser, more, headers=HTMX | {"HX-Target": "library-more"})

    assert html.lstrip().startswith("<li>")
    assert "kite 29" in html
    assert "library-results" not in html


def test_a_restored_page_is_a_whole_page(browser: Client, alice: User) -> None:
    assert "<html" in page(browser, URL, headers=HTMX | {"HX-History-Restore-Request": "true"})


def test_platform_links_add_and_take_away(browser: Client, alice: User) -> None:
    trend(alice, "Post", platform=Platform.X)
    links = Links(page(browser, f"{URL}?platform=x")).found
    assert (
        next(href for words, href in links.items() if words.endswith("TikTok 0")) == f"{URL}?platform=x&platform=tiktok"
    )
    assert next(href for words, href in links.items() if words.endswith("X 1")) == URL


@pytest.mark.parametrize(
    "nasty",
    ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7 }}{% now %}", "javascript:alert(1)//"],
)
def test_what_others_wrote_and_what_is_typed_stays_text(browser: Client, alice: User, nasty: str) -> None:
    trend(alice, f"kite {nasty}", text=f"kite {nasty}", author_name=nasty, url=nasty, thumbnail_url=nasty)
    board(alice, f"kite {nasty}", body_text=f"kite {nasty}", description=nasty)

    for address in (URL, f"{URL}?q=kite", f"{URL}?layout=list"):
        html = page(browser, address)
        assert "<script>alert" not in html
        assert "<img src=x" not in html
    echoed = browser.get(URL, {"q": nasty}).content.decode()
    assert "<script>alert" not in echoed
    assert "<img src=x" not in echoed


@pytest.mark.parametrize(
    "query", ["type=user", "platform=myspace", "sort=owner", "cursor=zz", "page=0", "q=a%00b", "q=" + "w+" * 1_000]
)
def test_bad_input_is_a_clear_refusal(browser: Client, alice: User, query: str) -> None:
    trend(alice)
    assert "Some values are not valid" in page(browser, f"{URL}?{query}", 400)


def test_one_has_to_sign_in_and_strangers_see_nothing(stranger: Client, alice: User) -> None:
    trend(alice, "Secret kite")

    for path in (URL, "/library/suggest/?q=secret"):
        response = Client().get(path)
        assert (response.status_code, response["Location"].partition("?")[0]) == (302, "/accounts/login/")
    assert "Secret kite" not in page(stranger)
    assert "Secret kite" not in page(stranger, f"{URL}?q=secret")
    assert stranger.get("/library/suggest/?q=secret").json() == {"items": []}
    assert stranger.post(URL).status_code == 405


def test_suggestions_name_title_address_and_kind(browser: Client, alice: User) -> None:
    made = board(alice, "Kites to build")
    assert browser.get("/library/suggest/?q=kit").json() == {
        "items": [{"title": "Kites to build", "url": f"/ideaboards/{made.pk}/", "kind": "Board"}]
    }
    assert browser.get("/library/suggest/").json() == {"items": []}
    assert browser.get("/library/suggest/", {"q": "x" * 400}).status_code == 400
