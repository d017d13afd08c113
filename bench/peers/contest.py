"""What every Python contestant shares: its job, its clock, and the line that says how it went.

The job is JSON in the only argument (bench/contestants/job.ts). Importing libraries comes before
the clock starts, for everybody alike.
"""

import json
import os
import resource
import sys
import time
from importlib.metadata import version


class Job:
    def __init__(self):
        self.__dict__.update(json.loads(sys.argv[1]))

    def path(self, name):
        return os.path.join(self.folder, name)

    def reader(self):
        """DuckDB's own reader of the files, with every column's type spelled out."""
        typed = ", ".join(f"\"{name}\": '{type}'" for name, type in self.columns)
        return f"read_json({self.files}, format='array', columns={{{typed}}})"


def contest(prepare, work, packages):
    """Runs `prepare(job)` or the measured `work(job)`, which says where the rows are: `duckdb_table(...)` or `parquet_files(...)`."""
    job = Job()
    if job.action == "prepare":
        prepare(job)
        print("RESULT {}", flush=True)
        return
    cpu_before, began = cpu_seconds(), time.perf_counter()
    loaded = work(job)
    seconds, cpu = time.perf_counter() - began, cpu_seconds() - cpu_before
    result = {
        "seconds": seconds,
        "cpuSeconds": cpu,
        "ownPeakMiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "loaded": loaded,
        "versions": {package: version(package) for package in packages},
    }
    if "file" in loaded:
        result["fileBytes"] = os.path.getsize(loaded["file"])
    print("RESULT " + json.dumps(result), flush=True)


def cpu_seconds():
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def duckdb_table(file, table):
    return {"file": file, "table": table}


def parquet_files(glob):
    return {"glob": glob}
