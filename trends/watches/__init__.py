"""Searches that run by themselves, the alerts they raise, and how those turned out; see docs/watches.md."""
