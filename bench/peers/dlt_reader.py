"""dlt around DuckDB's own reader: a resource that yields Arrow batches of a typed read_json."""

import duckdb

from contest import contest
from dlt_pipeline import load, preparing


def work(job):
    def rows():
        connection = duckdb.connect(config={"threads": job.threads})
        yield from connection.sql(f"SELECT * FROM {job.reader()}").to_arrow_reader(100_000)

    return load(job, rows)


contest(preparing(work), work, ["dlt", "duckdb", "pyarrow"])
