"""How fast the Python module is, beside trafilatura, beside the program, and on engines.

    pip install ./python trafilatura==2.3.1 'ray[data]' pyspark polars pandas
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


def beside(name, pages, rate):
    cleaner, tables = dechaff.Cleaner(), table_of(pages).to_batches(ROWS)
    alone = lambda: [cleaner.clean_batch(table, "html", decisions=False) for table in tables]  # noqa: E731
    alone = row("clean_batch, by the clock", pages, best(alone, time.perf_counter))
    print(f"  {name} takes {alone / rate - 1:.1%} more")


def ray(pages):
    import ray

    import dechaff.ray

    ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False)
    dataset = ray.data.from_arrow(table_of(pages)).repartition(len(pages) // ROWS).materialize()
    clean = lambda: dechaff.ray.clean(dataset, "html", batch_size=ROWS).materialize()  # noqa: E731
    rate = row("dechaff.ray.clean, one core", pages, best(clean, time.perf_counter))
    ray.shutdown()
    beside("Ray", pages, rate)


def spark(pages):
    from pyspark.sql import SparkSession

    import dechaff.spark

    os.environ["PYSPARK_PYTHON"] = sys.executable
    memory = ("spark.driver.memory", "6g"), ("spark.sql.execution.arrow.maxRecordsPerBatch", ROWS)
    builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    for name, value in memory:
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    with tempfile.TemporaryDirectory() as folder:
        import pyarrow.parquet

        pyarrow.parquet.write_table(table_of(pages), f"{folder}/pages.parquet", row_group_size=ROWS)
        frame = session.read.parquet(f"{folder}/pages.parquet").persist()
        frame.count()
        clean = lambda: dechaff.spark.clean(frame, "html").write.format("noop").mode("overwrite").save()  # noqa: E731
        rate = row("dechaff.spark.clean, one core", pages, best(clean, time.perf_counter))
    session.stop()
    beside("Spark", pages, rate)


if __name__ == "__main__":
    with lzma.open(sys.argv[1] + "-html.jsonl.xz", "rt", encoding="utf-8") as lines:
        loaded = [json.loads(line)["html"] for line in lines]
    wanted = sys.argv[2:] or ["extract", "batch", "ray", "spark"]
    for part in (extract, batch, ray, spark):
        if part.__name__ in wanted:
            part(loaded)
