"""The plan of a download before it: what each link would bring, how, what it costs, and which layer decided."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone

from billing.queries import KindUsage, usage_of
from downloads.choices import Kind
from downloads.looking import LOOK_KIND, read_about
from downloads.models import Download
from downloads.policies import Decided, Layers
from downloads.queries import copies_of
from downloads.sizes import picture_of, size_of, speed_of
from downloads.specs import DownloadSpec, Wish
from kapture.core.choices import UsageKind
from kapture.core.errors import DomainError, InvalidInput, NotFound
from kapture.gateways.media.types import About
from kapture.jobs.lanes import Lane
from kapture.jobs.models import Job


@dataclass(frozen=True, slots=True)
class Item:
    """One link of a sheet; `eta` is in seconds, None where it cannot be told. `problem` is what a look ran into."""

    index: int
    url: str
    decided: Decided | None
    about: About | None = None
    problem: dict[str, Any] | None = None
    refused: str = ""
    duplicate: Download | None = None
    size: int | None = None
    eta: float | None = None
    pending: bool = False
    checked: bool = True

    @property
    def title(self) -> str:
        """What stands for it in one line."""
        return (self.about.title if self.about else "") or self.url

    @property
    def can_start(self) -> bool:
        """Whether it may be asked for: a site that did not answer now may answer then."""
        return not self.refused and (self.problem is None or bool(self.problem["retryable"]))

    @property
    def format_words(self) -> str:
        """How it would come, in words."""
        if self.decided is None:
            return ""
        wish = self.decided.wish
        lines = picture_of(self.about, wish) if self.about else None
        kind = f"{lines}p" if lines else str(wish.kind.label if wish.kind != Kind.VIDEO else wish.quality.label)
        known = (kind, wish.convert_to.label if wish.convert_to else "", "captions" if self.decided.subtitles else "")
        return " · ".join(filter(None, known))

    @property
    def waits_for_night(self) -> bool:
        """Whether it would start at night only."""
        return self.decided is not None and self.decided.lane == Lane.NIGHT

    @property
    def choices(self) -> str:
        """The pictures the site offers, the tallest first, in words."""
        return ", ".join(f"{height}p" for height in self.about.heights[:6]) if self.about else ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The links of one look with what is known of each so far, and what starting the checked ones means."""

    job: Job
    items: tuple[Item, ...]
    usage: KindUsage

    @classmethod
    def of(cls, user: Any, job: Job, shown: Collection[int] = (), checked: Collection[int] = ()) -> "Sheet":
        """The sheet of a look; of the items that were `shown` before, exactly the `checked` ones stay checked."""
        seen: dict[str, Any] = dict(job.result.get("seen") or {})
        links: list[dict[str, Any]] = job.payload["links"]
        abouts = {
            at: read_about(seen[str(at)]["about"]) for at in range(len(links)) if "about" in seen.get(str(at), {})
        }
        copies = copies_of(user, [_addresses(links[at], abouts.get(at)) for at in range(len(links))])
        layers, speed = Layers.of(user), speed_of(user)
        items = []
        for at, link in enumerate(links):
            item = _item(at, link, abouts.get(at), seen.get(str(at), {}), copies[at], layers, speed, job.is_active)
            chosen = at in checked if at in shown else item.can_start and item.problem is None and not item.duplicate
            items.append(replace(item, checked=chosen))
        return cls(job, tuple(items), usage_of(user, UsageKind.DOWNLOAD, timezone.now()))

    @property
    def chosen(self) -> list[Item]:
        """What would start."""
        return [item for item in self.items if item.checked and item.can_start]

    @property
    def pending(self) -> int:
        """How many links are still being looked at."""
        return sum(item.pending for item in self.items)

    @property
    def size(self) -> int | None:
        """Bytes of what would start; None unless the site told of every one."""
        sizes = [item.size for item in self.chosen]
        return sum(size for size in sizes if size is not None) if sizes and None not in sizes else None

    @property
    def eta(self) -> float | None:
        """Seconds for all of it at this account's speed, one after the other; None where it cannot be told."""
        etas = [item.eta for item in self.chosen]
        return sum(eta for eta in etas if eta is not None) if etas and None not in etas else None

    @property
    def too_many(self) -> int:
        """How many of the chosen ones the quota does not reach."""
        return max(0, len(self.chosen) - self.usage.remaining)


def plan_of(user: Any, pk: Any) -> Job:
    """The look behind a sheet; raises `NotFound` alike for a missing and for somebody else's."""
    job: Job | None = Job.objects.for_user(user).filter(pk=pk, kind=LOOK_KIND).first()
    if job is None:
        raise NotFound
    return job


def specs_of(job: Job, indexes: Sequence[int]) -> list[DownloadSpec | DomainError]:
    """What to ask for the chosen links of a sheet; raises `InvalidInput` for none, or for one that it does not have."""
    links, seen = job.payload["links"], job.result.get("seen") or {}
    if not indexes or not set(indexes) <= set(range(len(links))):
        raise InvalidInput({"item": ["Choose at least one of the links."]})
    return [_spec(links[at], seen.get(str(at), {})) for at in dict.fromkeys(indexes)]


def _spec(link: dict[str, Any], seen: dict[str, Any]) -> DownloadSpec | DomainError:
    if "refused" in link:
        return InvalidInput({"url": [link["refused"]]})
    try:
        return DownloadSpec(
            url=link["url"],
            wish=Wish.of(link["wish"]) if link["wish"] else None,
            subtitles=link["subtitles"],
            lane=None if link["lane"] is None else Lane(link["lane"]),
            told=read_about(seen["about"]) if "about" in seen else None,
        )
    except InvalidInput as refusal:
        return refusal


def _item(
    at: int,
    link: dict[str, Any],
    about: About | None,
    seen: dict[str, Any],
    copy: Download | None,
    layers: Layers,
    speed: float | None,
    looking: bool,
) -> Item:
    spec = _spec(link, {})
    if isinstance(spec, DomainError):
        return Item(at, link["url"], None, refused=link.get("refused") or spec.message)
    decided = layers.decide(spec, spec.url)
    size = size_of(about, decided.wish) if about else None
    return Item(
        at,
        link["url"],
        decided,
        about=about,
        problem=seen.get("problem"),
        duplicate=copy,
        size=size,
        eta=size / speed if size and speed else None,
        pending=looking and not seen,
    )


def _addresses(link: dict[str, Any], about: About | None) -> set[str]:
    """All addresses under which the same thing may have been captured before."""
    return {link["url"], about.webpage_url if about else ""} - {""}
