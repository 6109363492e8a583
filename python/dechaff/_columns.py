"""What engines share: the columns that a batch comes out with, beside those that it came with."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from dechaff._dechaff import Cleaner
from dechaff.templates import Templates

#: The columns of a cleaned batch, as `Cleaner.clean_batch` names them.
COLUMNS = ("text", "status", "reason", "language", "decisions")


@lru_cache(maxsize=4)
def cleaner_of(settings: tuple[tuple[str, Any], ...]) -> Cleaner:
    """The cleaner of a worker process: the rules are compiled once in each."""
    plain = lambda value: value.file() if isinstance(value, Templates) else value  # noqa: E731
    return Cleaner(**{name: plain(value) for name, value in settings})


def frozen(settings: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    """Settings that can be a key."""
    as_tuple = lambda value: tuple(value) if isinstance(value, list) else value  # noqa: E731
    return tuple((name, as_tuple(value)) for name, value in sorted(settings.items()))


def with_clean_columns(batch, cleaner, text, url, prefix, markdown, decisions):
    """A batch or table of pyarrow with its own columns and the cleaned ones behind them, each with the prefix."""
    cleaned = cleaner.clean_batch(batch, text, url, markdown=markdown, decisions=decisions)
    for name in cleaned.schema.names:
        if prefix + name in batch.schema.names:
            raise ValueError(f"there is a column {prefix + name} already: choose another prefix than {prefix!r}")
        batch = batch.append_column(prefix + name, cleaned.column(name))
    return batch
