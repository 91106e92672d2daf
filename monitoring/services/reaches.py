"""Reaches: how people set for themselves the way in which they are told."""

from datetime import date, time

from django.db import transaction
from django.utils.translation import gettext as _

from monitoring.models import Reach
from reviewapp.errors import InvalidInputError
from reviewapp.models import User
from reviewapp.services.records import record


@transaction.atomic
def set_reach(
    person: User,
    *,
    email: str,
    is_told: bool,
    by_mail: bool,
    quiet_from: time | None,
    quiet_to: time | None,
    deputy: User | None,
    deputy_until: date | None,
) -> Reach:
    """Set how a person is told from now on, and where mail goes."""
    if deputy is not None and deputy.pk == person.pk:
        raise InvalidInputError(_("Nobody is their own deputy."))
    is_moved = email != person.email
    User.objects.filter(pk=person.pk).update(email=email)
    reach, _is_new = Reach.objects.update_or_create(
        user=person,
        defaults={
            "is_told": is_told,
            "by_mail": by_mail,
            "quiet_from": quiet_from,
            "quiet_to": quiet_to,
            "deputy": deputy,
            "deputy_until": deputy_until if deputy else None,
        },
    )
    record(
        "reach.set",
        actor=person.pseudonym,
        subject=person.pseudonym,
        details={"address_changed": is_moved},
    )
    return reach
