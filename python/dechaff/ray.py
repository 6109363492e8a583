"""dechaff on Ray Data: `dechaff.ray.clean(ds)`. Needs `pip install dechaff[ray]`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dechaff._columns import cleaner_of, frozen, with_clean_columns
from dechaff.templates import Templates

if TYPE_CHECKING:
    import ray.data


def clean(
    dataset: ray.data.Dataset,
    text: str = "text",
    url: str | None = None,
    *,
    prefix: str = "clean_",
    markdown: bool = False,
    decisions: bool = False,
    batch_size: int | None = 1024,
    ray_options: dict[str, Any] | None = None,
    **settings: Any,
) -> ray.data.Dataset:
    """Cleans the pages of a column: a row out for each row in, with `clean_text`, `clean_status`, `clean_reason` and
    `clean_language` beside its own columns, and `clean_decisions` on request.

    `settings` are those of `dechaff.Cleaner`; files that they name have to be there on every worker, and `templates` may be
    what `site_templates` found. `ray_options` go
    to `map_batches`. A batch is cleaned in the worker's process on all cores of its machine, so a task that has one
    core of many is best given `ray_options={"num_cpus": …}` to match.
    """
    key = frozen(settings)

    def clean_table(table):
        return with_clean_columns(table, cleaner_of(key), text, url, prefix, markdown, decisions)

    return dataset.map_batches(clean_table, batch_format="pyarrow", batch_size=batch_size, **(ray_options or {}))


def site_templates(
    dataset: ray.data.Dataset,
    text: str = "text",
    url: str = "url",
    *,
    batch_size: int | None = 1024,
    ray_options: dict[str, Any] | None = None,
    **settings: Any,
) -> Templates:
    """What recurs on the sites of a dataset, for `clean(…, templates=…)`: the workers count, this process merges. The same
    whatever the order and the partitions; rows without a page or a URL are passed over, and pages of one URL count once."""
    import pyarrow

    key = frozen(settings)

    def count_table(table):
        return pyarrow.table({"counts": [cleaner_of(key).count_batch(table, text, url)]})

    columns = dataset.select_columns([text, url])
    counts = columns.map_batches(count_table, batch_format="pyarrow", batch_size=batch_size, **(ray_options or {}))
    return Templates.of(row["counts"] for row in counts.iter_rows())
