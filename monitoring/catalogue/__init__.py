"""Every metric there is: few numbers, each with its meaning."""

from monitoring.catalogue.agreement import AGREED, AGREEMENT
from monitoring.catalogue.inputs import INPUTS
from monitoring.catalogue.installation import INSTALLATION
from monitoring.catalogue.metrics import (
    Amount,
    Family,
    Metric,
    Pace,
    Present,
    Ratio,
    Rows,
    Statistic,
    Unit,
)
from monitoring.catalogue.outputs import OUTPUTS
from monitoring.catalogue.software import SOFTWARE

__all__ = [
    "AGREED",
    "CATALOGUE",
    "INSTALLATION",
    "Amount",
    "Family",
    "Metric",
    "Pace",
    "Present",
    "Ratio",
    "Rows",
    "Statistic",
    "Unit",
    "metrics_for",
]

CATALOGUE: dict[str, Metric] = {
    metric.key: metric for metric in (*SOFTWARE, *INPUTS, *OUTPUTS, *AGREEMENT)
}


def metrics_for(modality: str) -> list[Metric]:
    """Give the metrics that a line of one kind of item has."""
    return [
        metric
        for metric in CATALOGUE.values()
        if not metric.modalities or modality in metric.modalities
    ]
