"""dechaff on Ray Data: `dechaff.ray.clean(ds)`. Needs `pip install dechaff[ray]`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dechaff._columns import cleaner_of, frozen, with_clean_columns
from dechaff._dechaff import NearCopies
from dechaff.near_copies import PARTS, added_columns, clusters_of
from dechaff.templates import Templates

if TYPE_CHECKING:
    import ray.data

#: Groups of rows for each part: Ray deals groups out to its partitions by a hash, and of one group for each of them some would have
#: none and some seven; of sixteen the fullest has twice the mean.
GROUPS = 16


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


def near_copies(
    dataset: ray.data.Dataset,
    text: str = "clean_text",
    id: str = "url",
    *,
    prefix: str = "",
    parts: int = PARTS,
    batch_size: int | None = 1024,
    ray_options: dict[str, Any] | None = None,
    **settings: Any,
) -> ray.data.Dataset:
    """Names the near copies among the texts of a column: a row out for each row in, with `near_copy_of`, the id of the row
    that stays in its place (null where it stays itself), and `jaccard`, how alike the two are.

    They are those that the program finds among the same documents, in the order of their ids. Each row has an id of its own,
    a string. Rows without a text are passed through. `settings` are `near_threshold`, `near_stays`, `near_words` and
    `near_bands`. Rows meet in `parts` groups, by the bands of their sketches: the more rows, the more parts. The dataset is
    read twice, now and when the result is read; the order of rows is not kept. `ray_options` go to `map_batches` where texts
    are sketched.
    """
    import pyarrow
    import ray.data

    near = NearCopies(**settings)
    columns, groups = dataset.columns() or [], GROUPS * parts
    stays, jaccard = added_columns(columns, text, id, prefix, parts)

    def sketch(table):
        return near.sketch(table, text, id)

    def keys(table):
        return near.keys(table, groups)

    def pairs(table):
        return pyarrow.table({"pairs": pyarrow.array(near.pairs(table), pyarrow.binary())})

    def to_parts(table):
        part = table["cluster"].to_numpy() % groups
        return table.append_column("part", pyarrow.array(part, pyarrow.int64()))

    def copies(table):
        return near.copies(table, id, stays, jaccard)

    as_arrow = {"batch_format": "pyarrow"}
    texts = dataset.select_columns([text, id])
    sketches = texts.map_batches(sketch, batch_size=batch_size, **as_arrow, **(ray_options or {})).materialize()
    keyed = sketches.map_batches(keys, batch_size=batch_size, **as_arrow)
    found = keyed.groupby("part", num_partitions=parts).map_groups(pairs, **as_arrow)
    clusters = [ray.put(table) for table in clusters_of(row["pairs"] for row in found.iter_rows())]
    if not clusters:
        return dataset.map_batches(_without_copies, fn_args=(stays, jaccard), batch_size=batch_size, **as_arrow)
    members = sketches.join(ray.data.from_arrow_refs(clusters), "inner", parts, on=("number",))
    members = members.map_batches(to_parts, **as_arrow).groupby("part", num_partitions=parts)
    named = dataset.join(members.map_groups(copies, **as_arrow), "left_outer", parts, on=(id,))
    return named.select_columns([*columns, stays, jaccard])


def _without_copies(table, stays, jaccard):
    import pyarrow

    table = table.append_column(stays, pyarrow.nulls(len(table), pyarrow.string()))
    return table.append_column(jaccard, pyarrow.nulls(len(table), pyarrow.float64()))
