"""People, groups, addresses, sessions, keys and looks in admin."""

from accounts.admin import entrance, groups, keys, looks, people

__all__ = ["entrance", "groups", "keys", "looks", "people"]
