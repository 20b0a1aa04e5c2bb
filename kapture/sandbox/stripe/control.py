"""The remote control of a running Stripe stand-in."""

from collections.abc import Sequence
from typing import Any

from kapture.sandbox.control import Control


class StripeControl(Control):
    """What tests make an account do; every method answers what the account says."""

    def point_at(self, url: str, secret: str, **knobs: float | str | bool) -> None:
        """Send events to an address, signed with a secret."""
        self.turn(webhook_url=url, webhook_secret=secret, **knobs)

    def put_price(self, ident: str, amount: int, interval: str | None = "month", **more: str) -> dict[str, Any]:
        """Put a price on sale, in the smallest unit of its currency."""
        return self._made("prices", {"id": ident, "amount": amount, "interval": interval, **more})

    def go(self, checkout: str, way: str = "pay") -> dict[str, Any]:
        """Do on the payment page of a session what `kapture.sandbox.stripe.checkouts.Way` names."""
        return self._made(f"checkouts/{checkout}/{way}")

    def card(self, customer: str, state: str) -> dict[str, Any]:
        """Make a customer's card one that `works` or is `declined`."""
        return self._made(f"customers/{customer}/card/{state}")

    def act(self, subscription: str, action: str) -> dict[str, Any]:
        """Let a subscription `pause`, `resume`, `pay` what it owes, `end`, or as in the portal `cancel` or `keep`."""
        return self._made(f"subscriptions/{subscription}/{action}")

    def change(self, subscription: str, price: str) -> dict[str, Any]:
        """Change a subscription's plan, as in the portal."""
        return self._made(f"subscriptions/{subscription}/price/{price}")

    def advance(self, *, days: float = 0, seconds: int = 0) -> int:
        """Move the account's clock on, with everything that falls due on the way; the new time in Unix seconds."""
        told = self._made("clock", {"advance_seconds": int(days * 86_400) + seconds})
        return int(told["now"])

    def now(self) -> int:
        """The account's time in Unix seconds."""
        return int(self.get("/_sandbox/clock")["now"])

    def events(self, kind: str = "") -> list[dict[str, Any]]:
        """What happened, oldest first: id, type, created, object, delivered, and the status of each try."""
        told: list[dict[str, Any]] = self.get("/_sandbox/events")
        return [event for event in told if kind in ("", event["type"])]

    def deliver(
        self, ids: Sequence[str] | None = None, *, copies: int = 1, parallel: bool = False, gap_ms: float = 0
    ) -> list[dict[str, Any]]:
        """Send events in this order (without ids: all that were not delivered) and tell each answer's status."""
        told: dict[str, Any] = {"copies": copies, "parallel": parallel, "gap_ms": gap_ms}
        sent: list[dict[str, Any]] = self.post("/_sandbox/deliver", told | ({} if ids is None else {"ids": list(ids)}))
        return sent

    def _made(self, path: str, value: Any = None) -> dict[str, Any]:
        answer: dict[str, Any] = self.post(f"/_sandbox/{path}", value if value is not None else {})
        return answer
