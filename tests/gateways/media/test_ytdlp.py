"""yt-dlp as it is made here: as it would make itself, and ready once for many."""

import json
import subprocess
import sys
from typing import Any

import pytest
from yt_dlp import YoutubeDL

from kapture.gateways.media import searching
from kapture.gateways.media.ytdlp import WANTED, downloader

OPTIONS = {"quiet": True, "cachedir": False}
TELL = """
import json, re, sys
from PIL import Image
from kapture.gateways.media import ytdlp
{first}
with ytdlp.downloader({{}}) as ydl:
    modules = [ydl._ies[name]._module for name in ytdlp.WANTED]
print(json.dumps({{"loaded": [name in sys.modules for name in modules], "pictures": len(Image.ID)}}))
"""


def told(first: str) -> dict[str, Any]:
    """What a process of its own has loaded after its first step."""
    done = subprocess.run([sys.executable, "-c", TELL.format(first=first)], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_its_extractors_are_its_own_in_their_order() -> None:
    with YoutubeDL(OPTIONS) as theirs, downloader(OPTIONS) as ours:
        assert len(ours._ies) > 1_000
        assert list(ours._ies.items()) == list(theirs._ies.items())


def test_what_every_fetch_would_do_is_done() -> None:
    cold, warm = told("pass"), told("ytdlp.warm()")
    assert cold == {"loaded": [False] * len(WANTED), "pictures": 0}
    assert warm["loaded"] == [True] * len(WANTED)
    assert warm["pictures"] > 10


def test_a_search_asks_one_site_only() -> None:
    request = {"most": 5, "is_stand_in": False, "comments": False, "urls": [], "is_list": True}
    options = searching.options(request, searching._Ear())
    with YoutubeDL(options) as ydl:
        assert list(ydl._ies) == ["Youtube", "YoutubeSearchURL"]
        assert not any(one.suitable("http://169.254.169.254/") for one in ydl._ies.values())
    with pytest.raises(AssertionError):
        downloader(options)
