"""Names that more than one room uses."""

from django.db.models import TextChoices


class Platform(TextChoices):
    """Where a post was found."""

    YOUTUBE = "youtube", "YouTube"
    TIKTOK = "tiktok", "TikTok"
    REDDIT = "reddit", "Reddit"
    X = "x", "X"


class UsageKind(TextChoices):
    """What a plan limits."""

    SCRAPE = "scrape", "Scrapes"
    DOWNLOAD = "download", "Downloads"
    AI_GENERATION = "ai_generation", "AI generations"
