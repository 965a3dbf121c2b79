"""What the control plane remembers. Documents and vectors are the cell's."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone


class Account(models.Model):
    """A customer."""

    name = models.CharField(max_length=64, unique=True)
    email = models.EmailField(blank=True, default="")

    def __str__(self) -> str:
        return self.name


class ApiKey(models.Model):
    """A key of an account; its scope says what it may do."""

    SCOPES = (("admin", "admin"), ("read-write", "read-write"), ("read", "read"))

    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    key = models.CharField(max_length=128, unique=True)
    scope = models.CharField(max_length=16, choices=SCOPES, default="admin")
    name = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.account} ({self.scope})"


class Index(models.Model):
    """An index as the customer sees it. A deleted one stays as a tombstone until its name is used again."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    name = models.CharField(max_length=32)
    settings = models.JSONField(default=dict)
    number_of_shards = models.PositiveIntegerField(default=1)
    number_of_replicas = models.PositiveIntegerField(default=0)
    number_of_inferences = models.PositiveIntegerField(default=1)
    inference_type = models.CharField(max_length=64, default="marqo.CPU.small")
    storage_class = models.CharField(max_length=64, default="marqo.basic")
    created_at = models.DateTimeField(default=timezone.now)
    modified_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "indexes"
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="one_name_an_account")]

    def __str__(self) -> str:
        return self.name

    @property
    def status(self) -> str:
        """CREATING, MODIFYING and DELETING last as long as CONTROLLER_CREATE_DELAY_S says."""
        if self.deleted_at:
            return "DELETING" if _is_recent(self.deleted_at) else "DELETED"
        for since, word in ((self.created_at, "CREATING"), (self.modified_at, "MODIFYING")):
            if since and _is_recent(since):
                return word
        return "READY"


def _is_recent(moment: datetime) -> bool:
    return timezone.now() < moment + timedelta(seconds=settings.CREATE_DELAY_S)
