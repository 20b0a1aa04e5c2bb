"""Every way in that is known, through the real engine: the long form of what the suite tries with a few."""

from pathlib import Path

from tests.gateways.media.arena.vectors import LINKS
from tests.gateways.media.conftest import ffmpeg
from tests.gateways.media.test_arena import check, run


def test_no_way_leads_inside_by_any_vector(tmp_path: Path) -> None:
    picture = ("-f", "lavfi", "-i", "testsrc=size=320x240:rate=15:duration=2")
    ffmpeg(*picture, "-c:v", "libx264", "-preset", "ultrafast", str(tmp_path / "clip.mp4"))
    told = run("auto", "all", tmp_path)
    check(told)
    assert set(told["ends"]) == set(LINKS)


def test_no_way_leads_inside_by_any_vector_where_only_the_proxy_holds(tmp_path: Path) -> None:
    picture = ("-f", "lavfi", "-i", "testsrc=size=320x240:rate=15:duration=2")
    ffmpeg(*picture, "-c:v", "libx264", "-preset", "ultrafast", str(tmp_path / "clip.mp4"))
    check(run("off", "all", tmp_path))
