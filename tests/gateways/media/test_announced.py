"""What a site announces about sizes, before anything is fetched."""

from typing import Any

from kapture.gateways.media.announced import MOST, sizes


def film(height: int, size: int | None, tbr: float = 1.0, **more: Any) -> dict[str, Any]:
    return {"height": height, "filesize": size, "tbr": tbr, "vcodec": "h264", "acodec": "none", **more}


SOUND = {"vcodec": "none", "acodec": "aac", "filesize": 50, "tbr": 1}


def test_a_silent_film_weighs_with_its_sound_and_a_whole_one_alone() -> None:
    formats = [SOUND, film(1080, 900), film(720, 500), film(360, 200, acodec="aac")]
    assert sizes({"formats": formats}) == ((1080, 950), (720, 550), (360, 200), (0, 50))


def test_of_one_height_the_best_counts_and_an_estimate_will_do() -> None:
    formats = [SOUND, film(720, 500, tbr=9), film(720, 100, tbr=1), film(360, None, filesize_approx=70.6)]
    assert sizes({"formats": formats}) == ((720, 550), (360, 120), (0, 50))


def test_what_is_not_told_is_left_out() -> None:
    untold = {**SOUND, "filesize": None}
    assert sizes({"formats": [untold, film(720, 500)]}) == ()
    assert sizes({"formats": [SOUND, film(720, None)]}) == ((0, 50),)
    assert sizes({}) == sizes({"formats": None}) == sizes({"formats": ["nonsense", {"height": "tall"}]}) == ()


def test_senseless_and_endless_lists_stay_bounded() -> None:
    formats = [film(height, -1 if height % 2 else height) for height in range(1, 200)]
    found = sizes({"formats": formats})
    assert len(found) == MOST
    assert all(size > 0 for _, size in found)
