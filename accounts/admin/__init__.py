"""People, groups, addresses, keys and looks in admin."""

from accounts.admin import addresses, groups, keys, looks, people

__all__ = ["addresses", "groups", "keys", "looks", "people"]
