"""yt-dlp as it is made here: as it would make itself, and ready once for many."""

import sys

from yt_dlp import YoutubeDL

from kapture.gateways.media.ytdlp import WANTED, downloader, warm

OPTIONS = {"quiet": True, "cachedir": False}


def test_its_extractors_are_its_own_in_their_order() -> None:
    with YoutubeDL(OPTIONS) as theirs, downloader(OPTIONS) as ours:
        assert len(ours._ies) > 1_000
        assert list(ours._ies.items()) == list(theirs._ies.items())


def test_what_every_fetch_would_do_is_done() -> None:
    warm()
    with downloader(OPTIONS) as ydl:
        # Only names of modules stand in for extractors that were not wanted yet.
        loaded = {name: ydl._ies[name].real_class.__module__ for name in WANTED}
    assert set(loaded.values()) <= set(sys.modules)
