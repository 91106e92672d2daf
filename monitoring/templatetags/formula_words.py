"""Formulas in words: what is counted, and what it is divided by, metric by metric."""

from typing import assert_never

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from monitoring.catalogue import (
    Amount,
    Metric,
    Pace,
    Present,
    Ratio,
    Rows,
    Statistic,
)

register = template.Library()

# By the names of the counts, their routes, and whether only blind ones are meant.
ROWS: dict[tuple[tuple[str, ...], tuple[str, ...], bool | None], str] = {
    (("item",), (), None): gettext_noop("items"),
    (("prediction",), (), None): gettext_noop("answered items"),
    (("error",), (), None): gettext_noop("predictions without an answer"),
    (("prediction", "error"), (), None): gettext_noop("predictions"),
    (("label",), (), None): gettext_noop("labels"),
    (("undone",), (), None): gettext_noop("labels taken back"),
    (("skip",), (), None): gettext_noop("reviews passed on"),
    (("pair",), (), True): gettext_noop("blind pairs"),
    (("pair",), ("audit",), True): gettext_noop("blind pairs of audits"),
    (("shown",), (), None): gettext_noop("labels given with the prediction in sight"),
    (("readers",), (), None): gettext_noop("blind pairs of two readers"),
}
# By whether both agree, what the model said and what people said.
WHICH: dict[tuple[bool | None, str | None, str | None], str] = {
    (None, None, None): "%(rows)s",
    (True, None, None): gettext_noop("%(rows)s that agree"),
    (False, None, None): gettext_noop("%(rows)s that differ"),
    (None, "unknown", None): gettext_noop("%(rows)s that the model calls unknown"),
    (None, "pass", None): gettext_noop("%(rows)s that the model passes"),
    (None, "reject", None): gettext_noop("%(rows)s that the model rejects"),
    (None, None, "pass"): gettext_noop("%(rows)s that people pass"),
    (None, None, "reject"): gettext_noop("%(rows)s that people reject"),
    (None, None, "none"): gettext_noop("%(rows)s by which nobody could tell"),
    (None, "pass", "reject"): gettext_noop(
        "%(rows)s that the model passes and people reject"
    ),
    (None, "reject", "pass"): gettext_noop(
        "%(rows)s that the model rejects and people pass"
    ),
}
STATISTICS = {
    "mean": gettext_noop("mean of %(what)s"),
    "p50": gettext_noop("median of %(what)s, within 2 %%"),
    "p95": gettext_noop("95th percentile of %(what)s, within 2 %%"),
    "p99": gettext_noop("99th percentile of %(what)s, within 2 %%"),
    "missing_share": gettext_noop("items without / all items, of %(what)s"),
    "commonest_share": gettext_noop(
        "items with the commonest value / items, of %(what)s"
    ),
}
COLUMNS = {
    "prediction_ms": gettext_noop("the model host's time for an item"),
    "prediction_wait_s": gettext_noop("the time from receipt to prediction"),
    "queue_wait_s": gettext_noop("the time from queueing a review to its answer"),
    "page_ms": gettext_noop("the server's time for a page of the line"),
    "confidence": gettext_noop("the calibrated top probability of an answer"),
    "hold_s": gettext_noop("the time from claiming a review to answering it"),
    "brightness": gettext_noop("an item's mean grey level"),
    "contrast": gettext_noop("the standard deviation of an item's grey levels"),
    "sharpness": gettext_noop("the variance of the Laplacian of an item's grey levels"),
    "width": gettext_noop("an item's width"),
    "bytes": gettext_noop("a file's size"),
    "characters": gettext_noop("a text's number of characters"),
    "non_ascii_share": gettext_noop("a text's share of characters beyond ASCII"),
    "latin_share": gettext_noop("a text's share of Latin among its letters"),
    "hangul_share": gettext_noop("a text's share of Hangul among its letters"),
    "other_script_share": gettext_noop(
        "a text's share of other scripts among its letters"
    ),
    "language": gettext_noop("the language of a text"),
    "out_of_vocabulary": gettext_noop("a text's share of words new to the reference"),
    "duration_s": gettext_noop("a recording's length"),
    "volume_db": gettext_noop("a recording's loudness below full scale"),
    "silence_share": gettext_noop("a recording's share of silence"),
    "missing_share": gettext_noop("a row's share of missing values"),
    "out_of_range": gettext_noop("a row's number of values out of range"),
}
STATES = {
    "waiting": gettext_noop("reviews that wait at the window's end"),
    "unrouted": gettext_noop("items that wait for a prediction at the window's end"),
    "oldest_waiting_s": gettext_noop(
        "working time from queueing the oldest review that waits to the window's end"
    ),
    "judged_age_s": gettext_noop("time from the last judgement to the window's end"),
    "page_p50": gettext_noop("median of the time for a page in the last hour"),
    "page_p95": gettext_noop("95th percentile of the time for a page in the last hour"),
    "page_p99": gettext_noop("99th percentile of the time for a page in the last hour"),
    "pages_per_hour": gettext_noop("pages and API calls answered in the last hour"),
    "page_error_share": gettext_noop("pages that failed / pages, in the last hour"),
    "task_failures": gettext_noop("tasks that failed in the last hour"),
    "web_memory": gettext_noop("resident memory of all web processes"),
    "worker_memory": gettext_noop("resident memory of all workers' processes"),
    "model_host_memory": gettext_noop("resident memory of the model host"),
    "cpu_cores": gettext_noop("processor seconds / seconds, in 5 minutes"),
    "worker_load": gettext_noop("seconds with a task / workers' seconds, in 5 minutes"),
    "database_bytes": gettext_noop("the database's size as PostgreSQL gives it"),
    "database_connections": gettext_noop("client connections / connections allowed"),
    "longest_transaction_s": gettext_noop("time since the oldest transaction began"),
    "cache_hit_share": gettext_noop("blocks found in memory / blocks read"),
    "sweep_lateness_s": gettext_noop(
        "largest time since a sweep succeeded, less the time it is granted"
    ),
}
FIGURES = {
    "class_shift": gettext_noop(
        "half of the sum over classes of the distance of a class's share of the "
        "answers and its share in the reference, of the live version"
    ),
    "unseen_categories": gettext_noop(
        "items with a category new to the reference / items with any, drawn by lot"
    ),
    "calibration_error": gettext_noop(
        "sum over 15 bins of a bin's share of the blind pairs times the distance of "
        "its mean confidence and the share that was right, of the live version"
    ),
    "brier": gettext_noop(
        "mean over blind pairs of the squared distance of confidence and 1 if it was "
        "right, 0 if not, of the live version"
    ),
    "weighted_escapes": gettext_noop(
        "passed items that are defective / all that left as passed: in each stratum, a "
        "class at one audit share, defective / audited times all that it holds"
    ),
    "weighted_overkill": gettext_noop(
        "rejected items that are good / good items that the model decided: in each "
        "stratum, a class at one audit share, good / audited times all that it holds"
    ),
}


@register.filter
def formula(metric: Metric) -> str:
    """Say how a metric is computed from what it reads."""
    reads = metric.reads
    match reads:
        case Ratio():
            said = f"{rows(reads.part)} / {rows(reads.whole)}"
            if reads.is_weighted:
                said = _("%(share)s, each by 1 / its chance of a look") % {
                    "share": said
                }
            return _of_live(said) if reads.part.of_version else said
        case Pace():
            said = _("%(rows)s / working hours of the window")
            return said % {"rows": rows(reads.rows)}
        case Amount():
            what = _(COLUMNS[reads.column])
            said = _(STATISTICS[reads.statistic]) % {"what": what}
            return _of_live(said) if reads.of_version else said
        case Present():
            return _(STATES[reads.name])
        case Statistic():
            return _(FIGURES[reads.name])
        case never:
            assert_never(never)


def rows(counted: Rows) -> str:
    """Say which counts are added up."""
    what = ROWS[counted.measures, counted.routes, counted.is_blind]
    which = WHICH[counted.agreed, counted.predicted, counted.answered]
    return _(which) % {"rows": _(what)}


def _of_live(said: str) -> str:
    return _("%(formula)s, of the live version") % {"formula": said}
