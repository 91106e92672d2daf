"""What a line's gates ask for: set by managers above a floor that only admins move."""

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from reviewapp import requirements
from reviewapp.errors import ConflictError, InvalidInputError
from reviewapp.models import Cause, Membership, Policy, ProductLine, Role, User
from reviewapp.services.policies import append_policy, hold_policy

TWO = 2


@transaction.atomic
def set_requirements(
    line: ProductLine,
    wanted: Mapping[str, float],
    *,
    by: User,
    reason: str,
    seen_policy: int,
) -> Policy:
    """Ask for more or less of the gates; what is not named stays.

    Raises
    ------
    ConflictError
        If nothing would change.
    InvalidInputError
        If a setting lies below its floor, or nobody says why.
    """
    current = hold_policy(line)
    different = requirements.changed(current.terms().requirements, wanted)
    if not different:
        raise ConflictError(_("Nothing would change."), code="nothing_to_change")
    if not reason.strip():
        raise InvalidInputError(_("Say why the gates change."), code="reason_missing")
    require_floors(current, different)
    managers = Membership.objects.filter(line=line, role=Role.MANAGER)
    if different.get("second_person") and managers.count() < TWO:
        raise InvalidInputError(
            _("A second person needs two managers on the line."), code="one_manager"
        )
    return append_policy(
        line,
        cause=Cause.GATES,
        by=by,
        reason=reason.strip(),
        changes={"requirements": current.requirements | different},
        seen_policy=seen_policy,
    )


def require_floors(current: Policy, wanted: Mapping[str, float]) -> None:
    """Refuse what asks for less than the line's floors allow.

    Raises
    ------
    InvalidInputError
        If a setting does; all of them are named.
    """
    beyond = requirements.outside(wanted)
    if beyond:
        raise InvalidInputError(
            _("No gate can ask for that: %(settings)s.")
            % {"settings": ", ".join(beyond)},
            code="out_of_range",
        )
    below = requirements.below_floor(wanted, current.floors)
    if below:
        said = ", ".join(
            _("%(name)s (floor %(floor)s)") % {"name": name, "floor": f"{floor:g}"}
            for name, floor in below.items()
        )
        raise InvalidInputError(
            _(
                "Below the floor: %(settings)s. Only an admin may lower a floor, in "
                "writing."
            )
            % {"settings": said},
            code="below_floor",
        )


@transaction.atomic
def move_floor(
    line: ProductLine,
    name: str,
    *,
    to: float,
    by: User,
    reason: str,
    seen_policy: int,
) -> Policy:
    """Lower a floor of a line, or give the lowering up; an admin's, in writing.

    Raises
    ------
    InvalidInputError
        If the floor would lie beyond its limit, or nobody says why.
    ConflictError
        If it is there already, or the line asks for less than the floor would allow.
    """
    if not by.is_admin:
        raise InvalidInputError(_("Only an admin may move a floor."), code="admin_only")
    current = hold_policy(line)
    if name not in requirements.RANGES or requirements.outside({name: to}):
        raise InvalidInputError(_("No floor can lie there."), code="out_of_range")
    if not reason.strip():
        raise InvalidInputError(_("Say why the floor moves."), code="reason_missing")
    if to == requirements.floor_of(name, current.floors):
        raise ConflictError(_("The floor is there already."), code="nothing_to_change")
    present = getattr(current.terms().requirements, name)
    if requirements.below_floor({name: present}, {name: to}):
        raise ConflictError(
            _(
                "The line asks for %(present)s, less than that. "
                "Raise what it asks for first."
            )
            % {"present": f"{present:g}"}
        )
    return append_policy(
        line,
        cause=Cause.FLOOR,
        by=by,
        reason=reason.strip(),
        changes={"floors": current.floors | {name: to}},
        seen_policy=seen_policy,
    )
