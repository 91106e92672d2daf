"""The words of a gate, made from its code and its figures."""

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from reviewapp.gates import Gate, GateCode
from reviewapp.services.gate_titles import TITLES
from reviewapp.templatetags.figures import percent

register = template.Library()

SENTENCES = {
    GateCode.BLIND_PAIRS: gettext_noop("%(count)d of %(needed)d blind pairs"),
    GateCode.DAYS: gettext_noop("%(count)d of %(needed)d days with blind labels"),
    GateCode.SHIFTS: gettext_noop("%(count)d of %(needed)d shifts with blind labels"),
    GateCode.ANSWERED: gettext_noop(
        "%(answered)d of %(count)d drawn items were answered in time"
    ),
    GateCode.NO_ALARM: gettext_noop("%(count)d open"),
    GateCode.CERTIFICATES: gettext_noop("%(count)d of at least %(needed)d"),
    GateCode.COVERS_ALL: gettext_noop("%(count)d of %(needed)d predicted classes"),
    GateCode.CALIBRATION: gettext_noop(
        "calibration error at most %(upper)s, limit %(limit)s"
    ),
    GateCode.CANARY_COMPLETE: gettext_noop("%(share)s of %(needed)s"),
    GateCode.TIME_AT_PARTIAL: gettext_noop("%(days).1f of %(needed).0f days"),
    GateCode.BAKE_TIME: gettext_noop("%(days).1f of %(needed).0f days"),
    GateCode.COOL_DOWN: gettext_noop(
        "%(hours).0f hours left; %(count)d of %(needed)d fresh blind labels"
    ),
    GateCode.BAKE_LABELS: gettext_noop(
        "%(count)d of %(needed)d blind labels of what the model would have decided"
    ),
    GateCode.NO_BREACH: gettext_noop(
        "%(errors)d of %(count)d blind labels of what the model would have decided "
        "differ; evidence of a breach %(evidence)s, limit %(needed)s"
    ),
    GateCode.NO_CLASS_WORSE: gettext_noop(
        "strongest evidence that it is worse in one of %(count)d classes %(evidence)s, "
        "limit %(needed)s"
    ),
    GateCode.PAIRED: gettext_noop(
        "only the candidate was right on %(candidate_only)d, only the live version on "
        "%(live_only)d of %(count)d items; evidence %(evidence)s of %(needed)s"
    ),
    GateCode.TRIAL_TIME: gettext_noop("%(days).1f of %(needed).0f days"),
    GateCode.UNLOCKED: gettext_noop(
        "alarms took back twice within a day; say what was found"
    ),
    GateCode.NO_CONTAINMENT: gettext_noop(
        "%(proposed)d proposed and %(standing)d open; at most %(needed)d"
    ),
    GateCode.NO_OVERRIDE: gettext_noop(
        "what was let through past its gates stands on them first, or goes back"
    ),
}
DASH = "\N{EN DASH}"
OF_E_VALUES = (GateCode.NO_BREACH, GateCode.NO_CLASS_WORSE, GateCode.PAIRED)


register.filter(percent)


@register.filter
def frozen(value: object) -> str:
    """Write a stored value short; what has parts is written part by part."""
    if value is None:
        return DASH
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, dict):
        return ", ".join(f"{name} {frozen(part)}" for name, part in value.items())
    if isinstance(value, list):
        return "; ".join(frozen(part) for part in value)
    return str(value)


@register.filter
def e_value(value: float | None) -> str:
    """Write an e-value so that small and large ones stay readable."""
    if value is None:
        return DASH
    if value >= 10_000:  # noqa: PLR2004 - beyond this the size is what matters
        return "> 10,000"
    return f"{value:.3g}" if value < 1 else f"{value:,.1f}"


@register.filter
def title(gate: Gate) -> str:
    """Name a gate."""
    return str(TITLES[gate.code])


