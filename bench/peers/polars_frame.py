"""polars: read_json with a schema, decimals and dates made in the frame."""

import gzip

import polars

from contest import contest
from frames import prepare_with, store

TYPES = {"BIGINT": polars.Int64, "VARCHAR": polars.String, "DOUBLE": polars.Float64, "DATE": polars.String}


def read(job, file):
    schema = {name: TYPES.get(type, polars.Float64) for name, type in job.columns}
    with gzip.open(file) as plain:
        frame = polars.read_json(plain.read(), schema=schema)
    decimals = [
        polars.col(name).cast(polars.Decimal(18, 6)) for name, type in job.columns if type.startswith("DECIMAL")
    ]
    return frame.with_columns(polars.col("date").str.to_date(), *decimals)


def work(job):
    return store(job, polars.concat([read(job, file) for file in job.files]))


contest(prepare_with(work), work, ["polars", "duckdb"])
