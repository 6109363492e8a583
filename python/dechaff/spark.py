"""dechaff on Spark: `dechaff.spark.clean(df)`. Needs `pip install dechaff[spark]`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Iterator

from dechaff._columns import COLUMNS, cleaner_of, frozen, with_clean_columns
from dechaff._dechaff import NearCopies
from dechaff.near_copies import PARTS, added_columns, clusters_of
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
    return Templates.of(_gathered(counts))


def near_copies(
    frame: DataFrame,
    text: str = "clean_text",
    id: str = "url",
    *,
    prefix: str = "",
    parts: int = PARTS,
    **settings: Any,
) -> DataFrame:
    """Names the near copies among the texts of a column: a row out for each row in, with `near_copy_of`, the id of the row
    that stays in its place (null where it stays itself), and `jaccard`, how alike the two are.

    They are those that the program finds among the same documents, in the order of their ids. Each row has an id of its own,
    a string. Rows without a text are passed through. `settings` are `near_threshold`, `near_stays`, `near_words` and
    `near_bands`. Rows meet in `parts` partitions, by the bands of their sketches: the more rows, the more parts. The frame is
    read twice, now and when the result is read; the order of rows is not kept.
    """
    from pyspark import StorageLevel
    from pyspark.sql import functions

    near = NearCopies(**settings)
    stays, jaccard = added_columns(frame.columns, text, id, prefix, parts)

    def sketch(batches):
        for batch in batches:
            yield from near.sketch(batch, text, id).to_batches()

    def keys(batches):
        for batch in batches:
            yield from near.keys(batch, parts).to_batches()

    def pairs(batches):
        import pyarrow

        if rows := list(batches):
            found = near.pairs(pyarrow.Table.from_batches(rows))
            for pair in found:
                yield pyarrow.record_batch({"pairs": pyarrow.array([pair], pyarrow.binary())})

    def unpacked(batches):
        import pyarrow

        for batch in batches:
            for stream in batch.column(0):
                yield from pyarrow.ipc.open_stream(stream.as_buffer())

    def copies(batches):
        import pyarrow

        if rows := list(batches):
            yield from near.copies(pyarrow.Table.from_batches(rows), id, stays, jaccard).to_batches()

    column = lambda name: functions.col(f"`{name}`")  # noqa: E731
    texts = frame.select(column(text), column(id))
    sketches = texts.mapInArrow(sketch, "number long, id string, length long, hashes binary")
    sketches = sketches.persist(StorageLevel.MEMORY_AND_DISK)
    keyed = sketches.mapInArrow(keys, "part long, key long, id string, hashes binary").repartition(parts, "key")
    pieces = _gathered(keyed.mapInArrow(pairs, "pairs binary"))
    packed = [(_packed(table),) for table in clusters_of(bytes(piece) for piece in pieces)]
    clusters = frame.sparkSession.createDataFrame(packed, "clusters binary").repartition(max(1, min(parts, len(packed))))
    clusters = clusters.mapInArrow(unpacked, "number long, cluster long")
    members = sketches.join(clusters, "number").repartition(parts, "cluster")
    found = members.mapInArrow(copies, f"`{id}` string, `{stays}` string, `{jaccard}` double")
    found = found.persist(StorageLevel.MEMORY_AND_DISK)
    found.count()
    sketches.unpersist()
    return frame.join(found, [id], "left").select(*map(column, [*frame.columns, stays, jaccard]))


def _gathered(frame: DataFrame) -> Iterator:
    """The values of a column, brought here partition by partition, when all of them have been made side by side."""
    from pyspark import StorageLevel

    frame = frame.persist(StorageLevel.DISK_ONLY)
    try:
        frame.count()
        for row in frame.toLocalIterator():
            yield row[0]
    finally:
        frame.unpersist()


def _packed(table) -> bytes:
    """A table as a stream of Arrow's."""
    import pyarrow

    sink = pyarrow.BufferOutputStream()
    with pyarrow.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue().to_pybytes()


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
