"""Engines, where they are installed: one of each for all tests."""

import os
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
