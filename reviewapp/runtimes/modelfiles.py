"""Which files are taken for models at all, told by their first bytes and their table.

Nothing in here opens a model: no loader is imported, and none is called.
"""

from hashlib import sha256
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from reviewapp.errors import (
    Fault,
    InvalidPayloadError,
    RefusedError,
    TooLargeError,
    UnsupportedFormatError,
)

MAX_MODEL_BYTES = 200_000_000
MAX_UNPACKED_BYTES = 1_073_741_824
MAX_MEMBERS = 200_000
SCHEMA = "schema.json"
CONTENT_ENDINGS = (".npy", ".npz", ".bin")

# What skops does not trust of itself, and the pipelines we train and welcome need. The
# nodes of trees are checked by soundness.py before a model is used.
TRUSTED_TYPES = (
    "numpy.dtype",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.calibration._TemperatureScaling",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    "sklearn.tree._tree.Tree",
)


def check_model_file(path: Path) -> str:
    """Refuse what is no skops file by its bytes; give the SHA-256 of what is one.

    Raises
    ------
    TooLargeError
        ``model_too_large``: more than 200 MB, or 1 GiB unpacked.
    InvalidPayloadError
        ``empty_file``.
    UnsupportedFormatError
        ``unsupported_model_format``: pickle, joblib, PyTorch, ONNX or anything else,
        whatever its name says.
    """
    size = path.stat().st_size
    if size > MAX_MODEL_BYTES:
        _refuse_size(size, MAX_MODEL_BYTES, "")
    if size == 0:
        message = "The file is empty (0 bytes)."
        _refuse(InvalidPayloadError, "empty_file", message)
    try:
        with ZipFile(path) as archive:
            members = archive.infolist()
    except (BadZipFile, ValueError, NotImplementedError, EOFError) as error:
        raise _unsupported() from error
    names = {member.filename for member in members}
    is_skops = SCHEMA in names and len(members) <= MAX_MEMBERS
    if not is_skops or not all(
        name.endswith(CONTENT_ENDINGS) for name in names - {SCHEMA}
    ):
        raise _unsupported()
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_UNPACKED_BYTES:
        _refuse_size(unpacked, MAX_UNPACKED_BYTES, " unpacked")
    return file_sha256(path)


def file_sha256(path: Path) -> str:
    """Hash a file without holding it in memory."""
    digest = sha256()
    with path.open("rb") as file:
        while chunk := file.read(1_048_576):
            digest.update(chunk)
    return digest.hexdigest()


def _unsupported() -> UnsupportedFormatError:
    message = (
        "The file is not a skops model. Pickle, joblib and PyTorch files can run code "
        "and are never opened. Convert it where it was trained, with "
        "skops.io.dump(model, 'model.skops'), and send that."
    )
    fault = Fault(code="unsupported_model_format", message=message)
    return UnsupportedFormatError(message, code=fault.code, faults=(fault,))


def _refuse_size(size: int, limit: int, how: str) -> None:
    message = f"The model has {size:,} bytes{how}; at most {limit:,} are taken."
    _refuse(TooLargeError, "model_too_large", message)


def _refuse(kind: type[RefusedError], code: str, message: str) -> None:
    raise kind(message, code=code, faults=(Fault(code=code, message=message),))
