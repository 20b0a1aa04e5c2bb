"""One of everything, belonging to one person."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from allauth.usersessions.models import UserSession
from django.utils import timezone

from accounts.models import DataExport, User
from accounts.notifications import notify
from accounts.services import issue_key
from billing.models import Checkout, TopUpPack
from downloads.evidence import capture
from downloads.models import Caption, Download, Policy
from ideaboards.models import Generation
from ideaboards.services import create_board
from ideaboards.specs import BoardChanges
from kapture.core.choices import Platform
from kapture.gateways.media.types import About
from kapture.jobs.models import Job, State
from kapture.objects.models import StoredObject
from kapture.objects.services import link, promote, store
from trends.keeping import delete_trends
from trends.models import Category, Metric, SavedView, Trend, Watch
from trends.watches.services import create_watch
from trends.watches.specs import WEBHOOK_KIND, RuleSpec, WatchSpec

Values = dict[str, Any]


def _job(owner: User, kind: str = "trends.scrape", **fields: Any) -> Job:
    return Job.objects.create(owner=owner, kind=kind, deadline_at=timezone.now() + timedelta(hours=1), **fields)


def _file(owner: User, folder: Path) -> StoredObject:
    path = folder / "clip.mp4"
    path.write_bytes(b"not really a film")
    row = store(owner.pk, path, suffix=".mp4", content_type="video/mp4")
    promote(row)
    return row


def key(owner: User, folder: Path) -> Values:
    """An API key."""
    return {"pk": issue_key(owner, "a key").key.pk}


def job(owner: User, folder: Path) -> Values:
    """A waiting job."""
    return {"pk": _job(owner).pk}


def drafting(owner: User, folder: Path) -> Values:
    """The job of a board that is being drafted."""
    return {"pk": _job(owner, "ideaboards.draft").pk}


def trend(owner: User, folder: Path) -> Values:
    """A captured post."""
    now = timezone.now()
    made = Trend.objects.create(
        owner=owner, platform=Platform.X, external_id="1", url="https://x.com/a/status/1", content_type="text",
        title="A kite", scraped_at=now, dated_at=now,
    )  # fmt: skip
    return {"pk": made.pk}


def watch(owner: User, folder: Path) -> Values:
    """A watch with a rule."""
    rules = (RuleSpec(Metric.REACH, 1_000.0),)
    return {"pk": create_watch(owner, WatchSpec("Kites", ("kites",), (Platform.YOUTUBE,), rules=rules)).pk}


def message(owner: User, folder: Path) -> Values:
    """An alert that was posted to somebody's own address."""
    pk = watch(owner, folder)["pk"]
    Watch.objects.filter(pk=pk).update(webhook_url="https://example.com/alerts")
    body = {"id": "msg_1", "body": {"type": "watch.alerts"}}
    sent = _job(owner, WEBHOOK_KIND, state=State.COMPLETED, subject_id=pk, payload=body, finished_at=timezone.now())
    return {"pk": pk, "message": sent.pk}


def category(owner: User, folder: Path) -> Values:
    """A shelf for trends."""
    return {"pk": Category.objects.create(owner=owner, name="Kites").pk}


def view(owner: User, folder: Path) -> Values:
    """A saved filter."""
    return {"pk": SavedView.objects.create(owner=owner, name="Kites", query="q=kite").pk}


def change(owner: User, folder: Path) -> Values:
    """A deletion that can be taken back."""
    made = delete_trends(owner, [trend(owner, folder)["pk"]])
    assert made is not None
    return {"pk": made.pk}


def download(owner: User, folder: Path) -> Values:
    """A finished download with its file."""
    file = _file(owner, folder)
    made = Download.objects.create(
        owner=owner, job=_job(owner, "downloads.fetch", state=State.COMPLETED), state="completed", title="A kite",
        url="https://x.com/a/status/1", size=file.size, sha256=file.sha256, media=file, thumbnail=file,
        completed_at=timezone.now(),
    )  # fmt: skip
    return {"pk": made.pk}


def captured_download(owner: User, folder: Path) -> Values:
    """A finished download with its captions and evidence, of which clips can be cut."""
    made = Download.objects.get(pk=download(owner, folder)["pk"])
    Download.objects.filter(pk=made.pk).update(duration_s=9.0, content_type="video/mp4", audio_codec="aac")
    capture(made, About(title="A kite"), made.sha256)
    caption = Caption.objects.create(owner=owner, download=made, language="en", cues=[[0, 1, "A kite"]], text="A kite")
    return {"pk": made.pk, "caption": caption.pk, "form": "vtt"}


