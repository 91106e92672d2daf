"""People: the first admin, invitations, and roles on lines."""

from django.contrib.auth.tokens import default_token_generator
from django.core import signing
from django.db import transaction
from django.utils.encoding import force_bytes, force_str
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import gettext as _

from reviewapp.errors import ConflictError
from reviewapp.models import Membership, ProductLine, Role, User
from reviewapp.services.records import actor_name, record

FIRST_ADMIN_SALT = "rung.first-admin"
FIRST_ADMIN_LINK_S = 30 * 60


def first_admin_key() -> str:
    """Make the key of the one-time link by which the first admin signs up."""
    return signing.dumps("first-admin", salt=FIRST_ADMIN_SALT)


def may_become_first_admin(key: str) -> bool:
    """Say whether the key is good: fresh, ours, and no admin is there yet."""
    try:
        signing.loads(key, salt=FIRST_ADMIN_SALT, max_age=FIRST_ADMIN_LINK_S)
    except signing.BadSignature:
        return False
    return not User.objects.filter(is_superuser=True).exists()


@transaction.atomic
def create_first_admin(*, username: str, password: str) -> User:
    """Make the installation's first admin."""
    if User.objects.filter(is_superuser=True).exists():
        raise ConflictError(_("This installation has an admin already."))
    user = User.objects.create_user(username, password=password, is_superuser=True)
    record("person.first_admin", actor=user.pseudonym, subject=user.pseudonym)
    return user


@transaction.atomic
def invite(
    *, username: str, full_name: str = "", is_admin: bool = False, by: User | None
) -> User:
    """Make a person who has no password yet; an invitation lets them choose one."""
    first, _, last = full_name.partition(" ")
    user = User.objects.create_user(
        username, first_name=first, last_name=last, is_superuser=is_admin
    )
    user.set_unusable_password()
    user.save(update_fields=["password"])
    record("person.invited", actor=actor_name(by), subject=user.pseudonym)
    return user


def invitation_key(user: User) -> tuple[str, str]:
    """Give the two parts of an invitation's address; it dies with its first use."""
    name = urlsafe_base64_encode(force_bytes(user.pk))
    return name, default_token_generator.make_token(user)


def invited_person(name: str, key: str) -> User | None:
    """Find the person an invitation is for; ``None`` when it is used or expired."""
    try:
        user = User.objects.get(pk=int(force_str(urlsafe_base64_decode(name))))
    except (ValueError, OverflowError, User.DoesNotExist):
        return None
    return user if default_token_generator.check_token(user, key) else None


@transaction.atomic
def accept_invitation(user: User, *, password: str) -> None:
    """Set the first password of an invited person."""
    user.set_password(password)
    user.save(update_fields=["password"])
    record("person.joined", actor=user.pseudonym, subject=user.pseudonym)


@transaction.atomic
def give_role(
    user: User,
    line: ProductLine,
    role: Role,
    *,
    by: User | None,
    is_adjudicator: bool | None = None,
) -> Membership:
    """Let a person do something on a line; giving it twice changes nothing.

    ``is_adjudicator`` says whether an inspector adjudicates; ``None`` leaves it.
    """
    membership, is_new = Membership.objects.get_or_create(
        user=user,
        line=line,
        role=role,
        defaults={"is_adjudicator": bool(is_adjudicator)},
    )
    if is_new:
        record(
            "membership.given",
            actor=actor_name(by),
            line=line,
            subject=user.pseudonym,
            details={"role": role.value},
        )
    if is_adjudicator not in {None, membership.is_adjudicator}:
        membership.is_adjudicator = bool(is_adjudicator)
        membership.save(update_fields=["is_adjudicator"])
    return membership


@transaction.atomic
def take_role(membership: Membership, *, by: User) -> None:
    """End what a person may do on a line, from the next request on."""
    record(
        "membership.taken",
        actor=by.pseudonym,
        line=membership.line,
        subject=membership.user.pseudonym,
        details={"role": membership.role},
    )
    membership.delete()


@transaction.atomic
def set_active(user: User, *, is_active: bool, by: User) -> None:
    """Let a person in or keep them out; an admin cannot lock out the last admin."""
    admins = User.objects.filter(is_superuser=True, is_active=True)
    if not is_active and user.is_superuser and not admins.exclude(pk=user.pk).exists():
        raise ConflictError(_("This is the last admin. Make another one first."))
    User.objects.filter(pk=user.pk).update(is_active=is_active)
    action = "person.activated" if is_active else "person.deactivated"
    record(action, actor=by.pseudonym, subject=user.pseudonym)
