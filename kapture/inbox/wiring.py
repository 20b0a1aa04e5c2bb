"""The job that applies events."""

from kapture.inbox.services import APPLY
from kapture.jobs import kinds

kinds.register(APPLY)
