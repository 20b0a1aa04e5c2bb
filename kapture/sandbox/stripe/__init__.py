"""The Stripe stand-in: an account with state, hosted pages and signed webhooks, in the shapes of API 2026-10-28.endive.

What it sells: the seeded prices of `prices.SEEDS`, those told through `POST /_sandbox/prices`, and any id that states
its own price, such as `price_team_4900_month` or `price_extra_500_once` (US cents), so that a plan staff add in admin
can be bought at once. Changing to a dearer price bills the difference for the rest of the period at once; changing to a
cheaper one gives nothing back. Every other rule follows Stripe's defaults.
"""

from kapture.sandbox.stripe.standin import StripeStandIn

__all__ = ["StripeStandIn"]
