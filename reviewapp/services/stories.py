"""An item's story: everything that happened to it, in order, each with its cause."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reviewapp.modalities.sights import Sight
from reviewapp.models import (
    ContainedItem,
    DecidedBy,
    Decision,
    Exposure,
    Flag,
    GoldRead,
    Item,
    Label,
    Prediction,
    Routing,
    SetAside,
)
from reviewapp.models.policies import policy_by_id
from reviewapp.policy import Because, deciding
from reviewapp.services.several import names_of

MODEL, PERSON, SYSTEM = "model", "person", "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened: when, by whom or what, and because of what."""

    at: datetime
    who: str
    what: str
    because: str = ""


def story_of(item: Item, *, is_for_witness: bool) -> list[Entry]:
    """Tell an item's story from its rows, oldest entry first.

    A witness, who may still have to read the item, is told neither what the model said
    nor that the item is gold.
    """
    entries = [
        Entry(
            at=item.received_at,
            who=SYSTEM,
            what=_("Received as %(id)s") % {"id": item.external_id},
            because=_("captured %(at)s") % {"at": item.captured_at.isoformat()}
            if item.captured_at
            else "",
        )
    ]
    predictions = item.predictions.select_related("version", "label_class")
    entries += [_predicted(prediction) for prediction in predictions]
    entries += [
        _routed(routing)
        for routing in item.routings.select_related(
            "policy", "version", "prediction__label_class"
        )
    ]
    given = list(item.labels.select_related("label_class", "inspector", "policy"))
    has_several = any(label.also for label in given)
    names = item.line.classes.values_list("key", "name") if has_several else ()
    entries += [_labelled(label, dict(names)) for label in given]
    entries += [_seen(e) for e in item.exposures.select_related("user", "prediction")]
    entries += [
        _decided(decision)
        for decision in item.decisions.select_related(
            "label_class", "policy", "supersedes__label_class"
        )
    ]
    entries += [_flagged(flag) for flag in item.flags.select_related("user")]
    for aside in item.asides.select_related("by", "settled_by"):
        entries += _set_aside(aside)
    contained = item.contained.select_related("containment")
    entries += [entry for one in contained for entry in _sent_back(one)]
    if is_for_witness:
        entries = [entry for entry in entries if entry.who != MODEL]
    else:
        reads = GoldRead.objects.filter(gold__item=item).with_comment()
        entries += [_written(read) for read in reads]
    return sorted(entries, key=lambda entry: entry.at)


def _predicted(prediction: Prediction) -> Entry:
    version = prediction.version.name
    if prediction.error:
        what = _("%(version)s gave no answer") % {"version": version}
        because = f"{prediction.error} {prediction.error_detail}".strip()
        return Entry(at=prediction.predicted_at, who=MODEL, what=what, because=because)
    return Entry(
        at=prediction.predicted_at,
        who=MODEL,
        what=_("%(version)s said %(answer)s, confidence %(confidence).3f")
        % {
            "version": version,
            "answer": prediction.label_class,
            "confidence": prediction.confidence or 0,
        },
        because=_("in %(ms).1f ms") % {"ms": prediction.latency_ms or 0},
    )


def _routed(routing: Routing) -> Entry:
    return Entry(
        at=routing.routed_at,
        who=SYSTEM,
        what=_("Routed %(route)s by policy %(number)d, because %(because)s")
        % {
            "route": str(routing.get_route_display()).lower(),
            "number": routing.policy.number,
            "because": routing.get_because_display(),
        },
        because="; ".join(_weighed(routing)),
    )


def _weighed(routing: Routing) -> list[str]:
    """Say what the route was weighed on: the threshold, the draws, the chance."""
    said = []
    sure_from = _sure_from(routing)
    if sure_from is not None:
        said.append(_("sure from %(threshold).3f on") % {"threshold": sure_from})
    if routing.may_decide or routing.because == Because.OUTSIDE_CANARY.value:
        said.append(
            _("canary drawn %(draw).4f against share %(share).2f")
            % {"draw": routing.canary_draw, "share": routing.canary_share}
        )
    if routing.look_share is not None:
        said.append(
            _("look drawn %(draw).4f against share %(share).2f")
            % {"draw": routing.look_draw, "share": routing.look_share}
        )
    said.append(_("inclusion %(p).3f") % {"p": routing.inclusion})
    return said


