"""One item of the library, whatever room it comes from."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from library.highlights import Piece
from library.specs import Kind


@dataclass(frozen=True, slots=True)
class Item:
    """What the list shows of a thing: `url` is its page here, `link` where it was found, `at` its place in the order.

    What a kind does not have is empty or None. `form` is what it is made of (video, text …), `note` its format in
    words, `seconds` the length of media, `size` its bytes, `multiple` how often a trend reaches its author's usual.
    `marked` is the title and `extract` the text around the hits of a search.
    """

    kind: Kind
    id: UUID
    title: str
    url: str
    at: datetime
    by: str = ""
    text: str = ""
    link: str = ""
    platform: str = ""
    thumbnail: str = ""
    form: str = ""
    note: str = ""
    state: str = ""
    hue: str = ""
    seconds: float | None = None
    size: int | None = None
    views: int | None = None
    multiple: float | None = None
    marked: tuple[Piece, ...] = ()
    extract: tuple[Piece, ...] = ()
