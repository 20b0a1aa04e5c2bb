"""Why media could not be fetched: one stable word each, with what to tell the user and what helps."""

from dataclasses import dataclass
from enum import StrEnum

from kapture.core.errors import VendorFailed


class Reason(StrEnum):
    """The named ends of a fetch that did not succeed."""

    NEEDS_SIGN_IN = "needs_sign_in"
    GEO_BLOCKED = "geo_blocked"
    REMOVED = "removed"
    PRIVATE = "private"
    LIVE = "live"
    PROTECTED = "protected"
    PLAYLIST = "playlist"
    UNSUPPORTED = "unsupported"
    CONVERSION = "conversion"
    BAD_MEDIA = "bad_media"
    TOO_LARGE = "too_large"
    NO_SPACE = "no_space"
    REFUSED_ADDRESS = "refused_address"
    BLOCKED = "blocked"
    RATE_LIMITED = "rate_limited"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    CANCELLED = "cancelled"
    CRASHED = "crashed"
    NO_SANDBOX = "no_sandbox"
    NO_WAY_OUT = "no_way_out"
    SERVICE_DOWN = "service_down"
    SERVICE_FAULT = "service_fault"
    SERVICE_REFUSED = "service_refused"


@dataclass(frozen=True, slots=True)
class Wording:
    """What a reason says: the plain fact, the remedy, and whether another try may end differently."""

    message: str
    remedy: str
    retryable: bool = False


WORDINGS: dict[Reason, Wording] = {
    Reason.NEEDS_SIGN_IN: Wording(
        "The site shows this only to people who are signed in.",
        "Look for a public copy of it. Kapture never signs in to a site on your behalf.",
    ),
    Reason.GEO_BLOCKED: Wording(
        "The site does not show this in the country of this server.",
        "Look for the same piece on another platform or channel.",
    ),
    Reason.REMOVED: Wording(
        "There is nothing at this address any more.",
        "Check the link. If the page opens in your browser, copy the address from there.",
    ),
    Reason.PRIVATE: Wording(
        "The author has made this private.",
        "Ask the author for a public link.",
    ),
    Reason.LIVE: Wording(
        "This is a live broadcast, and only finished recordings can be saved.",
        "Try again when the broadcast has ended and its recording is online.",
    ),
    Reason.PROTECTED: Wording(
        "This is protected against copying (DRM).",
        "Protected media cannot be saved.",
    ),
    Reason.PLAYLIST: Wording(
        "This address holds several items, not one.",
        "Open the one you want and paste its own link.",
    ),
    Reason.UNSUPPORTED: Wording(
        "No media of this kind was found at this address.",
        "Paste the link of the post itself, or choose another kind.",
    ),
    Reason.CONVERSION: Wording(
        "The media could not be brought into the chosen format.",
        "Choose another format, or keep the original.",
    ),
    Reason.BAD_MEDIA: Wording(
        "What arrived is not a media file that can be played.",
        "Check that the link plays in your browser, then try again.",
    ),
    Reason.TOO_LARGE: Wording(
        "The file is larger than a single download may be.",
        "Choose a lower quality or audio only.",
    ),
    Reason.NO_SPACE: Wording(
        "The server ran out of working space.",
        "Try again later. Nothing was charged.",
        retryable=True,
    ),
    Reason.REFUSED_ADDRESS: Wording(
        "The link leads to an address that must not be reached from here.",
        "Use the public link of the post.",
    ),
    Reason.BLOCKED: Wording(
        "The site refused to hand out this file.",
        "Try again later, or look for the same piece elsewhere.",
    ),
    Reason.RATE_LIMITED: Wording(
        "The site asks to slow down.",
        "Try again in some minutes.",
        retryable=True,
    ),
    Reason.UNREACHABLE: Wording(
        "The site could not be reached.",
        "Check the link. If it opens in your browser, try again later.",
        retryable=True,
    ),
    Reason.TIMEOUT: Wording(
        "The transfer was too slow and ran out of time.",
        "Try again later, or choose a lower quality.",
        retryable=True,
    ),
    Reason.CANCELLED: Wording("The download was cancelled.", ""),
    Reason.CRASHED: Wording(
        "The download stopped unexpectedly.",
        "Try again. If it happens twice, this address cannot be saved.",
        retryable=True,
    ),
    Reason.NO_SANDBOX: Wording(
        "This server downloads only inside a sandbox, and cannot make one.",
        "Whoever runs this server has to allow network namespaces, or to set DOWNLOAD_SANDBOX=auto.",
    ),
    Reason.NO_WAY_OUT: Wording(
        "No proxy of this server works at the moment.",
        "Try again in a minute. Nothing was charged.",
        retryable=True,
    ),
    Reason.SERVICE_DOWN: Wording(
        "The machine that downloads for this server does not answer, or has no room.",
        "Try again in some minutes. Nothing was charged.",
        retryable=True,
    ),
    Reason.SERVICE_FAULT: Wording(
        "What came from the machine that downloads for this server was damaged or not understood.",
        "Try again. If it happens twice, whoever runs this server has to bring both machines to one version.",
        retryable=True,
    ),
    Reason.SERVICE_REFUSED: Wording(
        "The machine that downloads for this server does not accept its token.",
        "Whoever runs this server has to set the same YTDLP_SERVICE_TOKEN on both machines.",
    ),
}


class FetchFailed(VendorFailed):
    """A fetch ended without media; `reason`, `message`, `remedy` and `retryable` are for the user."""

    def __init__(self, reason: Reason, *, detail: str = "") -> None:
        wording = WORDINGS[reason]
        super().__init__("media", reason.value, wording.message, retryable=wording.retryable)
        self.remedy = wording.remedy
        # For the log only: it may hold addresses and a vendor's own words.
        self.detail = detail
