"""People, and what each may do on which line."""

from uuid import uuid4

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


def new_pseudonym() -> str:
    """Name a person in facts that outlive the person's own row."""
    return f"p-{uuid4().hex[:12]}"


class Appearance(models.TextChoices):
    """How the pages look to a person, whatever their device says."""

    AS_DEVICE = "", _("As the device")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")
    CONTRAST = "contrast", _("High contrast, for bright halls")


class User(AbstractUser):
    """A person who signs in; ``is_superuser`` makes an admin of the installation.

    Facts and logs carry the pseudonym, so that a name can be erased and they stand.
    """

    pseudonym = models.CharField(max_length=32, unique=True, default=new_pseudonym)
    language = models.CharField(_("language"), max_length=10, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    keys = models.JSONField(default=dict, blank=True)
    appearance = models.CharField(
        _("appearance"),
        max_length=10,
        choices=Appearance,
        default=Appearance.AS_DEVICE,
        blank=True,
    )

    class Meta:
        ordering = ["username"]

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    @property
    def is_admin(self) -> bool:
        """Admins run the installation and see no item content."""
        return self.is_superuser

    def has_role(self, line: models.Model, *roles: "Role") -> bool:
        """Say whether the person holds one of the roles on a line."""
        return self.memberships.filter(line=line.pk, role__in=roles).exists()


class Role(models.TextChoices):
    """What a person does on a line; one person may hold several roles."""

    INSPECTOR = "inspector", _("Inspector")
    MANAGER = "manager", _("Manager")
    SCIENTIST = "scientist", _("Data scientist")


class Membership(models.Model):
    """One role of one person on one line.

    ``seen_edition`` is the edition of the label book that an inspector last read.
    ``sight`` is how an inspector last looked at a picture there, if not as it is: the
    next one is shown likewise, wherever the person sits.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    line = models.ForeignKey(
        "reviewapp.ProductLine", on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=16, choices=Role)
    is_adjudicator = models.BooleanField(default=False)
    seen_edition = models.ForeignKey(
        "reviewapp.BookEdition",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    sight = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "line", "role"], name="a_role_is_held_once"
            ),
            models.CheckConstraint(
                condition=models.Q(is_adjudicator=False)
                | models.Q(role=Role.INSPECTOR),
                name="only_an_inspector_adjudicates",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.line} · {self.get_role_display()}"
