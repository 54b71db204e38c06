"""Counting on Spark: DuckDB's SQL translated by SQLGlot, run in one process here or on the cluster that a setting names.

The driver opens the store's encrypted files and lends Spark their rows. What Spark lays on a disk or sends between machines
is encrypted, and what it would log is thrown away: it may quote a row.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from avbrott.at_rest.tables import stored_rows
from avbrott.at_rest.vault import Vault
from avbrott.errors import BadInput

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MASTER = "AVBROTT_SPARK_MASTER"
"""Where Spark runs, as Spark names it (``spark://host:7077``, ``k8s://...``, ``yarn``); without it, here with two threads."""
_HERE = "local[2]"


class _Spark:
    """A session with views of its own; one Spark serves all that this process opens."""

    def __init__(self, spark: SparkSession) -> None:
        self._spark = spark

    def rows(self, name: str, vault: Vault, file: Path, kinds: Mapping[str, str]) -> None:
        self._lend(name, stored_rows(vault, [file], kinds).read_all())

    def put(self, name: str, frame: pl.DataFrame) -> None:
        self._lend(name, frame.to_arrow())

    def fetch(self, query: str) -> pl.DataFrame:
        found = pl.from_arrow(self._spark.sql(translated(query)).toArrow())
        assert isinstance(found, pl.DataFrame)
        return found

    def _lend(self, name: str, table: pa.Table) -> None:
        plain = pa.schema([(one.name, one.type if pa.types.is_integer(one.type) else pa.string()) for one in table.schema])
        self._spark.createDataFrame(table.cast(plain)).createOrReplaceTempView(name)


def spark_engine() -> _Spark:
    """A session of Spark; ``BadInput`` where it, SQLGlot or Java is not there."""
    missing = [name for name in ("pyspark", "sqlglot") if find_spec(name) is None]
    if missing:
        raise BadInput("SPARK_NOT_INSTALLED", missing=", ".join(missing))
    return _Spark(_started().newSession())


def translated(query: str) -> str:
    """A query of DuckDB's as Spark's; what Spark has no word for is an error, not left as it is."""
    import sqlglot

    [told] = sqlglot.transpile(query, read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE)
    return told


@cache
def _started() -> SparkSession:
    from pyspark import SparkConf, SparkContext
    from pyspark.errors import PySparkRuntimeError
    from pyspark.java_gateway import launch_gateway
    from pyspark.sql import SparkSession

    settings = SparkConf().setAll(list(_settings(os.environ.get(MASTER, _HERE)).items()))
    try:
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        gateway = launch_gateway(settings, popen_kwargs=silent)  # type: ignore[no-untyped-call]  # pyspark has no types there
    except PySparkRuntimeError:
        raise BadInput("SPARK_NEEDS_JAVA") from None
    return SparkSession(SparkContext(conf=settings, gateway=gateway))


def _settings(master: str) -> dict[str, str]:
    settings = {
        "spark.app.name": "avbrott",
        "spark.master": master,
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.io.encryption.enabled": "true",
        "spark.io.encryption.keySizeBits": "256",
    }
    if master.startswith("local"):
        return settings | {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    return settings | {"spark.authenticate": "true", "spark.network.crypto.enabled": "true"}
