"""`manage.py issue_api_key EMAIL`: a key for scripts and operators."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import ApiKey, User
from accounts.services import issue_key


class Command(BaseCommand):
    """Make an API key for a user and print it, this once."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """The address, and what the key may do."""
        parser.add_argument("email")
        parser.add_argument("--name", default="command line")
        parser.add_argument("--scope", choices=ApiKey.Scope.values, default=ApiKey.Scope.WRITE)

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the secret on standard output."""
        user = User.objects.filter(email=options["email"].lower()).first()
        if user is None:
            raise CommandError(f"There is no user {options['email']}.")
        self.stdout.write(issue_key(user, options["name"], scope=options["scope"]).secret)
