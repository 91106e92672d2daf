"""The few refusals that a door turns into words: what, where, and what to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong with what was sent, and where.

    ``where`` names the place in the sender's terms: a JSON pointer
    (``/items/3/values/width``), or a row, column or member of a file.
    """

    code: str
    message: str
    where: Mapping[str, str | int] = field(default_factory=dict)


class RefusedError(Exception):
    """Base of all refusals: a code for machines and a sentence for people."""

    code = "refused"

    def __init__(
        self, message: str, *, code: str | None = None, faults: tuple[Fault, ...] = ()
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.faults = faults


class InvalidInputError(RefusedError):
    """What was sent cannot be understood: bad syntax, an unknown name, a bad value."""

    code = "invalid_input"


class InvalidPayloadError(RefusedError):
    """The request is well formed, but a payload or file in it is not what it says."""

    code = "invalid_payload"


class UnsupportedFormatError(RefusedError):
    """A kind of file or body that is not accepted at all."""

    code = "unsupported_media_type"


class TooLargeError(RefusedError):
    """More than a stated limit."""

    code = "too_large"


class ConflictError(RefusedError):
    """Another state than the one the request was made for."""

    code = "conflict"


class ClaimLostError(ConflictError):
    """The review is held or was answered by somebody else."""

    code = "claim_lost"


class TooSoonError(ConflictError):
    """An item would pass before anybody can have looked at it."""

    code = "too_soon"


class GateShutError(ConflictError):
    """A rise was asked for that the evidence does not allow."""

    code = "gate_shut"


class StalePolicyError(ConflictError):
    """The line's policy has moved on since the page was shown."""

    code = "stale_policy"


class NotAllowedError(RefusedError):
    """A visible thing, but not for this person."""

    code = "not_allowed"


class ModelHostError(Exception):
    """The model host cannot be reached or broke off; the work may be tried again."""
