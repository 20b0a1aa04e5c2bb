"""Every way in which a scrape can fail is in docs/scraping.md."""

from kapture.gateways.scraping import PROVIDERS, listing, search
from kapture.settings.env import BASE_DIR
from trends.endings import REMEDIES


def table() -> dict[str, tuple[set[str], bool]]:
    """Codes of the table in docs/scraping.md, with their providers and whether they are tried again."""
    rows = (BASE_DIR / "docs" / "scraping.md").read_text().split("| code |")[1].splitlines()[2:]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows if row.startswith("| `")]
    return {code.strip("`"): (set(who.split(", ")), again == "yes") for code, _, who, again, _ in cells}


def test_the_document_lists_every_code() -> None:
    told = table()
    assert set(told) == set(REMEDIES)
    for provider, messages, retryable in (
        ("ytdlp", search.MESSAGES, search.RETRYABLE),
        ("reddit", listing.MESSAGES, listing.RETRYABLE),
    ):
        named = {code: again for code, (who, again) in told.items() if provider in who}
        named.pop("vendor_unavailable")
        assert named == {code: code in retryable for code in messages}
    assert set().union(*(who for who, _ in told.values())) == set(PROVIDERS)
