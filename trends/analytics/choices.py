"""What an address of the page asks for; a value that makes no sense counts as none."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from kapture.core.choices import Platform
from kapture.gateways.scraping import DateRange
from trends.analytics.leading import Basis
from trends.analytics.rising import AUTHOR_SORTS, HASHTAG_SORTS

PERIODS = ((DateRange.DAY, "Day"), (DateRange.WEEK, "Week"), (DateRange.MONTH, "Month"))
# What an address need not say.
DEFAULTS = {"period": "7d", "platform": "", "hashtags": "-rise", "authors": "-trends", "by": "published"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to go from here: its words, its address, whether it is chosen."""

    value: str
    label: str
    href: str
    on: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """Period, platform, the orders of both tables, and which times are compared."""

    length: DateRange
    platform: Platform | None
    hashtags: str
    authors: str
    basis: Basis

    @classmethod
    def of(cls, query: QueryDict) -> Self:
        """What the query says."""
        platform = _one(query, "platform", Platform.values)
        return cls(
            length=DateRange(_one(query, "period", DateRange.values)),
            platform=Platform(platform) if platform else None,
            hashtags=_one(query, "hashtags", HASHTAG_SORTS),
            authors=_one(query, "authors", AUTHOR_SORTS),
            basis=Basis(_one(query, "by", Basis.values)),
        )

    def address(self, **changes: str) -> str:
        """The address of this page with something changed, saying only what differs from the usual."""
        said = {
            "period": self.length.value,
            "platform": self.platform.value if self.platform else "",
            "hashtags": self.hashtags,
            "authors": self.authors,
            "by": self.basis.value,
            **changes,
        }
        query = urlencode({name: value for name, value in said.items() if value != DEFAULTS[name]})
        return f"{reverse('trends:analytics')}?{query}" if query else reverse("trends:analytics")

    def trends(self, **wanted: str) -> str:
        """The address of the list with the posts of this period that are meant."""
        platform = {"platform": self.platform.value} if self.platform else {}
        return f"{reverse('trends:list')}?{urlencode({**platform, **wanted, 'period': self.length.value})}"

    def hashtag(self, name: str) -> str:
        """The address of the list with the posts of a hashtag."""
        return self.trends(hashtag=name)

    @property
    def periods(self) -> list[Choice]:
        """The three lengths."""
        return [
            Choice(length.value, words, self.address(period=length.value), length is self.length)
            for length, words in PERIODS
        ]

    @property
    def platforms(self) -> list[Choice]:
        """All platforms together, and each."""
        every = Choice("", "All", self.address(platform=""), self.platform is None)
        return [every, *(self._platform(platform) for platform in Platform)]

    def _platform(self, platform: Platform) -> Choice:
        return Choice(
            platform.value, str(platform.label), self.address(platform=platform.value), platform is self.platform
        )

    @property
    def bases(self) -> list[Choice]:
        """The two kinds of times."""
        return [
            Choice(basis.value, str(basis.label), self.address(by=basis.value), basis is self.basis) for basis in Basis
        ]


def _one(query: QueryDict, name: str, allowed: Collection[str]) -> str:
    value = query.get(name, "")
    return value if value in allowed else DEFAULTS[name]
