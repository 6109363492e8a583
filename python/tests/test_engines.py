"""Ray, Spark and datatrove, where they are installed: the same texts as the cleaner alone, and no row lost."""

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
def test_ray_gives_the_same_texts_and_loses_no_row(ray, partitions):
    import dechaff.ray

    dataset = ray.data.from_items(ROWS).repartition(partitions)
    cleaned = dechaff.ray.clean(dataset, "html", "url", batch_size=4, decisions=True, favor="recall")
    rows = cleaned.take_all()
    assert len(rows) == len(ROWS) and found(rows) == expected(favor="recall")
    assert any(row["clean_decisions"] for row in rows)


def test_ray_cleans_again_what_a_killed_worker_had(ray, once):
    import dechaff.ray

    marker, step = once(is_killed=True)
    dataset = ray.data.from_items(ROWS, override_num_blocks=4).map_batches(step, batch_format="pyarrow", batch_size=2)
    rows = dechaff.ray.clean(dataset, "html", "url", batch_size=4).take_all()
    assert len(rows) == len(ROWS) and found(rows) == expected() and marker.exists()


def site(tmp_path):
    """A site of twelve pages, as a folder and as rows, and what the program makes of the folder."""
    rows = []
    for number in range(12):
        told = " ".join(f"On day {number * 9 + day} the ferry took {day + 3} crates of apples to the far quay." for day in range(9))
        page = f"<div class=top>Tides and times</div><h1>Crossing {chr(65 + number)}</h1><p>{told}</p><div class=end>Ask at the kiosk</div>"
        path = tmp_path / "raw" / "quay.example" / f"{number}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page)
        rows.append({"html": page, "url": f"https://quay.example/{number}.html", "number": number})
    dechaff.clean_folder(str(tmp_path / "raw"), str(tmp_path / "clean"))
    texts = {number: (tmp_path / "clean" / "quay.example" / f"{number}.html.txt").read_text().strip() for number in range(12)}
    known = (tmp_path / "clean" / ".dechaff" / "templates.jsonl").read_text()
    return rows, texts, known


@pytest.mark.parametrize("partitions", [1, 4])
def test_ray_knows_of_sites_what_the_program_does(ray, partitions, tmp_path):
    import dechaff.ray

    rows, texts, known = site(tmp_path)
    dataset = ray.data.from_items([*rows, {"html": None, "url": None, "number": 99}]).repartition(partitions)
    found = dechaff.ray.site_templates(dataset, "html", batch_size=5)
    assert found.text == known
    cleaned = dechaff.ray.clean(ray.data.from_items(rows), "html", "url", templates=found).take_all()
    assert {row["number"]: row["clean_text"].strip() for row in cleaned} == texts


def test_counts_that_are_none_are_refused(tmp_path):
    with pytest.raises(ValueError, match="does not say so"):
        dechaff.Templates.of(["none"])
    rows, texts, known = site(tmp_path)
    pyarrow = pytest.importorskip("pyarrow")
    batch = pyarrow.RecordBatch.from_pylist(rows)
    cleaner = dechaff.Cleaner()
    counts = [cleaner.count_batch(batch.slice(start, 5), "html") for start in (5, 0, 10, 0)]
    found = dechaff.Templates.of(counts)
    assert found.text == known
    with pytest.raises(KeyError, match="there is no column text"):
        cleaner.count_batch(batch)
    again = dechaff.Cleaner(templates=found.file())
    assert {row["number"]: again.clean(row["html"], row["url"]).text.strip() for row in rows} == texts


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


@pytest.mark.parametrize("is_killed", [False, True])
def test_spark_cleans_again_what_a_task_had_that_failed(spark, once, is_killed):
    import dechaff.spark

    marker, step = once(is_killed)
    frame = spark.createDataFrame(ROWS, "html string, url string, number int").repartition(3)
    frame = frame.mapInArrow(lambda batches: map(step, batches), frame.schema)
    rows = [row.asDict() for row in dechaff.spark.clean(frame, "html", "url").collect()]
    assert len(rows) == len(ROWS) and found(rows) == expected() and marker.exists()


def test_spark_knows_of_sites_what_the_program_does(spark, tmp_path):
    import dechaff.spark

    rows, texts, known = site(tmp_path)
    frame = spark.createDataFrame(rows, "html string, url string, number int").repartition(3)
    found = dechaff.spark.site_templates(frame, "html")
    assert found.text == known
    cleaned = dechaff.spark.clean(frame, "html", "url", templates=found).collect()
    assert {row["number"]: row["clean_text"].strip() for row in cleaned} == texts


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
