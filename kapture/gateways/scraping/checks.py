"""Items that are no posts, whatever the platform."""

from kapture.gateways.scraping.item import Item
from kapture.gateways.scraping.types import Rejected, RejectReason
from kapture.gateways.scraping.values import flag, line

MAX_NOTE = 200


def not_a_result(item: Item) -> Rejected | None:
    """What an actor says in place of a post: an error, or that there is nothing; None for an ordinary item."""
    if flag(item.get("noResults")) or flag(item.get("no_results")) or flag(item.get("demo")):
        return Rejected(RejectReason.NO_RESULTS, line(item.get("note", "message"), MAX_NOTE))
    error = item.get("error", "errorDescription", "errorCode", "#error")
    if isinstance(error, str) or flag(error) or isinstance(error, dict | list):
        note = " ".join(part for part in (line(error, MAX_NOTE), line(item.get("note", "message"), MAX_NOTE)) if part)
        return Rejected(RejectReason.ERROR_ITEM, note[:MAX_NOTE])
    return None


def no_id(item: Item) -> Rejected:
    """The rejection of an item in which the platform's id cannot be found."""
    return Rejected(RejectReason.NO_ID, line(item.get("id", "video_id", "url"), MAX_NOTE))
