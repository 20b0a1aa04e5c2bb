"""What was asked for, what came, what was said in it, and what the page showed at that moment."""

from downloads.models.captions import Caption
from downloads.models.download import Download, short
from downloads.models.evidence import Evidence
from downloads.models.keeping import Keeping
from downloads.models.policies import Policy

__all__ = ["Caption", "Download", "Evidence", "Keeping", "Policy", "short"]
