"""What can be bought where Stripe is a stand-in: the prices it has from the start."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from billing.models import Plan, TopUpPack
from kapture.core.choices import UsageKind

PLANS = {"creator": "price_creator_monthly", "studio": "price_studio_monthly"}
PACKS = {
    (UsageKind.SCRAPE, 50): "price_topup_scrape_50",
    (UsageKind.DOWNLOAD, 100): "price_topup_download_100",
    (UsageKind.AI_GENERATION, 100): "price_topup_ai_100",
}


def put_on_sale() -> None:
    """Give what has no price yet the stand-in's; prices that staff set stay. Does nothing with a real Stripe."""
    if "stripe" not in settings.SANDBOX:
        return
    for slug, price in PLANS.items():
        _give(Plan.objects.all(), price, slug=slug)
    for (kind, units), price in PACKS.items():
        _give(TopUpPack.objects.all(), price, kind=kind, units=units)


def _give(rows: QuerySet[Any], price: str, **wanted: Any) -> None:
    if not rows.filter(stripe_price_id=price).exists():
        first = rows.filter(stripe_price_id="", **wanted).order_by("position", "pk")[:1]
        rows.filter(pk__in=first.values("pk")).update(stripe_price_id=price)