def failed_download(owner: User, folder: Path) -> Values:
    """A download that did not come."""
    made = Download.objects.create(
        owner=owner, job=_job(owner, "downloads.fetch", state=State.FAILED), state="failed", title="A kite",
        url="https://x.com/a/status/2",
    )  # fmt: skip
    return {"pk": made.pk}


def trashed_download(owner: User, folder: Path) -> Values:
    """A download that was deleted and can be restored."""
    made = download(owner, folder)
    Download.objects.filter(pk=made["pk"]).update(trashed_at=timezone.now())
    return made


def active_download(owner: User, folder: Path) -> Values:
    """A download that waits for its turn."""
    made = Download.objects.create(
        owner=owner, job=_job(owner, "downloads.fetch"), title="A kite", url="https://x.com/a/status/3"
    )
    return {"pk": made.pk}


def plan(owner: User, folder: Path) -> Values:
    """A look at a link."""
    link = {"url": "https://x.com/a/status/4", "wish": None, "subtitles": None, "lane": None}
    return {"pk": _job(owner, "downloads.look", payload={"links": [link]}).pk}


def download_policy(owner: User, folder: Path) -> Values:
    """A rule of how to download."""
    return {"pk": Policy.objects.create(owner=owner, host="vimeo.com", kind="audio").pk}


def board(owner: User, folder: Path) -> Values:
    """A board with a version and a generation."""
    made = create_board(owner, BoardChanges(title="A kite"))
    written = Generation.objects.create(owner=owner, board=made, kind="hook", state="completed", text="Look up")
    return {"pk": made.pk, "board": made.pk, "generation": written.pk, "number": 1}


def generation(owner: User, folder: Path) -> Values:
    """Something that was written."""
    return {"pk": board(owner, folder)["generation"]}


def stored_link(owner: User, folder: Path) -> Values:
    """A signed link to a file."""
    return {"token": link(_file(owner, folder)).strip("/").rpartition("/")[2]}


def session(owner: User, folder: Path) -> Values:
    """A browser somebody is signed in with."""
    made = UserSession.objects.create(user=owner, session_key="k" * 32, ip="192.0.2.1", user_agent="Firefox")
    return {"session": made.pk}


def notification(owner: User, folder: Path) -> Values:
    """Something somebody was told."""
    return {"pk": notify(owner, "billing.usage", "Half of it is used", path="/usage/").pk}


def export(owner: User, folder: Path) -> Values:
    """All of somebody's data as a file."""
    week = timezone.now() + timedelta(days=7)
    made = DataExport.objects.create(
        owner=owner, job_id=_job(owner, "accounts.export", state=State.COMPLETED).pk, stored=_file(owner, folder),
        expires_at=week,
    )  # fmt: skip
    return {"pk": made.pk}


def visit(owner: User, folder: Path) -> Values:
    """A visit to the payment page."""
    return {"pk": Checkout.objects.create(user=owner, pack=TopUpPack.objects.earliest("position")).pk}


def address_key(owner: User, folder: Path) -> Values:
    """What confirms an e-mail address."""
    EmailAddress.objects.filter(user=owner).update(verified=False)
    row = EmailAddress.objects.get(user=owner)
    return {"key": EmailConfirmationHMAC(row).key}


def reset_key(owner: User, folder: Path) -> Values:
    """What lets somebody choose a new password."""
    return {"uidb36": user_pk_to_url_str(owner), "key": default_token_generator.make_token(owner)}


THINGS: dict[str, Callable[[User, Path], Values]] = {
    "key": key,
    "job": job,
    "drafting": drafting,
    "trend": trend,
    "category": category,
    "view": view,
    "change": change,
    "watch": watch,
    "message": message,
    "download": download,
    "captured_download": captured_download,
    "failed_download": failed_download,
    "trashed_download": trashed_download,
    "active_download": active_download,
    "plan": plan,
    "download_policy": download_policy,
    "board": board,
    "generation": generation,
    "link": stored_link,
    "visit": visit,
    "export": export,
    "session": session,
    "notification": notification,
    "address_key": address_key,
    "reset_key": reset_key,
}
