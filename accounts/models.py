"""People and the keys that act for them."""

from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.core.validators import URLValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from kapture.core.ids import new_id
from kapture.core.models import BaseModel, OwnedModel, OwnedQuerySet
from kapture.objects.models import StoredObject


class UserManager(BaseUserManager["User"]):
    """Makes users, whose name is their e-mail address, for trusted hands: the address counts as confirmed.

    People who sign up by themselves are made by allauth, and confirm it.
    """

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A saved user; the address is stored in lower case so that it is one address."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        with transaction.atomic(using=self._db):
            user.save(using=self._db)
            EmailAddress.objects.using(self._db).create(user=user, email=user.email, verified=True, primary=True)
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
    clerk_id = models.CharField(max_length=255, unique=True, null=True, blank=True, editable=False)
    clerk_updated_ms = models.BigIntegerField(
        default=0, editable=False, help_text="When Clerk last changed this person, in its milliseconds."
    )
    mails_usage = models.BooleanField("usage notices by e-mail", default=True)
    mails_account = models.BooleanField("account and billing news by e-mail", default=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    class Meta(AbstractUser.Meta):
        permissions: ClassVar = [
            ("impersonate_user", "Can look at the product as somebody"),
            ("suspend_user", "Can suspend and restore people"),
            ("close_user", "Can close accounts for good"),
        ]

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
    daily_cap = models.PositiveIntegerField(
        null=True, blank=True, help_text="Units (of all kinds together) it may spend on a UTC day; empty for no cap."
    )
    is_dry_run = models.BooleanField(
        default=False, help_text="Its requests are checked and priced, and change nothing."
    )
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


class Notification(OwnedModel):
    """Something a person should know, shown in the page and (if they like) sent by e-mail."""

    kind = models.CharField(max_length=60, help_text="Dotted, such as billing.usage.")
    title = models.CharField(max_length=160)
    body = models.CharField(max_length=500, blank=True)
    path = models.CharField(max_length=300, blank=True, help_text="Where in the product to look.")
    read_at = models.DateTimeField(null=True, blank=True)
    wants_mail = models.BooleanField(default=False)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["owner", "-created_at", "-id"], name="notification_owner_recent"),
            models.Index(fields=["owner"], name="notification_unread", condition=Q(read_at=None)),
            models.Index(
                fields=["created_at"], name="notification_to_mail", condition=Q(wants_mail=True, mailed_at=None)
            ),
        ]

    def __str__(self) -> str:
        return self.title


class DataExport(OwnedModel):
    """All that is kept of a person as one file, built by a job; the file goes when it expires."""

    job_id = models.UUIDField(unique=True)
    stored = models.ForeignKey(StoredObject, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    counts = models.JSONField(default=dict, help_text="Name of a part -> how many rows or files of it are in there.")
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        indexes: ClassVar = [models.Index(fields=["owner", "-created_at"], name="export_owner_recent")]

    def __str__(self) -> str:
        return f"Export of {self.created_at:%Y-%m-%d}"


class Closing(BaseModel):
    """The end of an account, step by step, each safe to repeat; the row of the user stays as a tombstone."""

    class Step(models.TextChoices):
        LOCKED = "locked", "Locked"
        STOPPED = "stopped", "Work stopped"
        UNSUBSCRIBED = "unsubscribed", "Unsubscribed"
        ERASED = "erased", "Data erased"
        CLOSED = "closed", "Closed"

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="closing")
    step = models.CharField(max_length=12, choices=Step, default=Step.LOCKED)
    reason = models.CharField(max_length=60, help_text="Who asked: the person, staff, or clerk.")
    job_id = models.UUIDField(unique=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.user_id} {self.step}"


class ClosedIdentity(BaseModel):
    """A vendor's user whose account was closed here: late news about them must not bring it back."""

    provider = models.CharField(max_length=20)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the vendor's user id, as hex.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["provider", "digest"], name="closed_once")]

    def __str__(self) -> str:
        return f"{self.provider} {self.digest[:8]}"


class Impersonation(BaseModel):
    """Staff looking at the product as somebody, read only; the person sees when, who and why."""

    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="impersonations")
    reason = models.CharField(max_length=300)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [models.Index(fields=["user", "-created_at"], name="impersonation_user_recent")]

    def __str__(self) -> str:
        return f"{self.staff} as {self.user}"