@register.filter
def figures(gate: Gate) -> str:
    """Say the figures that a gate was judged on."""
    match gate.code:
        case GateCode.AGREEMENT:
            said = _agreement(gate)
        case GateCode.AUDITED_ESCAPES:
            said = _escapes(gate)
        case GateCode.VERSION_READY:
            said = "" if gate.is_open else _("Register a version and put it live.")
        case GateCode.NO_ALARM if gate.is_open:
            said = _("none")
        case _:
            said = _(SENTENCES[gate.code]) % _written(gate)
    return said + _pairs_left(gate) + _days_left(gate)


def _written(gate: Gate) -> dict[str, object]:
    """Write shares in percent and e-values short; counts stay numbers."""
    in_percent = {"upper", "limit", "share"}
    if gate.code is GateCode.CANARY_COMPLETE:
        in_percent.add("needed")
    written: dict[str, object] = {}
    for name, value in gate.figures.items():
        if name in in_percent:
            written[name] = percent(value)
        elif gate.code in OF_E_VALUES and name in {"evidence", "needed"}:
            written[name] = e_value(value)
        else:
            written[name] = value or 0
    return written


def _agreement(gate: Gate) -> str:
    found = gate.figures
    if not found["count"]:
        return _("no blind pair yet; target %(target)s") % {
            "target": percent(found["target"])
        }
    value = (found["agreed"] or 0) / found["count"]
    said = _(
        "%(value)s (%(low)s to %(high)s, n = %(count)d), target %(target)s; evidence "
        "%(evidence)s of %(needed)s"
    ) % {
        "value": percent(value),
        "low": percent(found["low"]),
        "high": percent(found["high"]),
        "count": found["count"],
        "target": percent(found["target"]),
        "evidence": e_value(found["evidence"]),
        "needed": e_value(found["needed"]),
    }
    return said + _labels_left(gate)


@register.filter
def ceiling(gate: Gate) -> str:
    """Say how far people agree among themselves: no model is asked for more."""
    found = gate.figures
    if gate.code is not GateCode.AGREEMENT:
        return ""
    if not found.get("twice_read"):
        return _(
            "How far people agree among themselves is not known: no item of the last "
            "90 days was read blind by two."
        )
    said = _(
        "Two people who read the same item blind agree on %(value)s (%(low)s to "
        "%(high)s, %(agreed)d of %(count)d)."
    ) % {
        "value": percent((found["readers_agreed"] or 0) / (found["twice_read"] or 1)),
        "low": percent(found["readers_low"]),
        "high": percent(found["readers_high"]),
        "agreed": found["readers_agreed"] or 0,
        "count": found["twice_read"] or 0,
    }
    if (found["readers_high"] or 0) < (found["target"] or 0):
        said += " " + _("The target lies above that: no model can reach it for sure.")
    return said


def _escapes(gate: Gate) -> str:
    found = gate.figures
    said = _(
        "%(escapes)d escapes in %(audits)d audits of passed items, target %(target)s; "
        "evidence %(evidence)s of %(needed)s"
    ) % {
        "escapes": found["escapes"] or 0,
        "audits": found["audits"] or 0,
        "target": percent(found["target"], 2),
        "evidence": e_value(found["evidence"]),
        "needed": e_value(found["needed"]),
    }
    return said + _labels_left(gate)


def _labels_left(gate: Gate) -> str:
    left = gate.figures.get("labels_left")
    if gate.is_open or not left:
        return ""
    return "; " + ngettext(
        "%(n)d more label without error would do",
        "%(n)d more labels without error would do",
        int(left),
    ) % {"n": left}


def _pairs_left(gate: Gate) -> str:
    left = gate.figures.get("pairs_left")
    if gate.is_open or not left:
        return ""
    return "; " + ngettext(
        "%(n)d more that only the candidate has right would do",
        "%(n)d more that only the candidate has right would do",
        int(left),
    ) % {"n": left}


def _days_left(gate: Gate) -> str:
    days = gate.figures.get("days_left")
    if gate.is_open or not days:
        return ""
    return ", " + ngettext(
        "about %(n)d day at today's pace",
        "about %(n)d days at today's pace",
        int(days),
    ) % {"n": days}
