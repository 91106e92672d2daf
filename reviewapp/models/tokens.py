"""Tokens: what machines show to hand in items and to read decisions."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class Scope(models.TextChoices):
    """What a token allows on its line."""

    INGEST = "ingest", _("Hand in items")
    DECISIONS = "decisions", _("Read decisions")
    EXPORT = "export", _("Export datasets")


class Token(models.Model):
    """A bearer token of one line; only its hash is kept."""

    line = models.ForeignKey(
        "reviewapp.ProductLine", on_delete=models.CASCADE, related_name="tokens"
    )
    name = models.CharField(_("name"), max_length=60)
    prefix = models.CharField(max_length=16, unique=True)
    secret_sha256 = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=16, choices=Scope))
    created_by = models.ForeignKey(
        "reviewapp.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["line", "-pk"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
