"""The cache: Redis, which may be away."""

from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django_redis.cache import RedisCache
from django_redis.exceptions import ConnectionInterrupted

# Where allauth counts attempts to sign in. It takes "not counted" for "too many", so without Redis nobody could.
COUNTERS = "allauth:rl:"


class Cache(RedisCache[Any]):  # type: ignore[misc]  # django-redis is untyped
    """Redis for everything; while it is away reads are misses, and attempts to sign in are counted by this process.

    Only these counters are kept in memory: anything else, sessions above all, could come back after it was deleted.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._memory = LocMemCache("sign-in counters", {"max_entries": 10_000})

    def _counter(self, method: str, key: str, *args: Any, **kwargs: Any) -> Any:
        try:
            return getattr(self.client, method)(key, *args, **kwargs)
        except ConnectionInterrupted:
            return getattr(self._memory, method)(key, *args, **kwargs)

    def add(self, key: str, *args: Any, **kwargs: Any) -> Any:
        """Whether the key was free."""
        return (
            self._counter("add", key, *args, **kwargs)
            if key.startswith(COUNTERS)
            else super().add(key, *args, **kwargs)
        )

    def get(self, key: str, *args: Any, **kwargs: Any) -> Any:
        """The value, or the default."""
        return (
            self._counter("get", key, *args, **kwargs)
            if key.startswith(COUNTERS)
            else super().get(key, *args, **kwargs)
        )

    def set(self, key: str, *args: Any, **kwargs: Any) -> Any:
        """Keep a value."""
        return (
            self._counter("set", key, *args, **kwargs)
            if key.startswith(COUNTERS)
            else super().set(key, *args, **kwargs)
        )

    def delete(self, key: str, *args: Any, **kwargs: Any) -> Any:
        """Forget a value."""
        if key.startswith(COUNTERS):
            return self._counter("delete", key, *args, **kwargs)
        return super().delete(key, *args, **kwargs)
