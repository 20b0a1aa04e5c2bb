"""The composer: pasted links and how they are wanted."""

from itertools import groupby
from typing import Any

from django import forms

from downloads.choices import Format, Kind, Quality
from downloads.specs import MAX_BULK, DownloadSpec, Wish, distinct
from kapture.core.errors import DomainError, InvalidInput
from kapture.gateways.egress import MAX_URL_LENGTH
from kapture.jobs.lanes import Lane

WISHES: tuple[tuple[str, str], ...] = (
    (Wish().key, "Best video"),
    (Wish(quality=Quality.P1080).key, "1080p video"),
    (Wish(quality=Quality.P720).key, "720p video"),
    (Wish(quality=Quality.P480).key, "480p video"),
    (Wish(convert_to=Format.MP4).key, "Video as MP4"),
    (Wish(convert_to=Format.WEBM).key, "Video as WebM"),
    (Wish(convert_to=Format.GIF).key, "Clip as GIF"),
    (Wish(Kind.AUDIO).key, "Audio"),
    (Wish(Kind.AUDIO, convert_to=Format.MP3).key, "Audio as MP3"),
    (Wish(Kind.AUDIO, convert_to=Format.M4A).key, "Audio as M4A"),
    (Wish(Kind.IMAGE).key, "Image"),
)

LANES: tuple[tuple[str, str], ...] = (
    ("", "In turn"),
    (str(Lane.NOW.value), "Before my others"),
    (str(Lane.NIGHT.value), "Tonight"),
)
# Empty leaves it to the policies.
CAPTIONS: tuple[tuple[str, str], ...] = (("", "Captions as usual"), ("yes", "With captions"), ("no", "No captions"))


class ComposerForm(forms.Form):
    """Up to 50 links, beside or below each other, and one way to want them all; what is left out, policies decide."""

    urls = forms.CharField(
        max_length=MAX_BULK * (MAX_URL_LENGTH + 1),
        error_messages={"required": "Paste a link first.", "max_length": f"At most {MAX_BULK} links at a time."},
    )
    wish = forms.ChoiceField(choices=(("", "As usual"), *WISHES), required=False)
    captions = forms.ChoiceField(choices=CAPTIONS, required=False)
    lane = forms.ChoiceField(choices=LANES, required=False)

    def clean_urls(self) -> list[str]:
        """The links, each once."""
        links = distinct(_pieces(self.cleaned_data["urls"]))
        if len(links) > MAX_BULK:
            raise forms.ValidationError(f"At most {MAX_BULK} links at a time; there are {len(links)}.")
        return links

    def specs(self) -> list[DownloadSpec | DomainError]:
        """A spec, or its refusal, for each link."""
        wish = Wish.of(key) if (key := self.cleaned_data["wish"]) else None
        lane = Lane(int(number)) if (number := self.cleaned_data["lane"]) else None
        captions = {"yes": True, "no": False}.get(self.cleaned_data["captions"])
        return [_spec(url, wish, captions, lane) for url in self.cleaned_data["urls"]]

    def links(self) -> list[DownloadSpec | tuple[str, DomainError]]:
        """A spec for each link, or the link with its refusal, to be looked at."""
        urls = self.cleaned_data["urls"]
        return [
            (url, spec) if isinstance(spec, DomainError) else spec for url, spec in zip(urls, self.specs(), strict=True)
        ]

    @property
    def problem(self) -> str:
        """The first thing wrong with the input, in words."""
        return next((str(text) for texts in self.errors.values() for text in texts), "")


def _pieces(text: str) -> list[str]:
    """The links of a text, split at white space; words beside each other that are none stay one piece, so that they
    are refused once.
    """
    found: list[str] = []
    for line in text.splitlines():
        for is_link, group in groupby(line.split(), key=lambda word: "." in word or ":" in word):
            words = list(group)
            found.extend(words if is_link else [" ".join(words)])
    return found


def _spec(url: str, wish: Wish | None, captions: bool | None, lane: Lane | None) -> DownloadSpec | DomainError:
    if " " in url:
        return InvalidInput({"url": ["This is no link; links begin with http:// or https://."]})
    try:
        return DownloadSpec(url=url, wish=wish, subtitles=captions, lane=lane)
    except InvalidInput as refusal:
        return refusal


def reasons(error: DomainError) -> list[str]:
    """What a refusal says, most concrete first."""
    details: dict[str, Any] = error.details if isinstance(error, InvalidInput) else {}
    return [text for texts in details.values() for text in texts] or [error.message]
