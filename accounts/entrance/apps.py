"""allauth's table of sessions as an app of its own."""

from allauth.usersessions.apps import UserSessionsConfig


class SessionsConfig(UserSessionsConfig):  # type: ignore[misc]  # allauth is untyped
    """Only the table: allauth's listeners look at every session of a person at each sign-in, one query at a time."""

    def ready(self) -> None:
        """Listen to nothing; `accounts.sessions` keeps the table."""
