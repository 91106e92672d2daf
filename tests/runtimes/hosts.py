"""Starting real model hosts, and what they are asked about."""

import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from io import BytesIO
from os import environ
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from reviewapp.modalities.tabular import Schema
from reviewapp.runtimes.answers import Answer, AnswerError
from reviewapp.runtimes.client import ModelHost, VersionRef
from reviewapp.runtimes.features import TABULAR_PREPROCESSING
from reviewapp.runtimes.loading import write_model

SCHEMA = Schema.from_json(
    [{"name": name, "kind": "number"} for name in ("width", "height", "depth")]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningHost:
    """A host, the process it runs in, and the folder it reads."""

    process: subprocess.Popen[bytes]
    socket: Path
    folder: Path

    def asked(self, *, timeout_s: float = 30.0) -> ModelHost:
        return ModelHost(self.socket, timeout_s=timeout_s)

    def keep(
        self, model: object, *, preprocessing: str = TABULAR_PREPROCESSING
    ) -> VersionRef:
        path = self.folder / "new"
        digest = write_model(model, path)
        path.rename(self.folder / f"{digest}.skops")
        return VersionRef(
            sha256=digest,
            preprocessing=preprocessing,
            classes=tuple(map(str, getattr(model, "classes_", ()))),
        )


def start_host(*options: str, folder: Path | None = None) -> RunningHost:
    # a socket's path must be short, which pytest's own folders are not
    folder = folder or Path(tempfile.mkdtemp(prefix="rung-"))
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "reviewapp.runtimes.host"),
            *("--socket", str(folder / "s"), "--models", str(folder)),
            *options,
        ],
        env=environ | {"DATABASE_URL": "postgresql://secret", "SECRET_KEY": "secret"},
    )
    running = RunningHost(process=process, socket=folder / "s", folder=folder)
    wait_for(running)
    return running


def wait_for(running: RunningHost) -> None:
    deadline = time.monotonic() + 60
    while not running.asked().ping():
        assert running.process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)


def stop_host(running: RunningHost) -> None:
    running.process.kill()
    running.process.wait(10)
    shutil.rmtree(running.folder)


def made_rows(count: int = 300) -> tuple[NDArray[np.float64], NDArray[np.str_]]:
    """Rows of three numbers, of which the first tells good from bad."""
    numbers = np.random.default_rng(7).normal(size=(count, 3))
    return numbers, np.where(numbers[:, 0] + 0.1 * numbers[:, 1] > 0, "good", "bad")


def png_of(levels: NDArray[np.floating]) -> bytes:
    file = BytesIO()
    Image.fromarray(levels.astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


def as_rows(numbers: np.ndarray) -> list[dict[str, object]]:
    return [
        dict(zip(("width", "height", "depth"), row, strict=True))
        for row in numbers.tolist()
    ]


def codes(answers: list[Answer | AnswerError]) -> list[str]:
    return [one.code if isinstance(one, AnswerError) else one.label for one in answers]
