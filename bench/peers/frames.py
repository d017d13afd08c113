"""What a data frame needs to come to rest: typed in DuckDB, or as one Parquet file."""

import duckdb

from contest import duckdb_table, parquet_files


def store(job, frame):
    """`frame` is found by DuckDB under its name here; types that it lacks are cast on the way in."""
    rows = "SELECT " + ", ".join(f'"{name}"::{type} AS "{name}"' for name, type in job.columns) + " FROM frame"
    if job.sink == "parquet":
        with duckdb.connect(config={"threads": job.threads}) as connection:
            connection.execute(f"COPY ({rows}) TO '{job.path('out.parquet')}' (FORMAT parquet, COMPRESSION zstd)")
        return parquet_files(job.path("out.parquet"))
    file = job.path("frame.duckdb")
    with duckdb.connect(file, config={"threads": job.threads}) as connection:
        if job.load == "first":
            connection.execute(f"CREATE TABLE t AS {rows}")
        else:
            connection.execute("BEGIN")
            connection.execute(f"DELETE FROM t WHERE date = '{job.slices[0]}'")
            connection.execute(f"INSERT INTO t {rows}")
            connection.execute("COMMIT")
    return duckdb_table(file, "t")


def prepare_with(work):
    """Prepares a reload by the same way as a first load."""

    def prepare(job):
        job.load = "first"
        work(job)

    return prepare
