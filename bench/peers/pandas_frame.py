"""pandas: read_json with nullable types, then DuckDB's cast to the table's types."""

import pandas

from contest import contest
from frames import prepare_with, store


def read(file):
    return pandas.read_json(file, convert_dates=["date"], dtype_backend="pyarrow")


def work(job):
    frames = [read(file) for file in job.files]
    return store(job, frames[0] if len(frames) == 1 else pandas.concat(frames, ignore_index=True))


contest(prepare_with(work), work, ["pandas", "pyarrow", "duckdb"])
