"""The pages of the video site."""

from collections.abc import Iterable, Mapping
from html import escape

from kapture.sandbox.clips import LOOKS, Clip, path_of, slug_of

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem}"
    "body{color:#222;background:#fafafa}"
    "video,img{width:100%;border-radius:8px;background:#000}p.note{color:#777}a{color:#4b46c8}"
    "@media(prefers-color-scheme:dark){body{background:#141416;color:#eee}a{color:#a5a1ff}}"
)
_CUES = 60


def watch(clip: Clip, base: str) -> str:
    """The page of one clip, with its media as a `video` element, as og: tags, and with captions."""
    address, title = f"{base}/watch/{path_of(clip.slug)}", escape(clip.title)
    media, picture = f"{base}/media/{path_of(clip.slug)}", f"{base}/thumb/{path_of(clip.slug)}.webp"
    tags = {"og:title": clip.title, "og:url": address, "og:image": picture, "og:site_name": "Kapture sandbox"}
    if not clip.seconds:
        body = f'<h1>{title}</h1><img src="{picture}" alt="">'
        return _page(clip.title, f"{body}{_NOTE}", {**tags, "og:type": "article"})
    tags |= {
        "og:type": "video.other",
        "og:description": f"A sample clip of {clip.seconds} seconds.",
        "og:video": f"{media}.mp4",
        "og:video:type": "video/mp4",
        "og:video:width": "640",
        "og:video:height": "360",
        "video:duration": str(clip.seconds),
    }
    video = (
        f'<video controls preload="metadata" poster="{picture}" width="640" height="360">'
        f'<source src="{media}.mp4" type="video/mp4" label="360p">'
        f'<track kind="captions" src="{media}.vtt" srclang="en" label="English"></video>'
    )
    links = " · ".join(
        f'<a href="{media}.{ending}">{ending}</a>' for ending in ("mp4", "webm", "mp3", "m4a", "gif", "jpg")
    )
    hls = f'<a href="{base}/hls/{path_of(clip.slug)}/master.m3u8">HLS</a>'
    return _page(clip.title, f"<h1>{title}</h1>{video}<p>{links} · {hls}</p>{_NOTE}", tags)


def index(base: str) -> str:
    """What there is to try."""
    rows = []
    for place, look in enumerate(LOOKS):
        slug = slug_of(f"A sample of {look.replace('-', ', ')}", f"look{place}", 8 + 3 * place)
        rows.append((f"/watch/{path_of(slug)}", slug.split("~", maxsplit=1)[0].replace("_", " ")))
    rows += [
        ("/big/5mb.mp4", "A file of 5 MB, padded; any number up to 100"),
        ("/slow/lamp.mp4?bps=50000", "A clip at 50 000 bytes a second"),
        ("/hls/lamp/master.m3u8", "HLS in two heights"),
        ("/hostile/", "Pages and files that misbehave"),
    ]
    return listing("Kapture sandbox: video site", ((f"{base}{path}", text) for path, text in rows))


def listing(title: str, rows: Iterable[tuple[str, str]]) -> str:
    """A page of links."""
    items = "".join(f'<li><a href="{escape(address)}">{escape(text)}</a></li>' for address, text in rows)
    return _page(title, f"<h1>{escape(title)}</h1><ul>{items}</ul>{_NOTE}", {})


def captions(clip: Clip) -> str:
    """WebVTT: the words of the title, again and again, four seconds each."""
    words = clip.title.split() or ["Sample"]
    lines = ["WEBVTT", ""]
    for place, start in enumerate(range(0, min(clip.seconds, _CUES * 4), 4)):
        end = min(start + 4, clip.seconds)
        said = [words[(place * 6 + index) % len(words)] for index in range(min(6, len(words)))]
        lines += [f"{_stamp(start)} --> {_stamp(end)}", " ".join(said), ""]
    return "\n".join(lines)


def master(heights: Iterable[int]) -> str:
    """The HLS playlist of playlists."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:3"]
    for height in heights:
        size = f"BANDWIDTH={height * 900},RESOLUTION={height * 16 // 9}x{height}"
        lines += [f'#EXT-X-STREAM-INF:{size},CODECS="avc1.42c01e,mp4a.40.2"', f"{height}/index.m3u8"]
    return "\n".join([*lines, ""])


_NOTE = '<p class="note">Sample data of the Kapture sandbox, made on this machine.</p>'


def _page(title: str, body: str, tags: Mapping[str, str]) -> str:
    metas = "".join(f'<meta property="{name}" content="{escape(text)}">' for name, text in tags.items())
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
    return f'<!doctype html><html lang="en"><head>{head}{metas}<style>{_STYLE}</style></head><body>{body}</body></html>'


def _stamp(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.000"
