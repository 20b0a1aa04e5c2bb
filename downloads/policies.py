"""How somebody wants media: the account's default, rules for hosts and platforms, and what is asked for itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from downloads.choices import Format, Kind, Quality
from downloads.models import Policy
from downloads.specs import DownloadSpec, Wish, platform_of
from kapture.core.choices import Platform
from kapture.jobs.lanes import Lane

ASKED = "this download"
BUILT_IN = "Kapture"


@dataclass(frozen=True, slots=True)
class Decided:
    """What holds for one download, and the layer that decided each: `wish_by` as people read it."""

    wish: Wish
    subtitles: bool
    lane: Lane
    wish_by: str = BUILT_IN
    subtitles_by: str = BUILT_IN
    lane_by: str = BUILT_IN

    @property
    def words(self) -> str:
        """Which layers decided, each named once, without what nobody chose."""
        layers = dict.fromkeys((self.wish_by, self.subtitles_by, self.lane_by))
        return " and ".join(layer for layer in layers if layer not in (BUILT_IN, ASKED))


@dataclass(frozen=True, slots=True)
class Layers:
    """Somebody's policies, read once for any number of downloads."""

    policies: tuple[Policy, ...]

    @classmethod
    def of(cls, user: Any) -> "Layers":
        """One query."""
        return cls(tuple(Policy.objects.for_user(user)))

    def decide(self, spec: DownloadSpec, url: str, otherwise: Wish | None = None) -> Decided:
        """What holds for a spec at an address; `otherwise` is the wish where neither it nor a policy says one.

        The layer nearest to the download wins: the download itself, the most exact host, the platform, the account.
        """
        wish, wish_by = otherwise or Wish(), BUILT_IN
        subtitles, subtitles_by, lane, lane_by = False, BUILT_IN, Lane.NORMAL, BUILT_IN
        for policy in reversed(self._for(url)):
            if policy.kind:
                wish, wish_by = wish_of(policy), named(policy)
            if policy.subtitles is not None:
                subtitles, subtitles_by = policy.subtitles, named(policy)
            if policy.lane is not None:
                lane, lane_by = Lane(policy.lane), named(policy)
        if spec.wish is not None:
            wish, wish_by = spec.wish, ASKED
        if spec.subtitles is not None:
            subtitles, subtitles_by = spec.subtitles, ASKED
        if spec.lane is not None:
            lane, lane_by = spec.lane, ASKED
        return Decided(wish, subtitles, lane, wish_by, subtitles_by, lane_by)

    def _for(self, url: str) -> Sequence[Policy]:
        """The policies that hold for an address, the most exact first."""
        host = (urlsplit(url).hostname or "").lower()
        platform = platform_of(url)

        def exactness(policy: Policy) -> int:
            if not policy.host:
                return 1
            if platform is not None and policy.host == platform.value:
                return 2
            return 2 + len(policy.host) if host == policy.host or host.endswith(f".{policy.host}") else 0

        return sorted(filter(exactness, self.policies), key=exactness, reverse=True)


def wish_of(policy: Policy) -> Wish:
    """The kind, quality and format of a policy that names them."""
    return Wish(Kind(policy.kind), Quality(policy.quality or Quality.BEST), Format(policy.convert_to))


def named(policy: Policy) -> str:
    """The layer as people read it."""
    if not policy.host:
        return "your default"
    return f"your rule for {place(policy.host)}"


def place(host: str) -> str:
    """A platform by its name, a host as it is."""
    return str(Platform(host).label) if host in Platform.values else host
