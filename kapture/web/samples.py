"""Sample content of the styleguide; nothing of it reaches the product."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.templatetags.static import static
from django.utils import timezone

from kapture.core.choices import Platform
from kapture.core.errors import UsageExceeded
from kapture.web.errors import explain
from kapture.web.forms import Switch, TagsField


@dataclass(frozen=True, slots=True)
class SampleUser:
    """Somebody signed in, without a database."""

    name: str = "Ana Reyes"
    email: str = "ana@studio.example"
    avatar_url: str = ""
    is_authenticated: bool = True
    is_staff: bool = False


@dataclass(frozen=True, slots=True)
class SampleUsage:
    """Shaped like billing's usage of one kind."""

    kind: str
    label: str
    current: int
    limit: int
    resets_at: Any

    @property
    def remaining(self) -> int:
        """What is left of the limit."""
        return max(self.limit - self.current, 0)


class SampleForm(forms.Form):
    """One field of each sort."""

    keywords = TagsField(
        max_count=10,
        help_text="Up to ten. Press Enter or comma after each.",
        initial=["hooks", "b-roll", "studio tour"],
    )
    email = forms.EmailField(label="E-mail")
    password = forms.CharField(widget=forms.PasswordInput, help_text="Ten characters or more.")
    title = forms.CharField(max_length=80, initial="Hooks that stop the scroll")
    note = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False)
    limit = forms.IntegerField(min_value=1, max_value=100, initial=10)
    period = forms.ChoiceField(choices=[("1d", "Last 24 hours"), ("7d", "Last 7 days"), ("30d", "Last 30 days")])
    platforms = forms.MultipleChoiceField(
        choices=Platform.choices,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "choices"}),
        initial=["youtube", "x"],
    )
    notify = forms.BooleanField(label="Tell me when it is done", widget=Switch, required=False, initial=True)


def wave(start: float, end: float, count: int = 30, swing: float = 0.08, phase: float = 0.0) -> list[float]:
    """A plausible curve from `start` to `end`."""
    return [
        (start + (end - start) * index / (count - 1))
        * (1 + swing * math.sin(index * 0.62 + phase) + swing / 2 * math.sin(index * 1.9 + phase))
        for index in range(count)
    ]


def trends() -> list[dict[str, Any]]:
    """Twelve posts of the four platforms."""
    now = timezone.now()
    rows: list[tuple[Any, ...]] = [
        (
            "tiktok",
            "The 3-second hook formula nobody talks about",
            "@edits.by.juno",
            60,
            "bokeh",
            34,
            "",
            4_200_000,
            612_000,
            9.4,
        ),
        (
            "x",
            "The algorithm changed again, and it rewards replies",
            "@creatorwire",
            540,
            "",
            0,
            "Replies inside the first hour now outweigh saves. Tested on 6 accounts over two weeks, same topics.",
            410_000,
            8_800,
            7.8,
        ),
        (
            "tiktok",
            "POV: your b-roll finally looks cinematic",
            "@northframe",
            240,
            "sunset",
            21,
            "",
            2_900_000,
            388_000,
            6.7,
        ),
        (
            "reddit",
            "I analysed 500 viral thumbnails. Here is the data",
            "r/NewTubers",
            360,
            "",
            0,
            "500 thumbnails, 41 channels, one spreadsheet. Faces help less than you think. Contrast helps a lot.",
            None,
            9_200,
            5.2,
        ),
        (
            "tiktok",
            "Silent vlog: 6 a.m. on the Norwegian coast",
            "@hei.solveig",
            840,
            "fjord",
            58,
            "",
            3_600_000,
            540_000,
            4.6,
        ),
        (
            "youtube",
            "I rebuilt my entire studio for under $400",
            "Mara Lindqvist",
            38,
            "dusk",
            767,
            "",
            1_800_000,
            92_100,
            4.1,
        ),
        (
            "youtube",
            "A day filming street food in Osaka at 2 a.m.",
            "Kenji Eats",
            300,
            "city",
            1451,
            "",
            3_100_000,
            154_000,
            3.9,
        ),
        (
            "x",
            "Thread: 11 retention graphs from videos that crossed 1M",
            "@retention_lab",
            120,
            "",
            0,
            "1/ The drop at 0:03 is not your hook. It is the promise your title made and the first shot did not keep.",
            892_000,
            21_700,
            3.3,
        ),
        (
            "tiktok",
            "One lamp, one bed sheet, cinema light",
            "@lowbudget.lee",
            700,
            "lamp",
            45,
            "",
            980_000,
            71_000,
            3.1,
        ),
        (
            "reddit",
            "Posted daily for a year. The graph nobody shows",
            "r/SmallYTChannel",
            1_500,
            "",
            0,
            "Flat for nine months, then one video carried the whole year before someone told me why.",
            None,
            4_100,
            2.8,
        ),
        (
            "youtube",
            "Why every creator is switching to long-form again",
            "Studio Notes",
            2_900,
            "night",
            1082,
            "",
            640_000,
            33_000,
            2.2,
        ),
        (
            "youtube",
            "Sound design for talking heads, in nine minutes",
            "Quiet Cut",
            4_400,
            "wave",
            576,
            "",
            210_000,
            12_400,
            1.9,
        ),
    ]
    keys = ("platform", "title", "author", "minutes", "art", "seconds", "text", "views", "likes", "multiple")
    found = []
    for index, row in enumerate(rows):
        item: dict[str, Any] = dict(zip(keys, row, strict=True))
        item["pk"] = f"sample-{index}"
        item["at"] = now - timedelta(minutes=item.pop("minutes"))
        art = item.pop("art")
        item["thumb"] = static(f"samples/{art}.webp") if art else ""
        item["kind"] = (
            ""
            if item["thumb"]
            else {"reddit": "Text"}.get(item["platform"], "Thread" if "Thread" in item["title"] else "Post")
        )
        item["spark"] = wave(1, 3 + item["multiple"] / 3, 14, 0.1, index)
        found.append(item)
    return found


def frame() -> dict[str, Any]:
    """What the rooms would add to the frame."""
    resets = timezone.now() + timedelta(days=11, hours=3)
    boards = [
        ("Hooks that stop the scroll", "#b1", "violet"),
        ("Q1 long-form series", "#b2", "teal"),
        ("Studio on a budget", "#b3", "amber"),
    ]
    return {
        "usage": [
            SampleUsage("scrape", "Scrapes", 312, 500, resets),
            SampleUsage("download", "Downloads", 41, 100, resets),
        ],
        "plan": "Pro",
        "boards": boards,
        "active_jobs": 3,
        "counts": {"downloads": 3},
        "samples": ["Apify", "OpenAI"],
    }


def limit_refusal() -> Any:
    """A refusal at a limit."""
    resets = (timezone.now() + timedelta(days=11, hours=3)).isoformat()
    details: Mapping[str, Any] = {
        "type": "scrape",
        "limit": 500,
        "current": 500,
        "resetsAt": resets,
        "upgradeUrl": "/usage/plans/",
        "alternatives": ["Open the 84 posts found by the same keywords two hours ago."],
    }
    return explain(UsageExceeded("This scrape needs 40 units; 500 of 500 are used.", details=details))
