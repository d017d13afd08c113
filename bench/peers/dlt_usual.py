"""dlt in its usual form: a resource that yields dictionaries, with the columns' types as hints."""

import gzip
from decimal import Decimal

import ijson

from contest import contest
from dlt_pipeline import load, preparing

HINTS = {
    "DATE": {"data_type": "date"},
    "BIGINT": {"data_type": "bigint"},
    "VARCHAR": {"data_type": "text"},
    "DOUBLE": {"data_type": "double"},
    "DECIMAL(18,6)": {"data_type": "decimal", "precision": 18, "scale": 6},
}
SCALE = Decimal("0.000001")


def work(job):
    decimals = [name for name, type in job.columns if type.startswith("DECIMAL")]
    doubles = [name for name, type in job.columns if type == "DOUBLE"]

    def rows():
        for file in job.files:
            batch = []
            with gzip.open(file) as plain:
                # ijson streams, and gives numbers with a point as Decimal: exact, as money should be.
                for record in ijson.items(plain, "item"):
                    for name in decimals:
                        record[name] = None if record[name] is None else Decimal(record[name]).quantize(SCALE)
                    for name in doubles:
                        record[name] = None if record[name] is None else float(record[name])
                    batch.append(record)
                    if len(batch) == 5_000:
                        yield batch
                        batch = []
            if batch:
                yield batch

    return load(job, rows, columns={name: dict(HINTS[type]) for name, type in job.columns})


contest(preparing(work), work, ["dlt", "duckdb", "ijson"])
