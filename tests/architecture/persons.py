"""Who may come to an address, and what becomes of them: derived from the table by rule, to keep the table short."""

from enum import StrEnum

from tests.architecture.policy import Outcome, Verdict
from tests.thorough import THOROUGH

SAFE = ("GET", "HEAD", "OPTIONS")


class Who(StrEnum):
    """A person with what they show at the door. A is the owner of the thing in the address."""

    ANONYMOUS = "nobody in particular"
    CLOCK = "the clock, with its token"
    OWNER = "A, signed in"
    TOKEN = "A, with a session token of Clerk"
    WRITER = "A's key"
    DRY = "A's dry-run key"
    READER = "A's key that may only read"
    REVOKED = "A's key, revoked"
    EXPIRED = "A's key, expired"
    SUSPENDED = "A suspended, still signed in somewhere"
    SUSPENDED_KEY = "A suspended, with a key"
    CLOSED = "A closed the account, still signed in somewhere"
    CLOSED_KEY = "A closed the account, with a key"
    CLOSED_TOKEN = "A closed the account, with a session token of Clerk"
    OTHER = "B, signed in"
    OTHER_KEY = "B's key"
    UNPAID = "C, whose subscription is not paid, signed in"
    UNPAID_KEY = "C's key"
    STAFF = "staff without any permission, signed in"
    VIEWER = "staff who may only look, signed in"
    CLERK = "staff with every permission, signed in"
    SUPERUSER = "a superuser, signed in"
    LOOKING = "staff who look as A"


SUSPENDED = (Who.SUSPENDED, Who.SUSPENDED_KEY)
CLOSED = (Who.CLOSED, Who.CLOSED_KEY, Who.CLOSED_TOKEN)
# What pages see: they know of no bearer.
BEARERS = {
    Who.CLOCK, Who.TOKEN, Who.WRITER, Who.DRY, Who.READER, Who.REVOKED, Who.EXPIRED, Who.SUSPENDED_KEY,
    Who.CLOSED_KEY, Who.CLOSED_TOKEN, Who.OTHER_KEY, Who.UNPAID_KEY,
}  # fmt: skip
ENDED = {Who.REVOKED, Who.EXPIRED, *SUSPENDED, *CLOSED}
OTHERS = {Who.OTHER, Who.OTHER_KEY, Who.UNPAID, Who.UNPAID_KEY, Who.STAFF, Who.VIEWER, Who.CLERK, Who.SUPERUSER}
# Those of the columns of the table, and whoever may only read: they come every day.
DAILY = {Who.ANONYMOUS, Who.OWNER, Who.WRITER, Who.READER, Who.OTHER, Who.OTHER_KEY}
# What differs among staff with permissions is admin, which has offices.py.
EVERYBODY = [who for who in Who if who in DAILY or (THOROUGH and who is not Who.VIEWER)]
# One bearer is enough to show that pages know of none.
ON_PAGES = [who for who in EVERYBODY if who not in BEARERS or who is Who.WRITER]


def expected(who: Who, verdict: Verdict, method: str, *, is_api: bool) -> Outcome:
    """What must become of a request; the table's three columns, and what each of these persons differs in."""
    if who is Who.LOOKING:
        return _looking(verdict, method, is_api=is_api)
    if who is Who.ANONYMOUS or who in ENDED or (who in BEARERS and not is_api):
        return verdict.anonymous
    if who is Who.CLOCK:
        return verdict.clock or verdict.anonymous
    if who is Who.TOKEN and verdict.token is not None and is_api:
        return verdict.token
    by_key = who in BEARERS - {Who.TOKEN}
    owner = verdict.owner if by_key or not is_api else verdict.session or verdict.owner
    if who in OTHERS:
        # Without a thing in the address, everybody's session may do what the owner's may.
        return verdict.other if by_key or verdict.of or not verdict.session else verdict.session
    if who is Who.READER and method not in SAFE and verdict.needs_somebody:
        return Outcome.REFUSED
    return owner


def _looking(verdict: Verdict, method: str, *, is_api: bool) -> Outcome:
    """As the owner, as long as nothing would change."""
    if verdict.looking is not None:
        return verdict.looking
    if method not in SAFE:
        return Outcome.REFUSED
    return (verdict.session if is_api else None) or verdict.owner
