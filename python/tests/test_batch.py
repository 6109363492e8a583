"""Arrow in, Arrow out: a row for each row."""

import dechaff
import pytest

pa = pytest.importorskip("pyarrow")

PROSE = "The ferry to the island sails again from Monday, the harbour office said on Friday, after three weeks in dock."
HTML = f"<nav><a href=/>Home</a> <a href=/news>News</a></nav><h1>Ferry sails again</h1><p>{PROSE}</p>"
PAGES = [HTML, None, "", PROSE, "<p></p>"]


@pytest.fixture(scope="module")
def cleaner():
    return dechaff.Cleaner()


def test_a_row_comes_out_for_each_row_that_goes_in(cleaner):
    batch = pa.record_batch({"html": PAGES, "url": ["https://a.example/", None, None, "https://b.example/", None]})
    out = cleaner.clean_batch(batch, text="html", url="url")
    assert isinstance(out, pa.RecordBatch) and out.num_rows == len(PAGES)
    out.validate(full=True)
    assert out.schema.names == ["text", "status", "reason", "language", "decisions"]
    for row, page in zip(out.to_pylist(), PAGES):
        alone = cleaner.clean(page or "")
        assert (row["text"], row["language"]) == (alone.text, alone.language)
        assert row["status"] == alone.status
        assert [d["text"] for d in row["decisions"]] == [d.text for d in alone.decisions]
        assert [(d["kept"], d["rule"], d["reason"], d["line"]) for d in row["decisions"]] == [
            (d.kept, d.rule, d.reason, d.line) for d in alone.decisions
        ]
    assert out["reason"].to_pylist()[1] == "null"


@pytest.mark.parametrize(
    "kind", [pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(), pa.binary_view()]
)
def test_every_form_of_a_column_is_read(cleaner, kind):
    values = [None if page is None else page if pa.types.is_string(kind) else page for page in PAGES]
    column = pa.array(values, pa.string()).cast(pa.binary()).cast(kind) if "binary" in str(kind) else pa.array(values, kind)
    out = cleaner.clean_batch(pa.record_batch({"text": column}), decisions=False)
    assert out.schema.names == ["text", "status", "reason", "language"]
    assert out["text"].to_pylist() == [cleaner.clean(page or "").text for page in PAGES]


def test_a_slice_a_dictionary_and_a_column_of_nulls_are_columns(cleaner):
    column = pa.array(["x", PROSE, PROSE, "y"]).dictionary_encode()
    out = cleaner.clean_batch(pa.record_batch({"text": column}).slice(1, 2))
    assert out["text"].to_pylist() == [PROSE + "\n"] * 2
    assert cleaner.clean_batch(pa.record_batch({"text": pa.nulls(2)}))["status"].to_pylist() == ["blank"] * 2
    assert cleaner.clean_batch(pa.record_batch({"text": pa.array([], pa.string())})).num_rows == 0


def test_a_table_comes_out_of_a_table_and_markdown_on_request(cleaner):
    table = pa.table({"text": pa.chunked_array([[HTML], [PROSE, HTML]])})
    out = cleaner.clean_batch(table, markdown=True)
    assert isinstance(out, pa.Table) and out.num_rows == 3
    assert out["text"][2].as_py() == cleaner.clean(HTML).markdown
    assert out["text"][2].as_py().startswith("# Ferry")


def test_who_speaks_arrow_is_understood(cleaner):
    polars = pytest.importorskip("polars")
    out = cleaner.clean_batch(polars.DataFrame({"text": [HTML, PROSE]}))
    assert isinstance(out, polars.DataFrame) and out["text"].to_list() == [cleaner.clean(HTML).text, PROSE + "\n"]


def test_a_foreign_object_comes_out_as_arrow(cleaner):
    class Foreign:
        def __init__(self, batch):
            self.batch = batch

        def __arrow_c_array__(self, requested_schema=None):
            return self.batch.__arrow_c_array__(requested_schema)

    out = cleaner.clean_batch(Foreign(pa.record_batch({"text": [PROSE]})))
    assert pa.record_batch(out)["text"].to_pylist() == [PROSE + "\n"]


def test_what_is_no_column_is_told(cleaner):
    batch = pa.record_batch({"text": [PROSE], "number": [1]})
    with pytest.raises(KeyError, match="there are text, number"):
        cleaner.clean_batch(batch, text="html")
    with pytest.raises(TypeError, match="Int64"):
        cleaner.clean_batch(batch, text="number")
    with pytest.raises(ValueError, match="__arrow_c_array__"):
        cleaner.clean_batch([PROSE])
