"""One exported metric, and how Prometheus' text format writes it."""

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(slots=True, kw_only=True)
class Exported:
    """One exported metric: its name, type, help, and a value for each set of labels."""

    name: str
    kind: str
    about: str
    values: dict[tuple[tuple[str, str], ...], float] = field(default_factory=dict)

    def add(self, value: float, **labels: str) -> None:
        """Add to the value of a set of labels."""
        key = tuple(labels.items())
        self.values[key] = self.values.get(key, 0) + value

    def written(self) -> Iterator[str]:
        """Write the metric in Prometheus' text format."""
        yield f"# HELP {self.name} {self.about}"
        yield f"# TYPE {self.name} {self.kind}"
        for labels, value in sorted(self.values.items()):
            inside = ",".join(f'{name}="{_escaped(text)}"' for name, text in labels)
            named = f"{self.name}{{{inside}}}" if inside else self.name
            yield f"{named} {_exact(value)}"


def _exact(value: float) -> str:
    """Write a number with all its digits; rounded, a timestamp is hours off."""
    number = float(value)
    return f"{number:.0f}" if number.is_integer() else repr(number)


def _escaped(text: str) -> str:
    """Write a label as the format asks for it."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
