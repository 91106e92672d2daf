"""A line's history: every policy, and the evidence that one was signed on."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from reviewapp import access
from reviewapp.forms.numbers import whole_number
from reviewapp.gates import Gate, GateCode
from reviewapp.models import Policy
from reviewapp.pages import PageRequest, page
from reviewapp.services.policies import COPIED, is_unchanged

SHOWN = 100
# Moments and numbers that follow from the others.
FOLLOWS = {
    "epoch_began_at",
    "level_began_at",
    "share_began_at",
    "attempt",
    "override_number",
}


@require_GET
@access.signed_in
def history(request: PageRequest, slug: str) -> HttpResponse:
    """Show every policy of a line, the newest first."""
    line = access.line_for(request.user, slug)
    policies = line.policies.with_signatures()
    before = whole_number(request.GET.get("before", ""))
    if before is not None:
        policies = policies.filter(number__lt=before)
    shown = list(policies[: SHOWN + 1])
    context = {
        "line": line,
        "tab": "line",
        "roles": access.roles_on(request.user, line),
        "history": shown[:SHOWN],
        "editions": line.editions.published().select_related("published_by"),
        "next_before": shown[SHOWN - 1].number if len(shown) > SHOWN else None,
    }
    return page(request, "lines/history.html", context)


@require_GET
@access.signed_in
def policy(request: PageRequest, slug: str, number: int) -> HttpResponse:
    """Show one policy: who, why, what it changed, and on what evidence."""
    line = access.line_for(request.user, slug)
    of_line = line.policies.with_signatures().select_related("candidate")
    seen = get_object_or_404(of_line, number=number)
    before = of_line.filter(number=number - 1).first()
    evidence = seen.evidence or {}
    context = {
        "line": line,
        "tab": "line",
        "roles": access.roles_on(request.user, line),
        "seen": seen,
        "changes": _changes(before, seen) if before else [],
        "gates": read_gates(evidence),
        "measured": [
            (name.replace("_", " "), value)
            for name, value in sorted(evidence.get("measured", evidence).items())
            if value not in (None, [], {})
        ],
        "is_unchanged": is_unchanged(seen.evidence, seen.evidence_sha256),
    }
    return page(request, "lines/policy.html", context)


def _changes(before: Policy, after: Policy) -> list[tuple[str, object, object]]:
    """Give the settings in which two policies differ, as they were and as they are."""
    changed = []
    for name in COPIED:
        then, now = getattr(before, name), getattr(after, name)
        if then == now or name in FOLLOWS:
            continue
        if name == "level":
            then, now = before.get_level_display(), after.get_level_display()
        if name in {"live_id", "candidate_id", "previous_id"}:
            field = name.removesuffix("_id")
            then, now = getattr(before, field), getattr(after, field)
        if isinstance(then, dict) and isinstance(now, dict):
            for key in sorted({*then, *now}):
                if then.get(key) != now.get(key):
                    said = f"{name}: {key}".replace("_", " ")
                    changed.append((said, then.get(key), now.get(key)))
            continue
        changed.append((name.removesuffix("_id").replace("_", " "), then, now))
    return changed


def read_gates(evidence: dict[str, Any]) -> list[Gate]:
    """Read the gates as they were judged then."""
    known = {code.value for code in GateCode}
    return [
        Gate(
            code=GateCode(stored["code"]),
            is_open=stored["is_open"],
            figures={
                name: float(value) if value == "inf" else value
                for name, value in stored.items()
                if name not in {"code", "is_open"}
            },
        )
        for stored in evidence.get("gates", [])
        if stored["code"] in known
    ]
