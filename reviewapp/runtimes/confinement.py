"""What a process that opens foreign models may have: little memory, time, knowledge."""

import os
import resource
from collections.abc import Mapping
from math import ceil
from pathlib import Path

# What is passed on; everything else in the environment (addresses, passwords) is not.
KEPT_VARIABLES = frozenset({"PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR"})
# One thread: two on two shared cores were 5 to 45 times slower than one. One arena, so
# that threads do not reserve address space that counts against the limit.
FIXED_VARIABLES = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
}
ROOT = Path(__file__).resolve().parents[2]


def clean_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Give what a process that runs models may know: no secret of ours."""
    kept = {name: environment[name] for name in KEPT_VARIABLES & environment.keys()}
    return kept | FIXED_VARIABLES | {"PYTHONPATH": str(ROOT)}


def limit_memory(mebibytes: int) -> None:
    """Bound the address space of this process; more is a ``MemoryError``."""
    size = mebibytes * 1_048_576
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limit_cpu(seconds: int) -> None:
    """Let this process compute so much longer from now on; then the kernel ends it."""
    used = sum(os.times()[:2])
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (ceil(used) + seconds, hard))
