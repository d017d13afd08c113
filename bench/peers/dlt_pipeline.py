"""What both forms of dlt share: destination, disposition, where it keeps its state."""

import os

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["RUNTIME__LOG_LEVEL"] = "ERROR"
os.environ["DATA_WRITER__COMPRESSION"] = os.environ["NORMALIZE__DATA_WRITER__COMPRESSION"] = "zstd"

import dlt  # noqa: E402

from contest import duckdb_table, parquet_files  # noqa: E402


def load(job, rows, **resource):
    """Loads what `rows()` yields into the table `t`, as Parquet load files, which dlt advises for DuckDB."""
    if job.load == "reload":
        # The slice is replaced: rows of the days that arrive are deleted first.
        resource["write_disposition"] = {"disposition": "merge", "strategy": "delete-insert"}
        resource["merge_key"] = "date"
    else:
        resource["write_disposition"] = "replace"
    if job.sink == "parquet":
        destination = dlt.destinations.filesystem("file://" + job.path("out"))
        loaded = parquet_files(job.path("out/d/t/*.parquet"))
    else:
        destination = dlt.destinations.duckdb(job.path("dlt.duckdb"))
        loaded = duckdb_table(job.path("dlt.duckdb"), "d.t")
    pipeline = dlt.pipeline(
        "bench", destination=destination, dataset_name="d", pipelines_dir=job.path("state")
    )
    info = pipeline.run(dlt.resource(rows, name="t", **resource), loader_file_format="parquet")
    info.raise_on_failed_jobs()
    return loaded


def preparing(work):
    """A reload is prepared by the same load, as the first one: merge into nothing."""
    return lambda job: work(job) and None
