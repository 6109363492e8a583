"""Parquet as others write it and read it: columns come out as they went in, whoever reads them."""

import datetime
import decimal

import dechaff
import pytest

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

ROWS = 30


def page(number):
    return (
        f"Home\nNews\nLog in\n\nFerry number {number} leaves at nine\n\n"
        f"The ferry to island number {number} left at nine sharp on Monday, a full three minutes after the last "
        "passenger had taken her seat and the gulls had lost interest in the whole affair.\n\nNo comments:\n"
    )


def columns():
    times = [datetime.datetime(2024, 3, 1, 9, 0, 0, 1), None] * (ROWS // 2)
    return {
        "id": pa.array(range(ROWS), pa.uint32()),
        "text": pa.array([page(number) for number in range(ROWS)], pa.large_string()),
        "url": pa.array([f"https://www.harbourpost.example/{number}" for number in range(ROWS)]),
        "floats": pa.array([[1.5, None], [], None] * (ROWS // 3), pa.list_(pa.float32())),
        "fixed": pa.array([[1, 2, 3]] * ROWS, pa.list_(pa.int8(), 3)),
        "large": pa.array([["a", None]] * ROWS, pa.large_list(pa.string())),
        "nested": pa.array(
            [{"a": 1, "b": {"c": "x"}}, None] * (ROWS // 2),
            pa.struct([("a", pa.int16()), ("b", pa.struct([("c", pa.string())]))]),
        ),
        "decisions": pa.array([[{"rule": "x", "n": 1}], []] * (ROWS // 2)),
        "map": pa.array([[("k", 1)], None] * (ROWS // 2), pa.map_(pa.string(), pa.int32())),
        "decimal": pa.array([decimal.Decimal("1.23"), None] * (ROWS // 2), pa.decimal128(9, 2)),
        "zoned": pa.array(times, pa.timestamp("us", "America/New_York")),
        "nanoseconds": pa.array([1, 2] * (ROWS // 2), pa.timestamp("ns")),
        "date": pa.array([datetime.date(2024, 3, 1)] * ROWS),
        "time": pa.array([1] * ROWS, pa.time64("ns")),
        "duration": pa.array([1] * ROWS, pa.duration("ms")),
        "bytes": pa.array([b"\x00\xff", None] * (ROWS // 2), pa.large_binary()),
        "fixed_bytes": pa.array([b"abcd"] * ROWS, pa.binary(4)),
        "category": pa.array(["a", "b"] * (ROWS // 2)).dictionary_encode(),
        "half": pa.array([1.5] * ROWS, pa.float16()),
        "nothing": pa.nulls(ROWS),
        "bool": pa.array([True, None] * (ROWS // 2)),
    }


@pytest.fixture
def shard(tmp_path):
    table = pa.table(columns())
    (tmp_path / "raw/data").mkdir(parents=True)
    pq.write_table(table, tmp_path / "raw/data/train-00000-of-00001.parquet", row_group_size=7)
    dechaff.clean_folder(str(tmp_path / "raw"), str(tmp_path / "clean"), output="parquet")
    return table, tmp_path / "clean/part-00000.parquet"


def test_columns_pass_through_with_their_types(shard):
    table, path = shard
    clean = pq.read_table(path)
    for field in table.schema:
        assert clean.schema.field(field.name).equals(field), field
        assert field.name == "text" or clean[field.name].equals(table[field.name]), field
    assert clean["text"][3].as_py().startswith("Ferry number 3 leaves")
    assert "Log in" not in clean["text"][3].as_py()
    group = pq.ParquetFile(path).metadata.row_group(0)
    assert group.column(0).compression == "ZSTD" and group.column(0).is_stats_set


def test_polars_and_duckdb_read_it(shard):
    _, path = shard
    polars, duckdb = pytest.importorskip("polars"), pytest.importorskip("duckdb")
    assert polars.read_parquet(path).filter(polars.col("id") == 3)["text"][0].startswith("Ferry number 3")
    assert duckdb.sql(f"select count(*) from '{path}' where nested.b.c = 'x'").fetchall() == [(ROWS // 2,)]
