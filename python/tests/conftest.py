"""Engines, where they are installed: one of each for all tests."""

import os
import signal
import sys

import pytest


@pytest.fixture(scope="session")
def ray():
    ray = pytest.importorskip("ray")
    pytest.importorskip("pandas")
    ray.init(num_cpus=2, include_dashboard=False, ignore_reinit_error=True, log_to_driver=False)
    yield ray
    ray.shutdown()


@pytest.fixture(scope="session")
def spark():
    pytest.importorskip("pyspark")
    from pyspark.sql import SparkSession

    # Its workers are to be those that dechaff is installed for.
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    try:
        # Two threads; a task may fail three times.
        session = SparkSession.builder.master("local[2, 4]").config("spark.ui.enabled", "false").getOrCreate()
    except Exception as error:  # There is no Java.
        pytest.skip(f"no Spark: {error}")
    yield session
    session.stop()


@pytest.fixture
def once(tmp_path):
    """Makes a step in which the worker is killed, or its task fails, the first time that rows come to it, wherever that is;
    and the file that is there when it has happened."""

    def made(is_killed):
        marker = tmp_path / "happened"
        path = str(marker)

        def step(table):
            try:
                os.close(os.open(path, os.O_CREAT | os.O_EXCL))
            except FileExistsError:
                return table
            if is_killed:
                os.kill(os.getpid(), signal.SIGKILL)
            raise RuntimeError("this task fails once")

        return marker, step

    return made
