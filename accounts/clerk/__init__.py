"""People who sign in through Clerk: everything of accounts that knows of it."""
