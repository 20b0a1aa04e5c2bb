"""The filters of the list in words, and what they may be set to."""

from collections.abc import Sequence

from kapture.gateways.scraping import ContentType
from kapture.web.formats import compact
from trends.kept import TagCount
from trends.models import Category
from trends.queries import TrendFilter
from trends.specs import LANGUAGES

Options = list[tuple[str, str]]


def tag_options(tags: Sequence[TagCount]) -> Options:
    """Choices of the tag filter; none while no trend carries a tag."""
    words = [(tag.name, f"{tag.name} ({tag.trends:,})") for tag in tags]
    return [("", "Any tag"), *words] if words else []


def category_options(categories: Sequence[Category]) -> Options:
    """Choices of the category filter; none while there is no category."""
    names = [(str(category.pk), category.name) for category in categories]
    return [("", "Any category"), *names] if names else []


def words(wanted: TrendFilter, categories: Sequence[Category]) -> dict[str, str]:
    """By its name in the address, each filter that the bar itself does not show."""
    shelves = {category.pk: category.name for category in categories}
    found = {
        "type": wanted.content_type and str(ContentType(wanted.content_type).label),
        "reach": wanted.min_views and f"Reach of {compact(wanted.min_views)} and more",
        "hashtag": wanted.hashtag and f"#{wanted.hashtag.lstrip('#')}",
        "author": wanted.author and f"By {wanted.author}",
        "language": wanted.language and f"In {LANGUAGES[wanted.language]}",
        "tag": wanted.tag and f"Tagged {wanted.tag}",
        "category": wanted.category and f"In {shelves.get(wanted.category, 'a deleted category')}",
        "watch": wanted.watch and "Met by one watch",
        "scrape": wanted.scrape and "From one scrape",
    }
    return {name: text for name, text in found.items() if text}
