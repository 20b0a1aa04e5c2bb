"""The YouTube stand-in: what its own pages ask of it, behind a proxy that ends the encryption itself.

yt-dlp speaks to www.youtube.com and to nothing else. Given this stand-in as its proxy (and told not to mind the
certificate) it asks for a tunnel there, and finds us at the other end.
"""

import ssl
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from kapture.sandbox.actors import NOTHING
from kapture.sandbox.clock import now as wall_clock
from kapture.sandbox.known import Known
from kapture.sandbox.messages import BadRequestError, Request, Response
from kapture.sandbox.posts import YOUTUBE, Post, at, look
from kapture.sandbox.shapes import Site
from kapture.sandbox.standin import Knob, Route, StandIn
from kapture.sandbox.tls import own_context

HOST = "www.youtube.com"
PAGE = 20
MOST = 120
_DAY = 86_400.0
_FILTERS = {"EgQIAhAB": _DAY, "EgQIAxAB": 7 * _DAY, "EgQIBBAB": 30 * _DAY}
_STEPS = ((365, "year"), (30, "month"), (7, "week"), (1, "day"))


class YouTubeStandIn(StandIn):
    """`/youtubei/v1/search` and `/youtubei/v1/player`."""

    name = "ytdlp"
    knobs: ClassVar[dict[str, Knob]] = {
        "growth": 1.0,  # how many times as old as it is a video counts as, when its views are told
    }

    def __init__(
        self, site: Site, known: Known | None = None, clock: Callable[[], datetime] = wall_clock, **knobs: Knob
    ) -> None:
        self._site, self._known, self._clock = site, known or Known(), clock
        self._context = own_context(HOST)
        super().__init__(**knobs)

    def routes(self) -> Sequence[Route]:
        """Searching, and telling about one video."""
        return Route("POST", "/youtubei/v1/search", self._search), Route("POST", "/youtubei/v1/player", self._player)

    def tunnel(self, target: str) -> ssl.SSLContext | None:
        """To YouTube only."""
        return self._context if target == f"{HOST}:443" else None

    def refuse(self, status: int, message: str) -> Response:
        """`{"error": {"code", "message"}}`."""
        return Response.json({"error": {"code": status, "message": message, "status": "FAILED_PRECONDITION"}}, status)

    def _search(self, request: Request, _: dict[str, str]) -> Response:
        asked = request.json_object()
        start, keyword, params = 0, str(asked.get("query", "")), str(asked.get("params", ""))
        if token := asked.get("continuation"):
            start, keyword, params = _continued(str(token))
        posts = self._found(keyword, params)
        rows: list[dict[str, Any]] = [
            {"itemSectionRenderer": {"contents": [self._video(post) for post in posts[start : start + PAGE]]}}
        ]
        if len(posts) > start + PAGE:
            command = {"token": f"{start + PAGE}|{params}|{keyword}", "request": "CONTINUATION_REQUEST_TYPE_SEARCH"}
            rows.append({"continuationItemRenderer": {"continuationEndpoint": {"continuationCommand": command}}})
        if start:
            return Response.json(
                {"onResponseReceivedCommands": [{"appendContinuationItemsAction": {"continuationItems": rows}}]}
            )
        inside = {"primaryContents": {"sectionListRenderer": {"contents": rows}}}
        return Response.json({"contents": {"twoColumnSearchResultsRenderer": inside}})

    def _found(self, keyword: str, params: str) -> Sequence[Post]:
        if not keyword or keyword.casefold().startswith(NOTHING):
            return []
        posts = look(YOUTUBE, keyword, MOST, self._clock(), _FILTERS.get(params), growth=self.seconds("growth"))
        self._known.note(post.draft for post in posts)
        return posts

    def _video(self, post: Post) -> dict[str, Any]:
        draft, author = post.draft, post.draft.author
        short = draft.medium == "short"
        browse = {"browseId": f"UC{author.key}", "canonicalBaseUrl": f"/@{author.handle}"}
        page = f"/shorts/{draft.key}" if short else f"/watch?v={draft.key}"
        by = {"text": author.name, "navigationEndpoint": {"browseEndpoint": browse}}
        return {
            "videoRenderer": {
                "videoId": draft.key,
                "title": {"runs": [{"text": draft.title}]},
                "thumbnail": {"thumbnails": [{"url": self._site.thumbnail(post), "width": 640, "height": 360}]},
                "ownerText": {"runs": [by]},
                "shortBylineText": {"runs": [by]},
                "publishedTimeText": {"simpleText": ago(self._clock() - draft.published)},
                "lengthText": {"simpleText": f"{draft.seconds // 60}:{draft.seconds % 60:02}"},
                "viewCountText": {"simpleText": f"{post.views:,} views"},
                "navigationEndpoint": {"commandMetadata": {"webCommandMetadata": {"url": page}}},
            }
        }

    def _player(self, request: Request, _: dict[str, str]) -> Response:
        draft = self._known.find(YOUTUBE, str(request.json_object().get("videoId", "")))
        if draft is None:
            return Response.json({"playabilityStatus": {"status": "ERROR", "reason": "Video unavailable"}})
        post, author = at(draft, self._clock(), self.seconds("growth")), draft.author
        told = draft.published.isoformat()
        return Response.json(
            {
                "playabilityStatus": {"status": "OK"},
                "videoDetails": {
                    "videoId": draft.key,
                    "title": draft.title,
                    "lengthSeconds": str(draft.seconds),
                    "channelId": f"UC{author.key}",
                    "author": author.name,
                    "shortDescription": draft.text,
                    "viewCount": str(post.views),
                    "isLiveContent": False,
                },
                "microformat": {
                    "playerMicroformatRenderer": {
                        "externalChannelId": f"UC{author.key}",
                        "ownerProfileUrl": f"http://{HOST}/@{author.handle}",
                        "publishDate": told,
                        "uploadDate": told,
                        "viewCount": str(post.views),
                    }
                },
            }
        )


def ago(age: timedelta) -> str:
    """How long ago, in the words of YouTube's lists."""
    for days, unit in _STEPS:
        if age.days >= days:
            return _counted(age.days // days, unit)
    hours, minutes = int(age.total_seconds() // 3600), int(age.total_seconds() // 60)
    return _counted(hours, "hour") if hours else _counted(max(minutes, 1), "minute")


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'} ago"


def _continued(token: str) -> tuple[int, str, str]:
    start, _, rest = token.partition("|")
    params, _, keyword = rest.partition("|")
    if not start.isdigit():
        raise BadRequestError("The continuation is not one of ours.")
    return int(start), keyword, params
