"""A password hasher that counts what it does."""

from django.contrib.auth.hashers import MD5PasswordHasher

hashes: list[str] = []


class Hasher(MD5PasswordHasher):
    """Remembers each password it hashed, because a hash is what takes time."""

    algorithm = "counted"

    def encode(self, password: str, salt: str) -> str:
        """The hash, counted."""
        hashes.append(password)
        return super().encode(password, salt)
