"""The Clerk stand-in: keys, hosted sign-in, the script of its pages, users, sessions and signed webhooks."""

from kapture.sandbox.clerk.keys import publishable_key
from kapture.sandbox.clerk.standin import ClerkStandIn

__all__ = ["ClerkStandIn", "publishable_key"]
