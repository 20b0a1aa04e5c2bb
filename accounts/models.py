"""People and the keys that act for them."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.core.validators import URLValidator
from django.db import models
from django.utils import timezone

from kapture.core.ids import new_id
from kapture.core.models import OwnedModel, OwnedQuerySet


class UserManager(BaseUserManager["User"]):
    """Makes users, whose name is their e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A saved user; the address is stored in lower case so that it is one address."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A saved user who may do everything in admin."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractUser):
    """A person, found by e-mail address."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    username = None  # type: ignore[assignment]  # the e-mail address is the name
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = models.EmailField("e-mail address", unique=True)
    name = models.CharField(max_length=150, blank=True)
    avatar_url = models.CharField(max_length=600, blank=True, validators=[URLValidator(["https"])])

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        """The name shown to people; the part before the @ until one is given."""
        return self.name or self.email.partition("@")[0]

    def get_short_name(self) -> str:
        """The first word of the name."""
        return self.get_full_name().split()[0]


class ApiKeyQuerySet(OwnedQuerySet):
    """Keys of users."""

    def usable(self) -> "ApiKeyQuerySet":
        """Keys that are neither revoked nor expired."""
        now = timezone.now()
        return self.filter(revoked_at=None).exclude(expires_at__lte=now)


class ApiKey(OwnedModel):
    """A secret that lets a program act for its owner; only its hash is kept."""

    class Scope(models.TextChoices):
        READ = "read", "Read"
        WRITE = "write", "Read and write"

    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, db_index=True)
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the whole key, as hex.")
    scope = models.CharField(max_length=8, choices=Scope, default=Scope.WRITE)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Any] = ApiKeyQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-created_at"]
        verbose_name = "API key"

    def __str__(self) -> str:
        return f"{self.name} (kap_{self.prefix}…)"

    @property
    def has_expired(self) -> bool:
        """Whether it stopped working by itself."""
        return self.expires_at is not None and self.expires_at <= timezone.now()
