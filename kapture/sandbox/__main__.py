"""`python -m kapture.sandbox --home DIR`: the stand-ins in one process, until a signal or the end of the parent."""

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from kapture.sandbox.actors import find_generated
from kapture.sandbox.apify import ApifyStandIn
from kapture.sandbox.clerk import ClerkStandIn
from kapture.sandbox.known import Known
from kapture.sandbox.mail import MailStandIn
from kapture.sandbox.media import Workshop
from kapture.sandbox.openai import OpenAIStandIn
from kapture.sandbox.recorded import find_recorded
from kapture.sandbox.reddit import RedditStandIn
from kapture.sandbox.server import Server
from kapture.sandbox.shapes import Site
from kapture.sandbox.standin import StandIn
from kapture.sandbox.stripe import StripeStandIn
from kapture.sandbox.videos import VideoStandIn
from kapture.sandbox.youtube import YouTubeStandIn

NAMES = ("apify", "clerk", "mail", "openai", "reddit", "stripe", "video", "ytdlp")
PARENT_LOOK_SECONDS = 0.5


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM, SIGINT or the end of the parent process; 0 on a clean end, 1 when a port is taken."""
    options = _parser().parse_args(arguments)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    options.home.mkdir(parents=True, exist_ok=True)
    told = options.home / "sandbox.json"
    told.unlink(missing_ok=True)
    try:
        servers = _servers(options)
    except OSError as error:
        print(f"The sandbox cannot start: {error}", file=sys.stderr)  # noqa: T201
        return 1
    addresses = {name: server.url + ("/v1" if name == "openai" else "") for name, server in servers.items()}
    _write(told, json.dumps(addresses))
    print(json.dumps(addresses), flush=True)  # noqa: T201
    parent = options.parent or os.getppid()
    while not stop.wait(PARENT_LOOK_SECONDS) and (options.keep or os.getppid() == parent):
        pass
    for server in servers.values():
        server.stop()
    return 0


def _servers(options: argparse.Namespace) -> dict[str, Server]:
    """The wanted stand-ins, answering; the video site first, since sample posts point to it."""
    wanted = [name.strip() for name in options.only.split(",") if name.strip()]
    servers: dict[str, Server] = {}
    try:
        if "video" in wanted:
            workshop = Workshop(options.home / "media")
            videos = VideoStandIn(workshop, options.recorded_media, bytes_per_second=options.bytes_per_second)
            servers["video"] = _server(videos, options.host, options.video_port)
            workshop.warm()
        site = Site(servers["video"].url if "video" in servers else options.video_url)
        for name, stand_in in _platforms(options, site).items():
            if name in wanted:
                servers[name] = _server(stand_in, options.host, getattr(options, f"{name}_port"))
        if "clerk" in wanted:
            servers["clerk"] = _server(ClerkStandIn(options.home / "clerk.json"), options.host, options.clerk_port)
        if "mail" in wanted:
            mailbox = MailStandIn(options.mail_folder or options.home / "mail")
            servers["mail"] = _server(mailbox, options.host, options.mail_port)
        if "openai" in wanted:
            stand_in_openai = OpenAIStandIn(words_per_second=options.words_per_second)
            servers["openai"] = _server(stand_in_openai, options.host, options.openai_port)
        if "stripe" in wanted:
            hook = {"webhook_url": options.stripe_webhook_url, "webhook_secret": options.stripe_webhook_secret}
            account = StripeStandIn(options.home / "stripe.json", **hook)
            servers["stripe"] = _server(account, options.host, options.stripe_port)
    except OSError:
        for server in servers.values():
            server.stop()
        raise
    return {name: servers[name] for name in NAMES if name in servers}


def _platforms(options: argparse.Namespace, site: Site) -> dict[str, StandIn]:
    """The stand-ins of what searches the platforms; a post that one of them shows is known to all."""
    known = Known(options.home / "posts.jsonl")
    find = find_recorded(options.recorded) if options.recorded else find_generated(site, known)
    return {
        "apify": ApifyStandIn(find, run_seconds=options.run_seconds),
        "reddit": RedditStandIn(site, known),
        "ytdlp": YouTubeStandIn(site, known),
    }


def _server(stand_in: StandIn, host: str, port: int) -> Server:
    return Server(stand_in, host, port).start()


def _write(path: Path, text: str) -> None:
    """The whole text or nothing, for readers that wait for the file."""
    part = path.with_suffix(".part")
    part.write_text(text)
    part.replace(path)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m kapture.sandbox", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="folder for addresses, state and media")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--only", default=",".join(NAMES), type=_names, help="stand-ins to start, with commas between")
    for name in NAMES:
        parser.add_argument(f"--{name}-port", type=int, default=0, help="0 is any free port")
    recorded = os.environ.get("KAPTURE_SANDBOX_RECORDED")
    parser.add_argument(
        "--recorded", type=_folder, default=recorded, help="serve the recorded items of this folder, not sample posts"
    )
    parser.add_argument("--recorded-media", type=_folder, help="serve this folder under /recorded/ of the video site")
    parser.add_argument("--video-url", default="", help="where sample posts point when no video site is started")
    parser.add_argument("--run-seconds", type=float, default=3.0, help="how long an actor's run takes")
    parser.add_argument("--words-per-second", type=float, default=60.0, help="how fast answers are streamed")
    parser.add_argument("--bytes-per-second", type=float, default=3e6, help="how fast media is sent; 0: at once")
    parser.add_argument("--stripe-webhook-url", default="", help="where the Stripe stand-in sends its events")
    parser.add_argument("--stripe-webhook-secret", default="whsec_sandbox", help="what signs them")
    parser.add_argument("--mail-folder", type=Path, help="where e-mails are written (default: mail in --home)")
    parser.add_argument("--parent", type=int, default=0, help="exit when this process is not the parent any more")
    parser.add_argument("--keep", action="store_true", help="go on when the parent process ends")
    return parser


def _names(text: str) -> str:
    unknown = {name.strip() for name in text.split(",")} - {*NAMES, ""}
    if unknown:
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    return text


def _folder(text: str) -> Path:
    path = Path(text).expanduser().resolve()
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"{path} is no folder")
    return path


if __name__ == "__main__":
    sys.exit(main())
