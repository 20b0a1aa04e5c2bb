"""yt-dlp with all its extractors, and what can be done once for all who use it in processes that are forked."""

from collections.abc import Mapping
from typing import Any, Final

from PIL import Image
from yt_dlp import YoutubeDL
from yt_dlp.extractor import gen_extractor_classes
from yt_dlp.utils import unified_timestamp

ANY_ADDRESS: Final = "https://nowhere.invalid/"
ANY_DAY: Final = "Thu, 01 Jan 1970 00:00:00 GMT"
# Extractors are loaded when they are first wanted: these are wanted by nearly every link.
WANTED: Final = ("Generic", "Youtube", "TikTok", "Reddit", "Twitter")


def downloader(options: Mapping[str, Any]) -> YoutubeDL:
    """yt-dlp with these options and all its extractors, of which the first that knows an address serves it.

    Left to itself it chooses them by their names, which takes longer than many a page. Which of them are allowed is no
    option here: yt-dlp would ignore it.
    """
    assert "allowed_extractors" not in options
    ydl = YoutubeDL(dict(options), auto_init=False)
    for extractor in gen_extractor_classes():
        if extractor._ENABLED:
            ydl.add_info_extractor(extractor)
    return ydl


def warm() -> None:
    """Do what every fetch would do anew: build patterns of addresses and dates, load extractors and image formats."""
    with downloader({"quiet": True, "cachedir": False}) as ydl:
        for extractor in ydl._ies.values():
            extractor.suitable(ANY_ADDRESS)
        for name in WANTED:
            ydl.get_info_extractor(name)
    unified_timestamp(ANY_DAY)
    Image.init()
