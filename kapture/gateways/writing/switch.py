"""Whether writing is on."""

from django.conf import settings

from kapture.core.errors import Unavailable
from kapture.gateways.writing.contract import SERVICE


def require_on() -> None:
    """Raise `Unavailable` naming the setting while no provider is set."""
    if not settings.OPENAI_API_KEY:
        raise Unavailable(
            "Writing is off: set OPENAI_API_KEY, and OPENAI_BASE_URL for a provider other than OpenAI.",
            details={"service": SERVICE, "missing": ["OPENAI_API_KEY"]},
        )
