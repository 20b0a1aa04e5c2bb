"""Invoices, checkout sessions and portal sessions as today's API shows them."""

from typing import Any

from kapture.sandbox.stripe.store import Obj, new_id


def invoice(now: int, base: str, buyer: Obj, sub: Obj, *, amount: int, reason: str, told: str) -> Obj:
    """A final invoice of a subscription, not yet paid."""
    ident, number = new_id("in_1"), buyer["next_invoice_sequence"]
    buyer["next_invoice_sequence"] = number + 1
    bought = sub["items"]["data"][0]
    details = {"metadata": sub["metadata"], "subscription": sub["id"]}
    period = {"start": bought["current_period_start"], "end": bought["current_period_end"]}
    line: dict[str, Any] = {
        "id": new_id("il_1"),
        "object": "line_item",
        "amount": amount,
        "currency": sub["currency"],
        "description": told,
        "discount_amounts": [],
        "discountable": True,
        "invoice": ident,
        "livemode": False,
        "metadata": sub["metadata"],
        "parent": {
            "type": "subscription_item_details",
            "subscription_item_details": {"subscription": sub["id"], "subscription_item": bought["id"]},
        },
        "period": period,
        "pricing": {"type": "price_details", "price_details": {"price": bought["price"]["id"]}},
        "quantity": 1,
    }
    return {
        "id": ident,
        "object": "invoice",
        "amount_due": amount,
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_remaining": amount,
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": True,
        "billing_reason": reason,
        "collection_method": "charge_automatically",
        "created": now,
        "currency": sub["currency"],
        "customer": buyer["id"],
        "customer_email": buyer["email"],
        "customer_name": buyer["name"],
        "description": None,
        "due_date": None,
        "effective_at": now,
        "ending_balance": 0,
        "hosted_invoice_url": f"{base}/i/{ident}",
        "invoice_pdf": f"{base}/i/{ident}/pdf",
        "lines": {
            "object": "list",
            "data": [line],
            "has_more": False,
            "total_count": 1,
            "url": f"/v1/invoices/{ident}/lines",
        },
        "livemode": False,
        "metadata": {},
        "next_payment_attempt": None,
        "number": f"{buyer['invoice_prefix']}-{number:04}",
        "parent": {"type": "subscription_details", "quote_details": None, "subscription_details": details},
        "period_end": now,
        "period_start": sub["created"] if reason == "subscription_create" else period["start"],
        "starting_balance": 0,
        "status": "open",
        "status_transitions": {
            "finalized_at": now,
            "marked_uncollectible_at": None,
            "paid_at": None,
            "voided_at": None,
        },
        "subtotal": amount,
        "test_clock": None,
        "total": amount,
        "total_taxes": [],
    }


def session(now: int, base: str, lifetime: int, price: Obj, told: dict[str, Any]) -> Obj:
    """A checkout session somebody may pay; `told` are the parameters it was made from."""
    ident = new_id("cs_test_a1", 56)
    amount = price["unit_amount"]
    return {
        "id": ident,
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": False},
        "after_expiration": None,
        "allow_promotion_codes": None,
        "amount_subtotal": amount,
        "amount_total": amount,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": None,
        "cancel_url": told.get("cancel_url"),
        "client_reference_id": told.get("client_reference_id"),
        "client_secret": None,
        "created": now,
        "currency": price["currency"],
        "custom_fields": [],
        "customer": told.get("customer"),
        "customer_creation": None,
        "customer_details": None,
        "customer_email": None,
        "expires_at": now + lifetime,
        "invoice": None,
        "invoice_creation": None,
        "livemode": False,
        "locale": told.get("locale"),
        "metadata": told.get("metadata") or {},
        "mode": told["mode"],
        "payment_intent": None,
        "payment_link": None,
        "payment_method_collection": "always",
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "setup_intent": None,
        "status": "open",
        "submit_type": None,
        "subscription": None,
        "success_url": told["success_url"],
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": f"{base}/c/pay/{ident}",
        "_price": price["id"],
        "_notes": (told.get("subscription_data") or told.get("payment_intent_data") or {}).get("metadata") or {},
        "_trial_days": int((told.get("subscription_data") or {}).get("trial_period_days") or 0),
    }


def portal(now: int, base: str, buyer: str, return_url: str | None) -> Obj:
    """A visit to the customer's billing page."""
    ident = new_id("bps_1")
    return {
        "id": ident,
        "object": "billing_portal.session",
        "configuration": "bpc_sandbox",
        "created": now,
        "customer": buyer,
        "flow": None,
        "livemode": False,
        "locale": None,
        "on_behalf_of": None,
        "return_url": return_url,
        "url": f"{base}/p/session/{ident}",
    }
