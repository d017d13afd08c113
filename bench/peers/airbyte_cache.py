"""PyAirbyte: a declarative source (the machinery of Airbyte's own API sources) into its DuckDB cache.

It reads by HTTP only: a small server of its own serves the files on loopback.
"""

import os
import subprocess
import sys

os.environ["DO_NOT_TRACK"] = os.environ["AIRBYTE_NO_UPDATE_NOTIFIER"] = os.environ["AIRBYTE_OFFLINE_MODE"] = "1"

import airbyte  # noqa: E402
from airbyte.caches import DuckDBCache  # noqa: E402

from contest import contest, duckdb_table  # noqa: E402

TYPES = {
    "DATE": {"type": ["null", "string"], "format": "date"},
    "BIGINT": {"type": ["null", "integer"]},
    "VARCHAR": {"type": ["null", "string"]},
    "DOUBLE": {"type": ["null", "number"]},
    "DECIMAL(18,6)": {"type": ["null", "number"]},
}
SERVE = """
import functools, http.server, sys
handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=sys.argv[1])
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
print(server.server_port, flush=True)
server.serve_forever()
"""


def manifest(job, port):
    requester = {
        "type": "HttpRequester",
        "url_base": f"http://127.0.0.1:{port}",
        "path": "/{{ stream_partition.file }}",
        "http_method": "GET",
    }
    retriever = {
        "type": "SimpleRetriever",
        "requester": requester,
        "record_selector": {"type": "RecordSelector", "extractor": {"type": "DpathExtractor", "field_path": []}},
        "decoder": {"type": "GzipDecoder", "decoder": {"type": "JsonDecoder"}},
        "partition_router": {
            "type": "ListPartitionRouter",
            "values": [os.path.basename(file) for file in job.files],
            "cursor_field": "file",
        },
    }
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "properties": {name: TYPES[type] for name, type in job.columns},
    }
    stream = {
        "type": "DeclarativeStream",
        "name": "t",
        "primary_key": [],
        "retriever": retriever,
        "schema_loader": {"type": "InlineSchemaLoader", "schema": schema},
    }
    return {
        "version": "6.0.0",
        "type": "DeclarativeSource",
        "check": {"type": "CheckStream", "stream_names": ["t"]},
        "streams": [stream],
        "spec": {"type": "Spec", "connection_specification": {"type": "object", "properties": {}}},
    }


def work(job):
    file = job.path("airbyte.duckdb")
    folder = os.path.dirname(job.files[0])
    server = subprocess.Popen(
        [sys.executable, "-c", SERVE, folder], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        port = server.stdout.readline().strip()
        source = airbyte.get_source("source-bench", config={}, source_manifest=manifest(job, port), streams="*")
        cache = DuckDBCache(db_path=file)
        source.read(cache=cache, write_strategy="replace", force_full_refresh=True)
        cache.close()
    finally:
        server.kill()
        server.wait()
    return duckdb_table(file, "main.t")


contest(lambda job: None, work, ["airbyte", "duckdb"])
