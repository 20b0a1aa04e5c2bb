"""What a fetch can never reach: the inside of the network, other files, other programs."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kapture.gateways.media.environment import environment
from kapture.gateways.media.reasons import FetchFailed, Reason
from kapture.gateways.media.types import MediaKind, Progress
from tests.gateways.media.conftest import PROJECT, Fetch
from tests.gateways.media.site import Site, endless
from tests.gateways.media.test_fetch import manifest
from tests.thorough import some

HLS = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n"
Vector = Callable[[Site, Site], str]


def redirect(code: int) -> Vector:
    return lambda site, inside: site.redirect("/go", inside.url("/secret"), code)


def redirect_chain(site: Site, inside: Site) -> str:
    for step in range(4):
        site.redirect(f"/{step}", site.url(f"/{step + 1}"))
    site.redirect("/4", inside.url("/secret"))
    return site.url("/0")


def redirected_media(site: Site, inside: Site) -> str:
    site.redirect("/clip.mp4", inside.url("/clip.mp4"))
    return site.serve_html("/page", '<video src="/clip.mp4"></video>')


def page(markup: str) -> Vector:
    return lambda site, inside: site.serve_html("/page", markup.format(inside=inside.url("")))


def playlist(body: str) -> Vector:
    return lambda site, inside: site.serve_hls("/a.m3u8", HLS + body.format(inside=inside.url("")) + "#EXT-X-ENDLIST\n")


def dash(site: Site, inside: Site) -> str:
    text = manifest(inside.url("/silent.mp4"), inside.url("/sound.m4a"))
    return site.serve("/a.mpd", text.encode(), "application/dash+xml")


def by_name(site: Site, inside: Site) -> str:
    return site.redirect("/go", f"http://localhost:{inside.server.server_port}/secret")


def by_number(site: Site, inside: Site) -> str:
    return site.redirect("/go", f"http://2130706433:{inside.server.server_port}/secret")


def by_mapped_ipv6(site: Site, inside: Site) -> str:
    return site.redirect("/go", f"http://[::ffff:127.0.0.1]:{inside.server.server_port}/secret")


VECTORS: dict[str, Vector] = {
    **{f"redirect {code}": redirect(code) for code in (301, 302, 303, 307, 308)},
    "redirect chain": redirect_chain,
    "redirect to a name": by_name,
    "redirect to a number": by_number,
    "redirect to mapped IPv6": by_mapped_ipv6,
    "media that redirects": redirected_media,
    "video tag": page('<video src="{inside}/clip.mp4"></video>'),
    "og:video": page('<meta property="og:video" content="{inside}/clip.mp4">'),
    "meta refresh": page('<meta http-equiv="refresh" content="0; url={inside}/clip.mp4">'),
    "JSON-LD": page(
        '<script type="application/ld+json">{{"@context":"https://schema.org","@type":"VideoObject","name":"x",'
        '"contentUrl":"{inside}/clip.mp4"}}</script>'
    ),
    "HLS segment": playlist("#EXTINF:1,\n{inside}/secret.ts\n"),
    "HLS variant": lambda site, inside: site.serve_hls(
        "/a.m3u8", f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{inside.url('/secret.m3u8')}\n"
    ),
    "HLS key": playlist('#EXT-X-KEY:METHOD=AES-128,URI="{inside}/key"\n#EXTINF:1,\nsegment.ts\n'),
    "HLS map": playlist('#EXT-X-MAP:URI="{inside}/init.mp4"\n#EXTINF:1,\nsegment.ts\n'),
    "DASH base": dash,
}


@pytest.mark.parametrize("vector", some(list(VECTORS.values())), ids=some(list(VECTORS)))
def test_no_way_leads_inside(site: Site, canary: Site, fetch: Fetch, scratch: Path, vector: Vector) -> None:
    site.serve("/segment.ts", b"\x47" * 188 * 8)
    with pytest.raises(FetchFailed) as failed:
        fetch(vector(site, canary))
    assert failed.value.reason in (Reason.REFUSED_ADDRESS, Reason.UNSUPPORTED)
    assert canary.hits == []
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize(
    "target",
    ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1/x", "data:text/plain,x", "rtmp://127.0.0.1/x"],
)
def test_other_schemes_are_not_followed(site: Site, fetch: Fetch, scratch: Path, target: str) -> None:
    with pytest.raises(FetchFailed) as failed:
        fetch(site.redirect("/go", target))
    assert failed.value.reason == Reason.REFUSED_ADDRESS
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("target", ["file:///etc/passwd", "/etc/passwd", "../neighbour/media.ts"])
def test_a_playlist_cannot_read_local_files(site: Site, fetch: Fetch, tmp_path: Path, target: str) -> None:
    (tmp_path / "neighbour").mkdir()
    (tmp_path / "neighbour" / "media.ts").write_bytes(b"\x47" * 188 * 8)
    with pytest.raises(FetchFailed):
        fetch(site.serve_hls("/a.m3u8", f"{HLS}#EXTINF:1,\n{target}\n#EXT-X-ENDLIST\n"))


@pytest.mark.parametrize(
    "body",
    [
        HLS + "#EXTINF:1,\n../neighbour/media.ts\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile ../neighbour/media.mp4\n",
        "<!doctype html><html><script>alert(1)</script></html>",
        '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
        "",
    ],
    ids=["m3u8", "ffconcat", "html", "svg", "nothing"],
)
def test_something_else_in_the_clothes_of_a_video_is_refused(
    site: Site, fetch: Fetch, tmp_path: Path, body: str
) -> None:
    (tmp_path / "neighbour").mkdir()
    (tmp_path / "neighbour" / "media.mp4").write_bytes(b"secret")
    with pytest.raises(FetchFailed) as failed:
        fetch(site.serve("/clip.mp4", body.encode(), "video/mp4"))
    assert failed.value.reason in (Reason.BAD_MEDIA, Reason.UNREACHABLE, Reason.UNSUPPORTED)


def test_the_child_knows_nothing_of_our_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (
        "DATABASE_URL",
        "SECRET_KEY",
        "OPENAI_API_KEY",
        "NO_PROXY",
        "HTTP_PROXY",
        "https_proxy",
        "PYTHONSTARTUP",
    ):
        monkeypatch.setenv(name, "canary")
    assert "canary" not in environment(tmp_path).values()


def test_a_cancelled_fetch_leaves_no_process_and_no_file(site: Site, media: Path, fetch: Fetch, scratch: Path) -> None:
    head = (media / "clip.mp4").read_bytes()[:1024]
    site.routes["/clip.mp4"] = endless(head, pause=0.05)
    heard: list[Progress] = []
    with pytest.raises(FetchFailed) as failed:
        fetch(site.url("/clip.mp4"), progress=heard, stopped=lambda: any(one.size for one in heard))
    assert failed.value.reason == Reason.CANCELLED
    assert list(scratch.iterdir()) == []
    assert working_in(scratch) == []


def test_a_fetch_dies_with_the_process_that_started_it(site: Site, media: Path, scratch: Path) -> None:
    site.routes["/clip.mp4"] = endless((media / "clip.mp4").read_bytes()[:1024], pause=0.05)
    script = (
        "import sys; from pathlib import Path; from kapture.gateways.media import engine, types\n"
        "engine.fetch(types.FetchRequest(url=sys.argv[1], allow=(sys.argv[2],)), scratch=Path(sys.argv[3]),"
        " on_progress=lambda p: print(p.size or '', flush=True), stopped=lambda: False)"
    )
    command = [sys.executable, "-c", script, site.url("/clip.mp4"), site.host, str(scratch)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=PROJECT, text=True) as parent:
        assert parent.stdout is not None
        assert any(line.strip() for line in parent.stdout)
        os.kill(parent.pid, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while (working_in(scratch) or scratch.exists()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert working_in(scratch) == []
    assert not scratch.exists()


def test_what_breaks_off_for_its_parents_death_leaves_no_folder(scratch: Path) -> None:
    for number in range(3000):
        (scratch / str(number)).touch()
    script = (
        "import sys; from pathlib import Path; from kapture.gateways.media import guard\n"
        "guard.FAREWELL = 0.0\n"
        "with guard.dying_with_parent(0, Path(sys.argv[1])):\n"
        "    while True: print('at work', flush=True)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(scratch)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=PROJECT,
        start_new_session=True,
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stdout.readline()
        child.stdin.close()
        child.stdout.close()
        assert child.wait(20) == -signal.SIGKILL
    assert not scratch.exists()


def working_in(folder: Path) -> list[int]:
    """The processes whose working directory is a folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").readlink() == folder:
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def test_a_picture_of_the_inside_is_not_fetched(site: Site, canary: Site, media: Path, fetch: Fetch) -> None:
    site.serve("/clip.mp4", (media / "clip.mp4").read_bytes(), "video/mp4")
    canary.serve("/poster.png", (media / "picture.png").read_bytes(), "image/png")
    url = site.serve_html("/watch", f'<video src="/clip.mp4" poster="{canary.url("/poster.png")}"></video>')
    with pytest.raises(FetchFailed) as failed:
        fetch(url, kind=MediaKind.IMAGE)
    assert failed.value.reason == Reason.REFUSED_ADDRESS
    assert canary.hits == []
