"""A page with a film and its captions, and a download that is finished without the work of fetching it."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from accounts.models import User
from downloads.capturing import keep
from downloads.models import Download
from downloads.services import request_download
from downloads.specs import DownloadSpec, Wish
from kapture.gateways.media import captions, probe
from kapture.gateways.media.captions import Cue
from kapture.gateways.media.types import About, CaptionFile, Chapter, Fetched
from kapture.jobs import lifecycle
from kapture.jobs.run import Run
from kapture.jobs.runner import run_job
from tests.gateways.media.site import Site

CUES = [
    Cue(0.0, 0.3, "Salt, fat <b>acid"),
    Cue(0.3, 0.6, "and heat & crème brûlée"),
    Cue(0.6, 1.0, "Salt again"),
]
GERMAN = [Cue(0.0, 0.5, "Salz, Fett und Säure")]
ABOUT = About(
    title="How to cook without a recipe",
    author="Mara Lindqvist",
    webpage_url="https://www.youtube.com/watch?v=kites&t=1",
    description="Salt, fat,\nacid & <heat>",
    published=1_700_000_000.5,
    metrics={"views": 1_284_000, "likes": 0},
    chapters=(Chapter("Salt <first>", 0.0, 0.5), Chapter("Fat", 0.5, 1.0), Chapter("Beyond the end", 9.0, 12.0)),
)


def page(site: Site, clip: bytes) -> str:
    """The address of a page with a film, captions in two languages and a description."""
    site.serve("/media/clip.mp4", clip, "video/mp4")
    site.serve("/en.vtt", captions.as_vtt(CUES).encode(), "text/vtt")
    site.serve("/de.vtt", captions.as_vtt(GERMAN).encode(), "text/vtt")
    tracks = "".join(f'<track kind="captions" srclang="{name}" src="/{name}.vtt">' for name in ("de", "en"))
    about = json.dumps({"@context": "https://schema.org", "@type": "Article"})
    head = (
        '<meta property="og:description" content="How to cook without a recipe.">'
        f'<script type="application/ld+json">{about}</script>'
    )
    return site.serve_html("/lesson", f'{head}<video src="/media/clip.mp4">{tracks}</video>')


def captured(user: User, url: str) -> Download:
    """A download of a page with captions, fetched as a worker would."""
    download = request_download(user, DownloadSpec(url=url, subtitles=True, wish=Wish()))
    run_job(download.job_id)
    return again(download)


def finished(
    user: User, folder: Path, clip: bytes, *, told: Mapping[str, Sequence[Cue]] | None = None, about: About = ABOUT
) -> Download:
    """A download whose files lie in a folder already: only its end is real."""
    folder.mkdir(exist_ok=True)
    path = folder / "media.mp4"
    path.write_bytes(clip)
    files = []
    for language, cues in ({"de": GERMAN, "en": CUES} if told is None else told).items():
        file = folder / f"{language}.vtt"
        file.write_text(captions.as_vtt(cues))
        files.append(CaptionFile(language, False, file))
    spec = DownloadSpec(url="https://www.youtube.com/watch?v=kites", subtitles=True, wish=Wish())
    download = request_download(user, spec)
    job = lifecycle.claim(download.job_id)
    assert job is not None
    thumbnail = probe.thumbnail(path, folder / "thumbnail.webp")
    fetched = Fetched(about, probe.describe(path), path, thumbnail, tuple(files))
    Download.objects.filter(pk=download.pk).update(title=about.title, author=about.author)
    keep(Run(job), download, fetched, units=1)
    return again(download)


def again(download: Download) -> Download:
    """The row as it is now, with all that its page shows."""
    row: Download = Download.objects.select_related("job", "media", "thumbnail").get(pk=download.pk)
    return row


def failure(download: Download) -> tuple[Any, ...]:
    """How it ended: state, reason, and the code and attempts of its job."""
    row = again(download)
    return row.state, row.reason, row.job.error_code, row.job.attempt
