"""What happened to an account, from the audit log in the words of the person it belongs to."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.http import HttpRequest

from accounts.browsers import agent_of, browser_of
from accounts.models import ApiKey, User
from kapture.audit.models import AuditEvent
from kapture.audit.services import record

MOST_SHOWN = 30
USER, KEY, CLOSING = "accounts.user", "accounts.apikey", "accounts.closing"
MOST_KEYS = 200
# action: icon and words, filled with what the event kept.
WORDS: dict[str, tuple[str, str]] = {
    "accounts.signed_up": ("user-round", "Account created"),
    "accounts.signed_in": ("log-in", "Signed in with {browser}"),
    "accounts.session_ended": ("log-out", "Signed out {browser}"),
    "accounts.sessions_ended": ("log-out", "Browsers signed out: {count}"),
    "accounts.email_confirmed": ("mail-check", "E-mail address confirmed"),
    "accounts.email_change_asked": ("mail", "Asked for another e-mail address"),
    "accounts.email_changed": ("mail-check", "E-mail address changed"),
    "accounts.changed_at_clerk": ("refresh-cw", "Changed at Clerk"),
    "accounts.left_at_clerk": ("refresh-cw", "Account ended at Clerk"),
    "accounts.password_changed": ("lock-keyhole", "Password changed"),
    "accounts.password_set": ("lock-keyhole", "Password set"),
    "accounts.export_requested": ("download", "Asked for a copy of the data"),
    "accounts.profile_changed": ("user-round", "Profile changed"),
    "accounts.key_issued": ("key-round", "API key made"),
    "accounts.key_changed": ("key-round", "API key changed"),
    "accounts.key_revoked": ("key-round", "API key revoked"),
    "accounts.panicked": ("octagon-alert", "Everything cut off (API keys: {keys}, browsers: {sessions})"),
    "accounts.mails_chosen": ("bell", "Notifications by e-mail changed"),
    "accounts.suspended": ("ban", "Account suspended"),
    "accounts.restored": ("circle-check", "Account opened again"),
    "accounts.user_saved": ("shield", "Account changed"),
    "accounts.impersonation_started": ("eye", "Your account was looked at"),
    "accounts.impersonation_ended": ("eye-off", "The look at your account was ended"),
    "accounts.closing_requested": ("trash-2", "Deletion asked for"),
    "accounts.closed": ("trash-2", "Account closed"),
}


class _Kept(dict[str, object]):
    """What an event kept; older events may lack something."""

    def __missing__(self, key: str) -> str:
        return "unknown"


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the history; `who` is empty when the person did it."""

    icon: str
    words: str
    who: str
    at: datetime


def signed_in(request: HttpRequest, user: User) -> None:
    """Put on record that somebody came in, by whatever door."""
    record(user, "accounts.signed_in", user, browser=browser_of(agent_of(request)).name)


def history(user: User) -> list[Happening]:
    """The last things that happened to an account and its keys, whoever did them."""
    keys = ApiKey.objects.for_user(user).order_by("-created_at").values_list("pk", flat=True)[:MOST_KEYS]
    # What somebody did to another account belongs to that one's history, not to theirs.
    own = Q(subject_type=USER, subject_id=str(user.pk)) | Q(actor=user) & ~Q(subject_type__in=(USER, KEY, CLOSING))
    of_keys = Q(subject_type=KEY, subject_id__in=[str(pk) for pk in keys])
    rows = AuditEvent.objects.filter(own | of_keys, action__in=WORDS).order_by("-created_at", "-id")[:MOST_SHOWN]
    return [_told(row, user) for row in rows]


def _told(row: AuditEvent, user: User) -> Happening:
    icon, words = WORDS[row.action]
    who = "" if row.actor_id == user.pk else "by Kapture" if row.actor_id is None else "by staff"
    return Happening(icon, words.format_map(_Kept(row.data)), who, row.created_at)
