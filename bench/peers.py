"""What a drift report costs: ours, and Evidently's in a venv of its own."""

import json
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import numpy as np

from bench.ground import PROJECT

ROWS, COLUMNS = 1_000_000, 20
# It says that it takes any pandas, and does not load with the third.
PEER = ("evidently==0.7.23", "pandas<3")

OURS = """
import json, resource, sys
import numpy as np
from monitoring.stats.drift import compare_numeric

folder = sys.argv[1]
reference = np.load(f"{folder}/reference.npy", mmap_mode="r")
current = np.load(f"{folder}/current.npy", mmap_mode="r")
# the rows with the smallest lottery numbers, as a window of a line takes them
chosen = np.sort(np.argpartition(np.load(f"{folder}/draws.npy"), 20_000)[:20_000])
rows = current[chosen]
found = [
    compare_numeric(reference[:5_000, column], rows[:, column])
    for column in range(reference.shape[1])
]
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({
    "cpu_s": round(used.ru_utime + used.ru_stime, 2),
    "memory_mib": round(used.ru_maxrss / 1024),
    "drifted": sum(one.p < 0.001 and one.shift >= 0.1 for one in found),
}))
"""
EVIDENTLY = """
import json, resource, sys
import numpy as np, pandas as pd
from evidently import Report
from evidently.presets import DataDriftPreset

reference = np.load(f"{sys.argv[1]}/reference.npy")
current = np.load(f"{sys.argv[1]}/current.npy")
names = [f"x{n}" for n in range(current.shape[1])]
reference = pd.DataFrame(reference, columns=names)
current = pd.DataFrame(current, columns=names)
Report([DataDriftPreset()]).run(current, reference).dict()
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({
    "cpu_s": round(used.ru_utime + used.ru_stime, 2),
    "memory_mib": round(used.ru_maxrss / 1024),
}))
"""


def compare_drift(var: Path, *, with_peer: bool) -> dict[str, Any]:
    """Compare 1 million rows of 20 numbers with a reference, each way in a process."""
    rng = np.random.default_rng(1)
    folder = var / "drift"
    folder.mkdir()
    np.save(folder / "reference.npy", rng.normal(size=(ROWS, COLUMNS)))
    current = rng.normal(size=(ROWS, COLUMNS))
    current[:, 0] += 0.3
    np.save(folder / "current.npy", current)
    np.save(folder / "draws.npy", rng.random(ROWS))
    found: dict[str, Any] = {
        "rows": ROWS,
        "columns": COLUMNS,
        "ours": _run(Path(sys.executable), OURS, folder),
    }
    if with_peer:
        found["evidently"] = _run(_peer_python(), EVIDENTLY, folder)
        ours, theirs = found["ours"]["cpu_s"], found["evidently"]["cpu_s"]
        found["ratio_of_cpu"] = round(theirs / ours, 1)
    return found


def _run(python: Path, code: str, folder: Path) -> dict[str, Any]:
    ended = subprocess.run(
        [python, "-W", "ignore", "-c", code, str(folder)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise SystemExit(f"{python} failed:\n{ended.stderr[-2000:]}")
    figures: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return figures


def _peer_python() -> Path:
    """Make the peer's venv, once; nothing of it comes near our own."""
    folder = PROJECT / "var" / "peers" / "-".join(PEER)
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *PEER], check=True)
    return python
