"""What models need to know of a table's columns, wherever they are described."""

from collections.abc import Sequence
from typing import Protocol


class TableColumn(Protocol):
    """One column of a line's rows."""

    @property
    def name(self) -> str:
        """The key of the column in a row."""

    @property
    def categories(self) -> tuple[str, ...]:
        """The texts it may hold, in the order of their codes."""


class TableSchema(Protocol):
    """The columns of a line's rows, as ``modalities.tabular.Schema`` has them."""

    @property
    def columns(self) -> Sequence[TableColumn]:
        """The columns in the order of the model's features."""
