"""The Reddit stand-in: the public listing of a search, and posts by their ids."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, ClassVar

from kapture.sandbox.actors import NOTHING
from kapture.sandbox.clock import now as wall_clock
from kapture.sandbox.known import Known
from kapture.sandbox.messages import Answer, Request, Response
from kapture.sandbox.posts import REDDIT, Post, at, look
from kapture.sandbox.shapes import Site
from kapture.sandbox.standin import Knob, Route, StandIn

_TIMES = {"hour": 3600.0, "day": 86_400.0, "week": 7 * 86_400.0, "month": 30 * 86_400.0, "year": 365 * 86_400.0}
_MOST = 100


class RedditStandIn(StandIn):
    """`/search.json` and `/api/info.json` of Reddit, without an account."""

    name = "reddit"
    knobs: ClassVar[dict[str, Knob]] = {
        "growth": 1.0,  # how many times as old as it is a post counts as, when its votes are told
    }

    def __init__(
        self, site: Site, known: Known | None = None, clock: Callable[[], datetime] = wall_clock, **knobs: Knob
    ) -> None:
        self._site, self._known, self._clock = site, known or Known(), clock
        super().__init__(**knobs)

    def routes(self) -> Sequence[Route]:
        """Searching, and looking at given posts."""
        return Route("GET", "/search.json", self._search), Route("GET", "/api/info.json", self._info)

    def refuse(self, status: int, message: str) -> Response:
        """`{"message", "error"}`."""
        return Response.json({"message": message, "error": status}, status)

    def guard(self, request: Request, answer: Answer) -> Response:
        """Reddit lets nobody in who does not say who asks."""
        agent = request.headers.get("user-agent", "")
        return answer() if agent and "python-requests" not in agent else self.refuse(429, "Too Many Requests")

    def _search(self, request: Request, _: dict[str, str]) -> Response:
        keyword, now = request.query.get("q", ""), self._clock()
        count = min(int(request.number("limit", 25)), _MOST)
        if keyword.casefold().startswith(NOTHING) or not keyword:
            return self._listing([])
        within = _TIMES.get(request.query.get("t", ""))
        posts = look(REDDIT, keyword, count, now, within, growth=self.seconds("growth"))
        self._known.note(post.draft for post in posts)
        return self._listing(posts)

    def _info(self, request: Request, _: dict[str, str]) -> Response:
        ids = [name.removeprefix("t3_") for name in request.query.get("id", "").split(",")][:_MOST]
        drafts = [draft for name in ids if (draft := self._known.find(REDDIT, name))]
        return self._listing([at(draft, self._clock(), self.seconds("growth")) for draft in drafts])

    def _listing(self, posts: Sequence[Post]) -> Response:
        children = [{"kind": "t3", "data": thing(post, self._site)} for post in posts]
        return Response.json({"kind": "Listing", "data": {"after": None, "dist": len(posts), "children": children}})


def thing(post: Post, site: Site) -> dict[str, Any]:
    """One post as Reddit's listing tells it."""
    draft, author = post.draft, post.draft.author
    path = f"/r/{author.community}/comments/{draft.key}/{'_'.join(draft.title.lower().split())[:50]}/"
    address = f"https://www.reddit.com{path}"
    picture = site.thumbnail(post) if draft.medium in ("image", "video") else ""
    video = {"reddit_video": {"duration": draft.seconds, "fallback_url": site.media(post, "mp4"), "is_gif": False}}
    return {
        "id": draft.key,
        "name": f"t3_{draft.key}",
        "title": draft.title,
        "selftext": draft.text if draft.medium == "text" else "",
        "permalink": path,
        "url": {"image": picture, "video": site.media(post, "mp4")}.get(draft.medium, address),
        "author": author.handle.replace(".", "_"),
        "author_fullname": f"t2_{author.key[:9]}",
        "subreddit": author.community,
        "subreddit_name_prefixed": f"r/{author.community}",
        "score": post.views,
        "ups": post.views,
        "upvote_ratio": round(0.8 + (draft.number % 19) / 100, 2),
        "num_comments": post.comments,
        "created_utc": draft.published.timestamp(),
        "thumbnail": picture or "self",
        "is_self": draft.medium == "text",
        "is_video": draft.medium == "video",
        "media": video if draft.medium == "video" else None,
        "over_18": False,
        **({"post_hint": "image"} if draft.medium == "image" else {}),
        **({"preview": {"images": [{"source": {"url": picture}}]}} if picture else {}),
    }
