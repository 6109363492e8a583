"""Ray, Spark and datatrove, where they are installed: the same texts as the cleaner alone, and no row lost."""

import os
import sys
from pathlib import Path

import dechaff
import pytest

RAW = Path(__file__).parents[2] / "raw"
PAGES = [path.read_text("utf-8", "replace") for path in sorted(RAW.rglob("*.html"))[:20]] + [None, ""]
ROWS = [{"html": page, "url": f"https://site{number}.example/", "number": number} for number, page in enumerate(PAGES)]


def expected(**settings):
    cleaner = dechaff.Cleaner(**settings)
    pages = [cleaner.clean(row["html"] or "", row["url"]) for row in ROWS]
    return {row["number"]: (page.text, page.status, page.language) for row, page in zip(ROWS, pages)}


def found(rows):
    return {row["number"]: (row["clean_text"], row["clean_status"], row["clean_language"]) for row in rows}


@pytest.mark.parametrize("partitions", [1, 2, 4])
def test_ray_gives_the_same_texts_and_loses_no_row(partitions):
    ray = pytest.importorskip("ray")
    pytest.importorskip("pandas")
    import dechaff.ray

    ray.init(num_cpus=2, include_dashboard=False, ignore_reinit_error=True, log_to_driver=False)
    dataset = ray.data.from_items(ROWS).repartition(partitions)
    cleaned = dechaff.ray.clean(dataset, "html", "url", batch_size=4, decisions=True, favor="recall")
    rows = cleaned.take_all()
    assert len(rows) == len(ROWS) and found(rows) == expected(favor="recall")
    assert any(row["clean_decisions"] for row in rows)


@pytest.fixture(scope="module")
def spark():
    pytest.importorskip("pyspark")
    from pyspark.sql import SparkSession

    # Its workers are to be those that dechaff is installed for.
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    try:
        session = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    except Exception as error:  # There is no Java.
        pytest.skip(f"no Spark: {error}")
    yield session
    session.stop()


@pytest.mark.parametrize("partitions", [1, 2, 4])
def test_spark_gives_the_same_texts_and_loses_no_row(spark, partitions):
    import dechaff.spark

    frame = spark.createDataFrame(ROWS, "html string, url string, number int").repartition(partitions)
    cleaned = dechaff.spark.clean(frame, "html", "url", decisions=True, off=["teasers"])
    rows = [row.asDict() for row in cleaned.collect()]
    assert len(rows) == len(ROWS) and found(rows) == expected(off=["teasers"])
    assert any(decision["rule"] for row in rows for decision in row["clean_decisions"])
    with pytest.raises(ValueError, match="prefix"):
        dechaff.spark.clean(cleaned, "html")


def test_datatrove_drops_what_is_empty_and_tells_what_became_of_the_rest():
    pytest.importorskip("datatrove")
    from datatrove.data import Document

    from dechaff.datatrove import Dechaff

    documents = [
        Document(text=row["html"] or "", id=str(row["number"]), metadata={"url": row["url"]}) for row in ROWS
    ]
    step = Dechaff()
    done = {document.id: document for document in step.run(iter(documents))}
    for number, (text, status, language) in expected().items():
        document = done.get(str(number))
        assert (document is not None) == bool(text)
        if document is not None:
            assert (document.text, document.metadata["dechaff_status"]) == (text, status)
            assert document.metadata.get("language") == language
    with pytest.raises(dechaff.SettingError):
        Dechaff(favour="recall")
