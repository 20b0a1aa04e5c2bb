"""What a site announces about the size of each way to take a film, before any of it is fetched."""

from collections.abc import Mapping, Sequence
from typing import Any

from yt_dlp import YoutubeDL
from yt_dlp.networking import HEADRequest
from yt_dlp.utils import YoutubeDLError

from kapture.gateways.media import telling

Info = Mapping[str, Any]
MOST = 20
MOST_ASKED = 3


def sizes(info: Info) -> tuple[tuple[int, int], ...]:
    """Bytes by height of the picture, the tallest first, sound included; height 0 is the sound alone.

    Heights whose size the site leaves out are left out here, too.
    """
    formats = [one for one in info.get("formats") or () if isinstance(one, Mapping)]
    sounds = [one for one in formats if one.get("vcodec") == "none" and one.get("acodec") != "none"]
    sound = _size(_best(sounds)) if sounds else 0
    found = {0: sound} if sound else {}
    for height in {whole for one in formats if (whole := telling.whole(one.get("height")))}:
        film = _best([one for one in formats if telling.whole(one.get("height")) == height])
        silent = film.get("acodec") == "none"
        size = _size(film)
        if size is not None and not (silent and sound is None):
            found[height] = size + (sound or 0) * silent
    return tuple(sorted(found.items(), reverse=True)[:MOST])


def ask(ydl: YoutubeDL, formats: Sequence[dict[str, Any]]) -> None:
    """Ask the server of each chosen file how large it is, where the page does not tell; an answer without a size, or
    none, leaves it unknown.
    """
    for one in formats[:MOST_ASKED]:
        if _size(one) is None and one.get("protocol") in ("http", "https"):
            try:
                head = HEADRequest(one["url"], headers=one.get("http_headers") or {})
                with ydl.urlopen(head) as answer:
                    length = answer.headers.get("Content-Length", "")
            except YoutubeDLError:
                continue
            if length.isascii() and length.isdecimal():
                one["filesize"] = telling.positive(int(length))


def _best(formats: Sequence[Info]) -> Info:
    return max(formats, key=lambda one: (telling.positive(one.get("tbr")) or 0.0, _size(one) or 0))


def _size(one: Info) -> int | None:
    size = telling.positive(one.get("filesize")) or telling.positive(one.get("filesize_approx"))
    return None if size is None else int(size)