def _sure_from(routing: Routing) -> float | None:
    """Give the threshold that the predicted class was held to, where it has one."""
    answered = routing.prediction
    if answered is None or answered.label_class is None:
        return None
    in_force = policy_by_id(routing.policy_id)
    held_to = deciding(in_force.terms(), routing.candidate_draw)
    certificate = held_to.certificates.get(answered.label_class.key)
    return certificate.decides_from if certificate else None


def _labelled(label: Label, names: dict[str, str]) -> Entry:
    return Entry(
        at=label.labelled_at,
        who=PERSON,
        what=_("%(who)s said %(answer)s")
        % {"who": label.inspector, "answer": names_of(label, names)},
        because=", ".join(_circumstances(label)),
    )


def _circumstances(label: Label) -> Iterator[str]:
    yield _("in sight: %(shown)s") % {"shown": label.get_shown_display()}
    if label.sight:
        sight = Sight(**label.sight)
        yield _(
            "zoom %(zoom).3g, brightness %(brightness).3g, contrast %(contrast).3g"
        ) % {
            "zoom": sight.zoom,
            "brightness": sight.brightness,
            "contrast": sight.contrast,
        }
        if sight.inverted:
            yield _("tones inverted")
    if label.comment:
        yield f"“{label.comment}”"
    if label.boxes:
        count = len(label.boxes)
        yield ngettext("%(n)d place marked", "%(n)d places marked", count) % {
            "n": count
        }


def _written(read: GoldRead) -> Entry:
    return Entry(
        at=read.answered_at or read.dealt_at,
        who=PERSON,
        what=_("Somebody read it as gold and wrote"),
        because=f"“{read.comment}”",
    )


def _seen(exposure: Exposure) -> Entry:
    return Entry(
        at=exposure.exposed_at,
        who=PERSON,
        what=_("%(who)s was shown the prediction") % {"who": exposure.user},
    )


def _decided(decision: Decision) -> Entry:
    by_model = decision.decided_by == DecidedBy.MODEL
    if decision.decided_by == DecidedBy.RETRACTION:
        what = _("The decision was taken back")
    elif decision.supersedes is not None and decision.supersedes.label_class:
        what = _("Decided %(answer)s, in place of %(former)s") % {
            "answer": decision.label_class,
            "former": decision.supersedes.label_class,
        }
    else:
        what = _("Decided %(answer)s") % {"answer": decision.label_class}
    return Entry(
        at=decision.decided_at,
        who=MODEL if by_model else PERSON,
        what=what,
        because=_("under policy %(number)d") % {"number": decision.policy.number},
    )


def _flagged(flag: Flag) -> Entry:
    return Entry(
        at=flag.flagged_at,
        who=PERSON,
        what=_("%(who)s flagged it: %(kind)s")
        % {"who": flag.user, "kind": flag.get_kind_display()},
    )


def _set_aside(aside: SetAside) -> list[Entry]:
    told = [
        Entry(
            at=aside.set_aside_at,
            who=PERSON if aside.by else SYSTEM,
            what=_("Set aside for the manager"),
            because=aside.reason_in_words or aside.get_because_display(),
        )
    ]
    if aside.settled_at is not None:
        told.append(
            Entry(
                at=aside.settled_at,
                who=PERSON,
                what=aside.get_outcome_display(),
                because=aside.note,
            )
        )
    return told


def _sent_back(contained: ContainedItem) -> list[Entry]:
    number = {"number": contained.containment_id}
    told = [
        Entry(
            at=contained.sent_at,
            who=SYSTEM,
            what=_("Sent back to people by containment %(number)d") % number,
            because=contained.containment.reason,
        )
    ]
    if contained.released_at is not None:
        told.append(
            Entry(
                at=contained.released_at,
                who=PERSON,
                what=_("Containment %(number)d was closed") % number,
                because=contained.containment.note,
            )
        )
    return told


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A place that was marked on a picture, in the picture's pixels."""

    x: int
    y: int
    width: int
    height: int
    what: str


def marks_of(item: Item) -> list[Mark]:
    """Give the places that stand on an item's picture, with who marked them as what."""
    wide, high = item.payload.width or 0, item.payload.height or 0
    standing = item.labels.filter(superseded_by=None, boxes__isnull=False)
    names = dict(item.line.classes.values_list("key", "name"))
    return [
        Mark(
            x=round(box["x"] * wide),
            y=round(box["y"] * high),
            width=round(box["width"] * wide),
            height=round(box["height"] * high),
            what=f"{names.get(box['class'], box['class'])} · {label.inspector}",
        )
        for label in standing.select_related("inspector")
        for box in label.boxes or []
    ]
