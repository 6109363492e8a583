"""Near copies on Ray and Spark: those that the program finds, whatever becomes of workers on the way."""

import json
import pickle
import re
import textwrap
from pathlib import Path

import dechaff
import pytest

pyarrow = pytest.importorskip("pyarrow")

from dechaff._dechaff import NearCopies  # noqa: E402
from dechaff.near_copies import added_columns, clusters_of  # noqa: E402

PROJECT = Path(__file__).parents[2]
RAW = PROJECT / "raw"

TOWNS = ["Alder", "Birch", "Cedar", "Dunes", "Elder", "Fennel", "Gorse", "Hazel", "Ivy", "Juniper", "Kelp", "Larch"]


def notice(town):
    """A notice of a town: a text of nine sentences that no other town has."""
    seed = TOWNS.index(town) + 2
    things = ["a ladder", "two nets", "the old bell", "a crate of pears", "six oars", "the blue gate", "a clock", "rope", "salt"]
    people = ["the miller", "a pilot", "our baker", "the warden", "two sisters", "a carter", "the mason", "an aunt", "the crew"]
    line = "At {0} {1} {2} left {3} beside the {4} wall, and nobody asked who would carry it home in the {5} rain."
    return [
        line.format(town, seed * (day + 3), people[day * seed % 9], things[(day + seed) % 9], people[(day + seed) % 9], TOWNS[(seed * day) % 12])
        for day in range(9)
    ]


def made_up():
    """Texts by path: notices, each with editions that differ in a few words, and some that only look alike."""
    texts = {}
    for number, town in enumerate(TOWNS):
        lines = notice(town)
        texts[f"towns/{town.lower()}.txt"] = lines
        for edition in range(number % 4):
            edited = list(lines)
            edited[edition] = edited[edition].replace("nobody asked", "everybody knew")
            texts[f"towns-{edition}/{town.lower()}.txt"] = edited + [f"This is the print of the {TOWNS[edition]} office."] * (edition % 2)
        texts[f"mixed/{town.lower()}.txt"] = lines[:4] + notice(TOWNS[number - 1])[4:]
    # More editions than are compared each with each.
    for edition in range(70):
        texts[f"form/{edition}.txt"] = notice("Kelp")[:7] + [f"Dear {TOWNS[edition % 12]}, come on day {edition} and bring {TOWNS[edition % 7]}."]
    return texts


@pytest.fixture(scope="session")
def corpus(tmp_path_factory):
    """The sample, made-up copies of its pages and made-up notices, cleaned by the program: a row for each page, with its id and
    its clean text, and what the program says of its near copies."""
    folder = tmp_path_factory.mktemp("corpus")
    raw, clean = folder / "raw", folder / "clean"
    pages = {str(path.relative_to(RAW)): path.read_bytes() for path in RAW.rglob("*") if path.suffix in (".txt", ".html")}
    pages |= {f"copies/{name}": page + b"\n\nPrinted at the harbour.\n" for name, page in list(pages.items())[::2]}
    pages |= {name: "\n\n".join(lines).encode() for name, lines in made_up().items()}
    for name, page in pages.items():
        (raw / name).parent.mkdir(parents=True, exist_ok=True)
        (raw / name).write_bytes(page)
    dechaff.clean_folder(raw, clean, near_copies="keep", no_survey=True, no_model=True)
    rows, copies = [], {}
    for line in (clean / "manifest.jsonl").read_text().splitlines()[1:]:
        row = json.loads(line)
        text = (clean / row["output"]["path"]).read_text() if row.get("output") else None
        rows.append({"url": row["path"], "clean_text": text, "number": len(rows), "words": [str(len(text or ""))]})
        near = row.get("near_copy_of")
        copies[row["path"]] = (near["page"], near["jaccard"]) if near else (None, None)
    rows.append({"url": "without a text", "clean_text": None, "number": len(rows), "words": []})
    copies["without a text"] = (None, None)
    assert sum(stays is not None for stays, _ in copies.values()) > 80
    return rows, copies


def told(rows):
    return {row["url"]: (row["near_copy_of"], row["jaccard"]) for row in rows}


