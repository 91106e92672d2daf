"""What a gate is called, for pages and for refusals alike."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from reviewapp.gates import Gate, GateCode

TITLES = {
    GateCode.VERSION_READY: _("A version is live, loads, and fits the line"),
    GateCode.BLIND_PAIRS: _("Enough blind pairs"),
    GateCode.DAYS: _("Enough days"),
    GateCode.SHIFTS: _("Every shift"),
    GateCode.AGREEMENT: _("Agreement proven"),
    GateCode.ANSWERED: _("Drawn items answered"),
    GateCode.NO_ALARM: _("No open alarm"),
    GateCode.CERTIFICATES: _("A class is certified"),
    GateCode.CALIBRATION: _("Confidence means what it says"),
    GateCode.CANARY_COMPLETE: _("Canary share at its last step"),
    GateCode.TIME_AT_PARTIAL: _("Time at partial"),
    GateCode.COVERS_ALL: _("All predicted classes certified throughout"),
    GateCode.AUDITED_ESCAPES: _("Audited escapes below target"),
    GateCode.NO_BREACH: _("No breach"),
    GateCode.BAKE_TIME: _("Time at this share"),
    GateCode.BAKE_LABELS: _("Labels at this share"),
    GateCode.COOL_DOWN: _("Cooled down after an alarm"),
    GateCode.PAIRED: _("Right more often on the same items"),
    GateCode.NO_CLASS_WORSE: _("Worse in no class"),
    GateCode.TRIAL_TIME: _("Time on trial"),
    GateCode.UNLOCKED: _("Somebody has looked"),
    GateCode.NO_OVERRIDE: _("No override lasts"),
    GateCode.NO_CONTAINMENT: _("No open containment"),
}


def gate_titles(gates: Iterable[Gate]) -> str:
    """Name gates one after the other, in the language of whoever is refused."""
    return ", ".join(str(TITLES[gate.code]) for gate in gates)
