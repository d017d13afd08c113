"""Singer: a tap of our own on orjson (quicker than one made with the SDK), piped into target-duckdb."""

import json
import os
import subprocess
import sys

from contest import contest, duckdb_table

HERE = os.path.dirname(os.path.abspath(__file__))


def work(job):
    file = job.path("singer.duckdb")
    settings = {
        "filepath": file,
        "default_target_schema": "main",
        "add_metadata_columns": False,
        "batch_size_rows": 100_000,
        "primary_key_required": False,
    }
    with open(job.path("target.json"), "w") as config:
        json.dump(settings, config)
    tap = subprocess.Popen(
        [sys.executable, os.path.join(HERE, "singer_tap.py"), sys.argv[1]], stdout=subprocess.PIPE
    )
    target = subprocess.run(
        [os.path.join(os.path.dirname(sys.executable), "target-duckdb"), "--config", config.name],
        stdin=tap.stdout,
        stdout=subprocess.DEVNULL,
    )
    tap.stdout.close()
    if tap.wait() != 0 or target.returncode != 0:
        raise RuntimeError(f"tap ended with {tap.returncode}, target with {target.returncode}")
    return duckdb_table(file, "main.t")


contest(lambda job: None, work, ["target-duckdb", "duckdb"])
