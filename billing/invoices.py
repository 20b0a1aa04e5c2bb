"""Invoices as people read them."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings

from billing.models import Invoice

# Currencies that Stripe counts in whole units, and in thousandths; all others, ISK and UGX among them, in hundredths.
WHOLE = frozenset(
    ["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"]
)
THOUSANDTHS = frozenset(["bhd", "jod", "kwd", "omr", "tnd"])
STATUSES = {
    "paid": ("Paid", "ok"),
    "open": ("Open", "warn"),
    "uncollectible": ("Not collected", "bad"),
    "void": ("Void", "neutral"),
    "draft": ("Draft", "neutral"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """An invoice in words; addresses are empty where they are not https."""

    number: str
    at: datetime
    amount: str
    status: str
    tone: str
    page_url: str
    pdf_url: str


def shown(row: Invoice) -> Shown:
    """What the page says of an invoice."""
    words, tone = STATUSES.get(row.status, (row.status.replace("_", " ").capitalize(), "neutral"))
    return Shown(
        row.number or "No number yet",
        row.issued_at,
        money(row.due, row.currency),
        words,
        tone,
        safe_link(row.page_url),
        safe_link(row.pdf_url),
    )


def money(amount: int, currency: str) -> str:
    """An amount given in the smallest unit of its currency: 19.00 USD, 1,900 JPY."""
    code = currency.lower()
    places = 0 if code in WHOLE else 3 if code in THOUSANDTHS else 2
    whole, rest = divmod(abs(amount), 10**places)
    text = f"{whole:,}.{rest:0{places}}" if places else f"{whole:,}"
    return f"{'-' if amount < 0 else ''}{text} {code.upper()}"


def safe_link(address: str) -> str:
    """An address that a page may link to: over https, or at the stand-in of Stripe; empty for others."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if parts.scheme == "https" and parts.hostname:
        return address
    return address if address.startswith(f"{settings.STRIPE_API_BASE}/") and "stripe" in settings.SANDBOX else ""
