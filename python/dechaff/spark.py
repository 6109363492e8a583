"""dechaff on Spark: `dechaff.spark.clean(df)`. Needs `pip install dechaff[spark]`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dechaff._columns import COLUMNS, cleaner_of, frozen, with_clean_columns
from dechaff.templates import Templates

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: The types of the columns that come out, in Spark's words.
TYPES = {
    "text": "string",
    "status": "string",
    "reason": "string",
    "language": "string",
    "decisions": "array<struct<line: bigint, text: string, kept: boolean, rule: string, reason: string>>",
}


def clean(
    frame: DataFrame,
    text: str = "text",
    url: str | None = None,
    *,
    prefix: str = "clean_",
    markdown: bool = False,
    decisions: bool = False,
    **settings: Any,
) -> DataFrame:
    """Cleans the pages of a column: a row out for each row in, with `clean_text`, `clean_status`, `clean_reason` and
    `clean_language` beside its own columns, and `clean_decisions` on request.

    `settings` are those of `dechaff.Cleaner`; files that they name have to be there on every worker, and `templates` may be
    what `site_templates` found.
    """
    from pyspark.sql.types import StructType

    key = frozen(settings)
    names = [name for name in COLUMNS if decisions or name != "decisions"]
    for name in names:
        if prefix + name in frame.columns:
            raise ValueError(f"there is a column {prefix + name} already: choose another prefix than {prefix!r}")
    added = StructType.fromDDL(", ".join(f"`{prefix}{name}` {TYPES[name]}" for name in names))
    schema = StructType([*frame.schema.fields, *added.fields])

    def clean_batches(batches):
        import pyarrow

        for batch in batches:
            cleaned = with_clean_columns(batch, cleaner_of(key), text, url, prefix, markdown, decisions)
            if decisions:
                cleaned = _without_unsigned(cleaned, prefix + "decisions", pyarrow)
            yield cleaned

    return frame.mapInArrow(clean_batches, schema)


def site_templates(frame: DataFrame, text: str = "text", url: str = "url", **settings: Any) -> Templates:
    """What recurs on the sites of a frame, for `clean(…, templates=…)`: the workers count, this process merges. The same
    whatever the order and the partitions; rows without a page or a URL are passed over, and pages of one URL count once."""
    key = frozen(settings)

    def count_batches(batches):
        import pyarrow

        for batch in batches:
            yield pyarrow.record_batch({"counts": [cleaner_of(key).count_batch(batch, text, url)]})

    counts = frame.select(text, url).mapInArrow(count_batches, "counts string")
    return Templates.of(row["counts"] for row in counts.toLocalIterator())


def _without_unsigned(batch, name, pyarrow):
    """Spark has no unsigned numbers: the lines of decisions become longs."""
    at = batch.schema.get_field_index(name)
    fields = [
        pyarrow.field(field.name, pyarrow.int64()) if field.name == "line" else field
        for field in batch.schema.field(at).type.value_type
    ]
    wanted = pyarrow.list_(pyarrow.struct(fields))
    columns, names = list(batch.columns), list(batch.schema.names)
    columns[at] = columns[at].cast(wanted)
    return pyarrow.record_batch(columns, names=names)
