"""What the frame itself shows: which vendors are stand-ins."""

from django.conf import settings
from django.http import HttpRequest

from kapture.web import shell

NAMES = {"apify": "Apify", "openai": "OpenAI", "stripe": "Stripe", "clerk": "Clerk"}


def samples(request: HttpRequest) -> list[str]:
    """Names of the vendors whose stand-ins answer with sample data."""
    # A store elsewhere holds what people put there, whoever runs it.
    return [NAMES.get(name, name) for name in sorted(settings.SANDBOX - {"storage"})]


shell.register("samples", samples)
