"""The words staff must give for what they do to somebody."""

from kapture.core.errors import InvalidInput

SHORTEST, LONGEST = 10, 300


def checked(reason: str) -> str:
    """The reason in one line; raises `InvalidInput` when it says too little, or too much to be read."""
    reason = " ".join(reason.split())
    if not SHORTEST <= len(reason) <= LONGEST:
        raise InvalidInput({"reason": [f"Say why, in {SHORTEST} to {LONGEST} characters. The person reads it."]})
    return reason
