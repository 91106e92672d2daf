"""What was measured of a line, for its gates to read.

Pure, as ``gates.py`` is: counts and figures, and no threshold that they are held to.
"""

from dataclasses import dataclass

from reviewapp.parts import Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What was measured, for the gates to read; what was not measured stays ``None``.

    Counts are of blind pairs of the live version in the present evidence epoch.
    ``agreement_evidence``, ``escape_evidence`` and ``breach_evidence`` are e-values;
    ``pairs_per_day`` is today's pace; days are days of the line's own zone.
    ``breach_evidence`` is the strongest over the certified classes, from the
    ``may_labels`` of items that the model would have decided, in the canary share or
    out of it; ``share_labels`` of them came at the present share.
    ``twice_read`` items had two blind readers, who agreed on ``readers_agreed`` of
    them; more agreement than between people is asked of no model. ``classes`` are told
    apart by what the model said.
    ``cool_down_h`` are the hours left of the wait after an alarm lowered the level, and
    is ``None`` where no wait is left.
    """

    version_is_ready: bool = False
    blind_pairs: int = 0
    agreed_pairs: int = 0
    agreement_low: float | None = None
    agreement_high: float | None = None
    agreement_evidence: float | None = None
    labels_to_agreement: int | None = None
    days: int = 0
    shifts: int = 0
    shifts_of_line: int = 1
    classes: tuple[Part, ...] = ()
    segments: tuple[Part, ...] = ()
    twice_read: int = 0
    readers_agreed: int = 0
    readers_low: float | None = None
    readers_high: float | None = None
    drawn: int = 0
    drawn_answered: int = 0
    open_alarms: int | None = None
    calibration_upper: float | None = None
    pairs_per_day: float = 0.0
    days_at_level: float = 0.0
    days_at_share: float = 0.0
    predicted_classes: frozenset[str] = frozenset()
    audits: int = 0
    audited_escapes: int = 0
    escape_evidence: float | None = None
    labels_to_escape: int | None = None
    may_labels: int = 0
    may_errors: int = 0
    share_labels: int = 0
    certified_classes: int = 0
    breach_evidence: float | None = None
    containments_proposed: int | None = None
    containments_standing: int | None = None
    cool_down_h: float | None = None
    fresh_labels: int = 0
    fresh_labels_needed: int = 0
