"""A Singer tap of one stream: reads the job's files, prints schema, records and state."""

import gzip
import json
import sys

import orjson

TYPES = {
    "DATE": {"type": ["null", "string"], "format": "date"},
    "BIGINT": {"type": ["null", "integer"], "minimum": -(2**63), "maximum": 2**63 - 1},
    "VARCHAR": {"type": ["null", "string"]},
    "DOUBLE": {"type": ["null", "number"]},
    "DECIMAL(18,6)": {"type": ["null", "number"], "multipleOf": 0.000001},
}

job = json.loads(sys.argv[1])
out = sys.stdout.buffer


def say(message):
    out.write(orjson.dumps(message) + b"\n")


properties = {name: TYPES[type] for name, type in job["columns"]}
say({"type": "SCHEMA", "stream": "t", "schema": {"type": "object", "properties": properties}, "key_properties": []})
for number, file in enumerate(job["files"], 1):
    with gzip.open(file) as plain:
        for record in orjson.loads(plain.read()):
            say({"type": "RECORD", "stream": "t", "record": record})
    say({"type": "STATE", "value": {"files": number}})
