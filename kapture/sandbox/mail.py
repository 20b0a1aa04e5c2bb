"""The mailbox: every e-mail a local instance wrote into a folder, to read and to click in a browser.

Pages: `/` lists them, newest first, `/messages/{id}` shows one. Tests read `/messages.json`, where each message has
id, to, from, subject, at, text and links.
"""

import email
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from email.policy import default
from html import escape
from pathlib import Path

from kapture.sandbox.messages import Request, Response
from kapture.sandbox.standin import Route, StandIn

# Django's file backend ends every message with this line; one file can hold several.
END = b"\n" + b"-" * 79 + b"\n"
LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")
STYLE = (
    "body{font:15px/1.55 system-ui,sans-serif;max-width:46rem;margin:2.5rem auto;padding:0 1rem;"
    "color:#222;background:#fafafa}h1{font-size:1.3rem}a{color:#4b46c8}ul{list-style:none;padding:0}"
    "li{border-top:1px solid #ccc;padding:.6rem 0}li span,dl,p.note{color:#666}li span{display:block;font-size:.9em}"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:0 1rem}dd{margin:0}"
    "pre{font:inherit;white-space:pre-wrap;overflow-wrap:anywhere;border-top:1px solid #ccc;padding-top:1rem}"
    "@media(prefers-color-scheme:dark){body{background:#141416;color:#eee}a{color:#a5a1ff}"
    "li,pre{border-color:#444}li span,dl,p.note{color:#aaa}}"
)


@dataclass(frozen=True, slots=True)
class Message:
    """One e-mail; `at` is when it was written, in seconds since 1970."""

    id: str
    to: str
    sender: str
    subject: str
    at: float
    text: str

    @property
    def links(self) -> list[str]:
        """The addresses in the text, in order."""
        return LINK.findall(self.text)


class MailStandIn(StandIn):
    """Shows the messages of a folder; it keeps nothing itself."""

    name = "mail"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        super().__init__()

    def routes(self) -> Sequence[Route]:
        """List, message, and both as JSON."""
        return (
            Route("GET", "/", self._list),
            Route("GET", "/messages.json", self._json),
            Route("GET", "/messages/{id}", self._show),
        )

    def refuse(self, status: int, message: str) -> Response:
        """A page that says so."""
        return _page("Mailbox", f"<h1>{escape(message)}</h1><p><a href='/'>All messages</a></p>", status)

    def reset(self) -> None:
        """Forget every message."""
        super().reset()
        for file in self.folder.glob("*.log"):
            file.unlink(missing_ok=True)

    def messages(self) -> list[Message]:
        """All messages, newest first; one that is just being written comes with the next look."""
        found = [message for file in self.folder.glob("*.log") for message in _read(file)]
        return sorted(found, key=lambda message: (message.at, message.id), reverse=True)

    def _json(self, request: Request, _: dict[str, str]) -> Response:
        return Response.json([{**asdict(message), "links": message.links} for message in self.messages()])

    def _list(self, request: Request, _: dict[str, str]) -> Response:
        rows = "".join(
            f'<li><a href="/messages/{escape(message.id)}">{escape(message.subject)}</a>'
            f"<span>to {escape(message.to)}, {_when(message)}</span></li>"
            for message in self.messages()
        )
        body = f"<ul>{rows}</ul>" if rows else "<p>No message yet.</p>"
        return _page("Mailbox", f"<h1>Mailbox</h1>{body}{_NOTE}")

    def _show(self, request: Request, found: dict[str, str]) -> Response:
        message = next((message for message in self.messages() if message.id == found["id"]), None)
        if message is None:
            return self.refuse(404, "There is no such message.")
        facts = {"From": message.sender, "To": message.to, "Sent": _when(message)}
        rows = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in facts.items())
        text = f"<pre>{_linked(message.text)}</pre>"
        back = '<p><a href="/">All messages</a></p>'
        return _page(message.subject, f"{back}<h1>{escape(message.subject)}</h1><dl>{rows}</dl>{text}{_NOTE}")


def _read(file: Path) -> Iterator[Message]:
    if not file.exists():
        return
    at = file.stat().st_mtime
    for place, raw in enumerate(file.read_bytes().split(END)[:-1]):
        parsed = email.message_from_bytes(raw.lstrip(b"\n"), policy=default)
        body = parsed.get_body(("plain", "html"))
        yield Message(
            id=f"{file.stem}-{place:03}",
            to=str(parsed["to"] or ""),
            sender=str(parsed["from"] or ""),
            subject=str(parsed["subject"] or "(no subject)"),
            at=at,
            text=str(body.get_content()) if body else "",
        )


def _when(message: Message) -> str:
    return time.strftime("%d %B %Y, %H:%M:%S UTC", time.gmtime(message.at))


def _linked(text: str) -> str:
    """The text with its addresses as links, everything else as it is."""
    shown, end = [], 0
    for match in LINK.finditer(text):
        address = escape(match[0])
        shown += [escape(text[end : match.start()]), f'<a href="{address}">{address}</a>']
        end = match.end()
    return "".join([*shown, escape(text[end:])])


_NOTE = '<p class="note">A stand-in of the Kapture sandbox: these messages never left this machine.</p>'


def _page(title: str, body: str, status: int = 200) -> Response:
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    head += f'<link rel="icon" href="data:,"><title>{escape(title)}</title>'
    whole = f'<html lang="en"><head>{head}<style>{STYLE}</style></head><body><main>{body}</main></body></html>'
    return Response.text(f"<!doctype html>{whole}", "text/html; charset=utf-8", status)
