"""What Prometheus reads back is the number that was meant."""

from math import inf

import pytest

from monitoring.services.exported import Exported


def read_back(value: float) -> float:
    """What a scrape makes of a value that was written out."""
    metric = Exported(name="review_x", kind="gauge", about="Something.")
    metric.add(value, line="a")
    *_said, line = metric.written()
    return float(line.rpartition(" ")[2])


@pytest.mark.parametrize("moment", [1_767_139_273.123456, 1_790_000_001.0])
def test_a_written_timestamp_parses_back_to_the_moment(moment: float) -> None:
    assert abs(read_back(moment) - moment) < 1e-5


@pytest.mark.parametrize("count", [0, 12, 1_234_567, 9_007_199_254_740_991])
def test_a_large_counter_is_written_exactly(count: int) -> None:
    assert read_back(count) == count
    metric = Exported(name="review_x_total", kind="counter", about="Many.")
    metric.add(count)
    assert list(metric.written())[-1] == f"review_x_total {count}"


@pytest.mark.parametrize("value", [0.1 + 0.2, 1e-9, -3.5, inf])
def test_a_share_keeps_its_digits(value: float) -> None:
    assert read_back(value) == value
