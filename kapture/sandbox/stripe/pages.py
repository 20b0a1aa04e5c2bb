"""The hosted pages: plain, quiet, and marked as a stand-in; they work without scripts."""

from collections.abc import Iterable
from datetime import UTC, datetime
from html import escape

from kapture.sandbox.messages import Response
from kapture.sandbox.stripe.store import Obj

_STYLE = """
:root{color-scheme:light dark;--page:#f6f6f4;--card:#fff;--text:#1c1c1a;--soft:#63635c;--line:#dededa;--main:#2f5d50;
--on-main:#fff;--bad:#a3261c;--bad-page:#fbeceb;--note:#6b4e00;--note-page:#fdf3d7}
@media(prefers-color-scheme:dark){:root{--page:#141413;--card:#1e1e1c;--text:#ecece8;--soft:#a6a69d;--line:#383834;
--main:#8fc7b5;--on-main:#10211c;--bad:#f2a49d;--bad-page:#3a1d1a;--note:#f0d48a;--note-page:#352a0d}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.5 system-ui,sans-serif}
.note{margin:0;padding:.5rem 1rem;background:var(--note-page);color:var(--note);text-align:center;font-size:.875rem}
main{max-width:30rem;margin:0 auto;padding:2rem 1rem 4rem}
section{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:1.25rem;margin:0 0 1rem}
h1{font-size:1.375rem;line-height:1.3;margin:0 0 .25rem}h2{font-size:1rem;margin:0 0 .5rem}
p{margin:0 0 .75rem}p:last-child,form:last-child{margin-bottom:0}.soft{color:var(--soft)}
.price{font-size:2rem;font-weight:600;line-height:1.2;margin:.75rem 0 1rem;font-variant-numeric:tabular-nums}
.price small{font-size:1rem;font-weight:400;color:var(--soft)}
form{margin:0 0 .5rem}
button{display:block;width:100%;min-height:2.75rem;padding:.625rem 1rem;border-radius:8px;font:inherit;
text-align:center;text-wrap:balance;border:1px solid var(--line);background:var(--card);color:var(--text);
cursor:pointer}
button.main{background:var(--main);border-color:var(--main);color:var(--on-main);font-weight:600}
button:hover{border-color:var(--soft)}a{color:var(--main)}
p>a:only-child{display:inline-block;padding:.375rem 0}
:focus-visible{outline:3px solid var(--main);outline-offset:2px}
.bad{background:var(--bad-page);color:var(--bad);border-radius:8px;padding:.625rem .75rem}
dl{display:grid;grid-template-columns:auto 1fr;gap:.25rem 1rem;margin:.75rem 0 1rem}dt{color:var(--soft)}dd{margin:0;
text-align:right;overflow-wrap:anywhere}
table{width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums}
td{padding:.375rem 0;border-top:1px solid var(--line)}td:first-child{width:100%;overflow-wrap:anywhere}
td+td{padding-left:1rem;white-space:nowrap;text-align:right}td form{margin:0}
tr:first-child td{border-top:0}
"""
_SYMBOLS = {"usd": "$", "eur": "€", "gbp": "£"}
_STATES = {
    "trialing": "On trial",
    "active": "Active",
    "past_due": "Payment overdue",
    "unpaid": "Unpaid",
    "incomplete": "Waiting for the first payment",
    "incomplete_expired": "Never paid",
    "paused": "Paused",
    "canceled": "Cancelled",
    "open": "Open",
    "paid": "Paid",
    "void": "Void",
    "draft": "Draft",
    "uncollectible": "Uncollectible",
}


def page(title: str, *parts: str, status: int = 200) -> Response:
    """A page of sections."""
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<title>{escape(title)}</title><link rel="icon" href="data:,"><style>{_STYLE}</style>'
    )
    note = '<p class="note">Stand-in for Stripe: no money moves.</p>'
    text = f'<!doctype html><html lang="en"><head>{head}</head><body>{note}<main>{"".join(parts)}</main></body></html>'
    return Response.text(text, "text/html; charset=utf-8", status)


def section(*parts: str) -> str:
    """A box."""
    return f"<section>{''.join(parts)}</section>"


def heading(text: str, level: int = 1) -> str:
    """A heading."""
    return f"<h{level}>{escape(text)}</h{level}>"


def line(text: str, kind: str = "") -> str:
    """A paragraph; `bad` is one that reports a problem, `soft` a quiet one."""
    role = ' role="alert"' if kind == "bad" else ""
    return f'<p class="{kind}"{role}>{escape(text)}</p>' if kind else f"<p>{escape(text)}</p>"


def button(action: str, text: str, *, main: bool = False, **fields: str) -> str:
    """A form of one button."""
    hidden = "".join(f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in fields.items())
    kind = ' class="main"' if main else ""
    return f'<form method="post" action="{escape(action)}">{hidden}<button{kind}>{escape(text)}</button></form>'


def link(address: str, text: str) -> str:
    """A link in a paragraph of its own."""
    return f'<p><a href="{escape(address)}">{escape(text)}</a></p>'


def facts(rows: Iterable[tuple[str, str]]) -> str:
    """Names and values."""
    return f"<dl>{''.join(f'<dt>{escape(name)}</dt><dd>{escape(value)}</dd>' for name, value in rows)}</dl>"


def price_tag(price: Obj) -> str:
    """A price in large."""
    every = f" <small>a {price['recurring']['interval']}</small>" if price["recurring"] else ""
    return f'<p class="price">{escape(money(price["unit_amount"], price["currency"]))}{every}</p>'


def invoice_rows(invoices: Iterable[Obj]) -> str:
    """A table of invoices with links."""
    rows = "".join(
        f'<tr><td><a href="/i/{escape(paper["id"])}">{escape(day(paper["created"]))}</a></td>'
        f"<td>{escape(state(paper['status']))}</td>"
        f"<td>{escape(money(paper['amount_due'], paper['currency']))}</td></tr>"
        for paper in invoices
    )
    return f"<table>{rows}</table>"


def money(amount: int, currency: str) -> str:
    """An amount as people write it."""
    sign, symbol = "-" if amount < 0 else "", _SYMBOLS.get(currency, "")
    number = f"{abs(amount) / 100:,.2f}"
    return f"{sign}{symbol}{number}" if symbol else f"{sign}{number} {currency.upper()}"


def day(moment: int) -> str:
    """A date, in UTC."""
    at = datetime.fromtimestamp(moment, UTC)
    return f"{at.day} {at:%B %Y}"


def state(status: str) -> str:
    """A status in words."""
    return _STATES.get(status, status)