def assert_whole(found, corpus):
    """Every row is there once, with its own values, and has what the program found."""
    rows, copies = corpus
    own = ("url", "clean_text", "number", "words")
    assert sorted(([row[name] for name in own] for row in found), key=lambda row: row[2]) == [list(row.values()) for row in rows]
    assert told(found) == copies


def example(engine):
    """The example of the documents for an engine."""
    text = (PROJECT / "docs/python.md").read_text()
    blocks = re.findall(r"(?:^    .*\n|^\n(?=    ))+", text, re.M)
    (block,) = [block for block in blocks if f"dechaff.{engine}.near_copies" in block]
    return textwrap.dedent(block)


def pages():
    """Pages of HTML: notices, one of them twice."""
    page = lambda town: "<h1>Notice</h1>" + "".join(f"<p>{line}</p>" for line in notice(town))  # noqa: E731
    towns = [*TOWNS, "Dunes"]
    return [{"url": f"https://{number}.example/", "html": page(town)} for number, town in enumerate(towns)]


def assert_one_went(kept):
    assert {row["url"] for row in kept} == {row["url"] for row in pages()} - {"https://3.example/"}


def test_parts_give_what_the_program_gives(corpus):
    rows, copies = corpus
    near = pickle.loads(pickle.dumps(NearCopies(near_threshold=0.7)))
    table = pyarrow.Table.from_pylist(rows)
    sketches = pyarrow.concat_tables(near.sketch(table.slice(start, 50), "clean_text", "url") for start in range(0, len(rows), 50))
    keyed = near.keys(sketches, 3)
    parts = [keyed.filter(pyarrow.compute.equal(keyed["part"], part)) for part in (2, 0, 1)]
    clusters = pyarrow.concat_tables(clusters_of(piece for part in parts for piece in near.pairs(part)))
    members = sketches.join(clusters, "number", join_type="inner")
    found = near.copies(members, "url", "stays", "jaccard").to_pylist()
    expected = {url: copy for url, copy in copies.items() if copy[0]}
    assert {row["url"]: (row["stays"], row["jaccard"]) for row in found} == expected and len(found) == len(expected)


def test_what_cannot_be_compared_is_told(corpus):
    near = NearCopies()
    with pytest.raises(KeyError, match="there is no column text; there are url, clean_text"):
        near.sketch(pyarrow.Table.from_pylist(corpus[0]), "text", "url")
    with pytest.raises(TypeError, match="column number: it holds Int64"):
        near.sketch(pyarrow.Table.from_pylist(corpus[0]), "clean_text", "number")
    with pytest.raises(ValueError, match="column url: row 1 of a batch is null"):
        near.sketch(pyarrow.table({"clean_text": ["a", "b"], "url": ["a", None]}), "clean_text", "url")
    twice = near.keys(near.sketch(pyarrow.table({"t": ["a", "b"], "url": ["same", "same"]}), "t", "url"), 1)
    with pytest.raises(ValueError, match="two rows have the id same"):
        near.pairs(twice)
    with pytest.raises(ValueError, match="parts is a number from 1 on, not 0"):
        added_columns(["text", "id"], "text", "id", "", 0)
    with pytest.raises(dechaff.SettingError, match="above 0 and up to 1"):
        NearCopies(near_threshold=7)
    with pytest.raises(dechaff.SettingError, match="did you mean near_stays"):
        NearCopies(near_stay="first")


@pytest.mark.parametrize("partitions", [1, 2, 4])
def test_ray_finds_what_the_program_finds(ray, corpus, partitions):
    import dechaff.ray

    dataset = ray.data.from_items(corpus[0]).repartition(partitions)
    found = dechaff.ray.near_copies(dataset, parts=partitions)
    assert found.columns() == ["url", "clean_text", "number", "words", "near_copy_of", "jaccard"]
    assert_whole(found.take_all(), corpus)


def test_ray_has_the_example_of_the_documents(ray):
    import dechaff.ray

    names = {"dechaff": dechaff, "ds": ray.data.from_items(pages())}
    exec(example("ray"), names)
    assert_one_went(names["kept"].take_all())


