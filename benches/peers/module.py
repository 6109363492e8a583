"""How fast the Python module is, beside trafilatura, beside the program, and on engines.

    pip install ./python trafilatura==2.3.1 lxml_html_clean 'ray[data]' pyspark polars pandas
    RAYON_NUM_THREADS=1 python benches/peers/module.py DATA/dev [extract] [batch] [ray] [spark]

`DATA/dev` stands for `DATA/dev-html.jsonl.xz`, as the model's card has it. All on one thread: MB of HTML per second of CPU for pages,
batches and the program; of the clock for engines, which have many processes, and for the batch beside them. Each is the best of
three runs, but trafilatura, which has one over every fifth page.
"""

import json
import lzma
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow

import dechaff

# Runs of which the best counts.
RUNS = 3

# Rows that a worker is handed at a time.
ROWS = 128


def best(work, clock, runs=RUNS):
    def once():
        start = clock()
        work()
        return clock() - start

    return min(once() for _ in range(runs))


def row(name, pages, seconds):
    size = sum(len(page.encode()) for page in pages) / 1e6
    print(f"{name:<44} {len(pages):>6} pages {size:>7.1f} MB {size / seconds:>8.2f} MB/s", flush=True)
    return size / seconds


def table_of(pages):
    return pyarrow.table({"html": pages})


def extract(pages):
    import trafilatura

    some = pages[::5]
    fast = row("dechaff.extract", some, best(lambda: [dechaff.extract(page) for page in some], time.process_time))
    slow = row("trafilatura.extract", some, best(lambda: [trafilatura.extract(page) for page in some], time.process_time, 1))
    print(f"  {fast / slow:.1f} times as fast")


def batch(pages):
    cleaner, table = dechaff.Cleaner(), table_of(pages)
    plain = lambda: cleaner.clean_batch(table, "html", decisions=False)  # noqa: E731
    fast = row("clean_batch, no decisions", pages, best(plain, time.process_time))
    row("clean_batch", pages, best(lambda: cleaner.clean_batch(table, "html"), time.process_time))
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        for number, page in enumerate(pages):
            path = Path(folder, "raw", f"{number:05}.html")
            path.parent.mkdir(exist_ok=True)
            path.write_text(page)

        def children():
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
            return used.ru_utime + used.ru_stime

        words = ["--threads", "1", "--no-survey", "--force", "--quiet"]
        command = [sys.executable, "-m", "dechaff", f"{folder}/raw", f"{folder}/clean", *words]
        program = row("the program, a file each", pages, best(lambda: subprocess.run(command), children))
    print(f"  clean_batch is {fast / program:.2f} of the program")


def in_turns(pages, works):
    """The best clock of each of several works, which take turns; the second one is what the first one is compared with."""
    seconds = {name: float("inf") for name in works}
    for _ in range(RUNS):
        for name, work in works.items():
            seconds[name] = min(seconds[name], best(work, time.perf_counter, 1))
    rates = [row(name, pages, taken) for name, taken in seconds.items()]
    print(f"  {rates[1] / rates[0] - 1:.1%} more")


def alone(pages):
    cleaner, tables = dechaff.Cleaner(), table_of(pages).to_batches(ROWS)
    return lambda: [cleaner.clean_batch(table, "html", decisions=False) for table in tables]


def ray(pages):
    import ray

    import dechaff.ray

    ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False)
    dataset = ray.data.from_arrow(table_of(pages)).repartition(len(pages) // ROWS).materialize()
    clean = lambda: dechaff.ray.clean(dataset, "html", batch_size=ROWS).materialize()  # noqa: E731
    clean()
    in_turns(pages, {"dechaff.ray.clean, one core": clean, "clean_batch, by the clock": alone(pages)})
    ray.shutdown()


def spark(pages):
    from pyspark.sql import SparkSession

    import dechaff.spark

    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").config("spark.driver.memory", "6g")
    session = builder.config("spark.sql.execution.arrow.maxRecordsPerBatch", ROWS).getOrCreate()
    with tempfile.TemporaryDirectory() as folder:
        import pyarrow.parquet

        pyarrow.parquet.write_table(table_of(pages), f"{folder}/pages.parquet", row_group_size=ROWS)
        frame = session.read.parquet(f"{folder}/pages.parquet").persist()
        frame.count()
        drained = lambda frame: frame.write.format("noop").mode("overwrite").save()  # noqa: E731
        clean = lambda: drained(dechaff.spark.clean(frame, "html"))  # noqa: E731
        idle = lambda: drained(frame.mapInArrow(lambda batches: batches, frame.schema))  # noqa: E731
        works = {"dechaff.spark.clean, one core": clean, "clean_batch, by the clock": alone(pages)}
        in_turns(pages, works | {"mapInArrow that does nothing": idle})
    session.stop()


if __name__ == "__main__":
    with lzma.open(sys.argv[1] + "-html.jsonl.xz", "rt", encoding="utf-8") as lines:
        loaded = [json.loads(line)["html"] for line in lines]
    wanted = sys.argv[2:] or ["extract", "batch", "ray", "spark"]
    for part in (extract, batch, ray, spark):
        if part.__name__ in wanted:
            part(loaded)
