"""A site that serves media, and shorthands for asking and performing."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest
from django.utils import timezone
from PIL import Image

from accounts.models import User
from downloads.models import Download
from downloads.services import request_download
from downloads.specs import DownloadSpec, Wish
from kapture.core.choices import Platform
from kapture.core.ids import new_id
from kapture.gateways.scraping import ContentType
from kapture.jobs.runner import run_job
from tests.gateways.media.site import Site, running
from trends.models import Trend

Perform = Callable[..., Download]


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """One second of picture and sound."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    picture = ("-f", "lavfi", "-i", "testsrc=size=160x120:rate=10:duration=1")
    sound = ("-f", "lavfi", "-i", "sine=duration=1")
    codecs = ("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-shortest")
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *picture, *sound, *codecs, str(path)], check=True)
    return path.read_bytes()


@pytest.fixture
def site(settings: Any) -> Iterator[Site]:
    """A video site that the downloader may reach."""
    with running() as one:
        settings.EGRESS_ALLOW = frozenset({one.host})
        yield one


@pytest.fixture
def watch(site: Site, clip: bytes) -> str:
    """The address of a page with a video."""
    site.serve("/media/clip.mp4", clip, "video/mp4")
    return site.serve_html("/watch", '<video src="/media/clip.mp4"></video>')


@pytest.fixture
def picture(site: Site, tmp_path: Path) -> str:
    """The address of a picture."""
    Image.new("RGB", (30, 20), "teal").save(tmp_path / "picture.png")
    return site.serve("/picture.png", (tmp_path / "picture.png").read_bytes(), "image/png")


@pytest.fixture
def perform() -> Perform:
    """Ask for a link and do the work, as a worker would."""

    def run(user: User, url: str, wish: Wish | None = None) -> Download:
        download = request_download(user, DownloadSpec(url=url, wish=wish))
        run_job(download.job_id)
        done: Download = Download.objects.select_related("job", "media", "thumbnail").get(pk=download.pk)
        return done

    return run


def make_trend(user: User, url: str, content_type: ContentType = ContentType.VIDEO, **values: Any) -> Trend:
    """A captured post."""
    now = timezone.now()
    known = {"title": "A rising post", "author_name": "Mara", "platform": Platform.YOUTUBE, **values}
    return Trend.objects.create(
        owner=user, url=url, content_type=content_type, external_id=str(new_id()), scraped_at=now, dated_at=now, **known
    )
