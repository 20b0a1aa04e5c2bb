"""People, groups, keys and looks in admin."""

from accounts.admin import groups, keys, looks, people

__all__ = ["groups", "keys", "looks", "people"]
