"""What is for sale."""

import re
from typing import Any

from kapture.sandbox.messages import BadRequestError
from kapture.sandbox.stripe.store import Obj, Store

# id, name, US cents, interval (None: once)
SEEDS = (
    ("price_creator_monthly", "Kapture Creator", 1900, "month"),
    ("price_studio_monthly", "Kapture Studio", 5900, "month"),
    ("price_topup_scrape_50", "50 scrapes", 500, None),
    ("price_topup_download_100", "100 downloads", 900, None),
    ("price_topup_ai_100", "100 AI generations", 900, None),
)
_STATED = re.compile(r"price_([a-z0-9_]+?)_(\d{1,8})_(month|year|once)")


def seed(store: Store) -> None:
    """Put the seeded prices on sale, where they are not yet."""
    for ident, name, amount, interval in SEEDS:
        if store.find("price", ident) is None:
            put(store, ident, name, amount, interval)


def put(store: Store, ident: str, name: str, amount: int, interval: str | None, currency: str = "usd") -> Obj:
    """Put one price and its product on sale."""
    product = f"prod_{ident.removeprefix('price_')}"
    now = store.now()
    common: Obj = {"active": True, "created": now, "livemode": False, "metadata": {}}
    store.add(
        {
            "id": product,
            "object": "product",
            **common,
            "default_price": ident,
            "description": None,
            "images": [],
            "marketing_features": [],
            "name": name,
            "package_dimensions": None,
            "shippable": None,
            "statement_descriptor": None,
            "tax_code": None,
            "type": "service",
            "unit_label": None,
            "updated": now,
            "url": None,
        }
    )
    recurring = {"interval": interval, "interval_count": 1, "meter": None, "trial_period_days": None}
    return store.add(
        {
            "id": ident,
            "object": "price",
            **common,
            "billing_scheme": "per_unit",
            "currency": currency,
            "custom_unit_amount": None,
            "lookup_key": ident.removeprefix("price_"),
            "nickname": None,
            "product": product,
            "recurring": {**recurring, "usage_type": "licensed"} if interval else None,
            "tax_behavior": "unspecified",
            "tiers_mode": None,
            "transform_quantity": None,
            "type": "recurring" if interval else "one_time",
            "unit_amount": amount,
            "unit_amount_decimal": str(amount),
        }
    )


def find(store: Store, ident: str) -> Obj | None:
    """A price by its id, made up when the id states what it costs."""
    known = store.find("price", ident)
    stated = _STATED.fullmatch(ident)
    if known or not stated:
        return known
    name, amount, interval = stated.groups()
    return put(store, ident, name.replace("_", " ").capitalize(), int(amount), None if interval == "once" else interval)


def told(store: Store, value: dict[str, Any]) -> Obj:
    """A price as a control tells it: id, name, amount in the smallest unit, interval, currency."""
    ident, amount, interval = value.get("id"), value.get("amount"), value.get("interval")
    if not isinstance(ident, str) or not ident.startswith("price_") or not isinstance(amount, int):
        raise BadRequestError("A price has an id that begins with price_ and an amount in the smallest unit.")
    if interval not in (None, "day", "week", "month", "year"):
        raise BadRequestError("interval is day, week, month, year or null.")
    return put(store, ident, str(value.get("name", ident)), amount, interval, str(value.get("currency", "usd")))


def name_of(store: Store, price: Obj) -> str:
    """What people call it."""
    return str((store.find("product", price["product"]) or {"name": price["id"]})["name"])