def test_ray_loses_no_row_with_a_worker(ray, corpus, once):
    import dechaff.ray

    marker, step = once(is_killed=True)
    dataset = ray.data.from_items(corpus[0], override_num_blocks=4).map_batches(step, batch_format="pyarrow", batch_size=8)
    found = dechaff.ray.near_copies(dataset, parts=2)
    # A worker has died where texts were sketched; another one does where the result is read.
    marker.unlink()
    assert_whole(found.take_all(), corpus)
    assert marker.exists()


def test_ray_has_parts_that_are_larger_than_its_blocks(ray, corpus):
    import dechaff.ray

    context = ray.data.DataContext.get_current()
    usual, context.target_max_block_size = context.target_max_block_size, 4096
    try:
        found = dechaff.ray.near_copies(ray.data.from_items(corpus[0]), parts=1).take_all()
    finally:
        context.target_max_block_size = usual
    assert_whole(found, corpus)


def test_ray_tells_what_is_wrong_and_passes_on_what_has_no_copy(ray):
    import dechaff.ray

    rows = [{"url": town, "clean_text": " ".join(notice(town)) if town != "Ivy" else None} for town in TOWNS]
    alone = dechaff.ray.near_copies(ray.data.from_items(rows), parts=2, near_threshold=0.95)
    found = alone.take_all()
    assert sorted(row["url"] for row in found) == TOWNS and set(told(found).values()) == {(None, None)}
    with pytest.raises(ValueError, match="choose another prefix"):
        dechaff.ray.near_copies(alone)
    with pytest.raises(KeyError, match="there is no column id; there are url"):
        dechaff.ray.near_copies(alone, id="id", prefix="second_")
    with pytest.raises(Exception, match="two rows have the id Alder"):
        dechaff.ray.near_copies(ray.data.from_items([*rows, rows[0]]), parts=2)


def frame_of(spark, rows, partitions):
    return spark.createDataFrame(rows, "url string, clean_text string, number int, words array<string>").repartition(partitions)


@pytest.mark.parametrize("partitions", [1, 2, 4])
def test_spark_finds_what_the_program_finds(spark, corpus, partitions):
    import dechaff.spark

    found = dechaff.spark.near_copies(frame_of(spark, corpus[0], partitions), parts=partitions)
    assert found.columns == ["url", "clean_text", "number", "words", "near_copy_of", "jaccard"]
    assert_whole([row.asDict() for row in found.collect()], corpus)


def test_spark_has_the_example_of_the_documents(spark):
    import dechaff.spark

    names = {"dechaff": dechaff, "df": spark.createDataFrame(pages(), "url string, html string")}
    exec(example("spark"), names)
    assert_one_went(names["kept"].collect())


@pytest.mark.parametrize("is_killed", [False, True])
def test_spark_loses_no_row_with_a_task(spark, corpus, once, is_killed):
    import dechaff.spark

    marker, step = once(is_killed)
    frame = frame_of(spark, corpus[0], 3)
    steps = lambda batches: map(step, batches)  # noqa: E731
    found = dechaff.spark.near_copies(frame.mapInArrow(steps, frame.schema), parts=2)
    marker.unlink()
    assert_whole([row.asDict() for row in found.collect()], corpus)
    assert marker.exists()


def test_spark_tells_what_is_wrong_and_passes_on_what_has_no_copy(spark):
    import dechaff.spark

    rows = [(town, " ".join(notice(town)) if town != "Ivy" else None) for town in TOWNS]
    frame = spark.createDataFrame(rows, "url string, clean_text string")
    alone = dechaff.spark.near_copies(frame, parts=2, near_threshold=0.95)
    found = [row.asDict() for row in alone.collect()]
    assert sorted(row["url"] for row in found) == TOWNS and set(told(found).values()) == {(None, None)}
    with pytest.raises(ValueError, match="choose another prefix"):
        dechaff.spark.near_copies(alone)
    with pytest.raises(KeyError, match="there is no column id; there are url"):
        dechaff.spark.near_copies(alone, id="id", prefix="second_")
    with pytest.raises(Exception, match="two rows have the id Alder"):
        dechaff.spark.near_copies(frame.union(frame.limit(1)), parts=2)
