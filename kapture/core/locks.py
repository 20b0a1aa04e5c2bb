"""The first numbers of the advisory locks of PostgreSQL, all in one place, so that no two meanings share one."""

from enum import IntEnum
from typing import Any

from django.db import connection


class Lock(IntEnum):
    """What is locked; the second number of a lock says of whom."""

    # One vendor's object, while its latest state is fetched and written.
    INBOX = 7_001
    # Somebody's ledger, while a month is opened or a limit follows a plan; and all plans, while one of them changes.
    LEDGER = 7_002
    PLANS = 7_003
    # Asking for a reconciliation with Stripe.
    RECONCILING = 7_004
    # Sending the mails that wait.
    MAIL = 7_005
    # Making the user of a person at Clerk.
    CLERK = 7_006
    # Asking for looks at somebody's posts.
    LOOKS = 7_007
    # Choosing the jobs to send next.
    DISPATCH = 7_011
    # Asking for looks at somebody's pasted links.
    LINKS = 7_013
    # Asking for clips.
    CLIPS = 7_012
    # Adding up what somebody stores, while one more file comes to it.
    ROOM = 7_020


def wait_for(lock: Lock, person: Any = None) -> None:
    """Wait for a lock, of one person where one is given, and keep it until the transaction ends."""
    with connection.cursor() as cursor:
        if person is None:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [lock])
        else:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [lock, str(person.pk)])
