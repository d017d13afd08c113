/** A replay in a process of its own, so that it can be killed. */
import { loadConfig } from '../../src/config/index.js';
import { registerConnector } from '../../src/connectors/registry.js';
import { makeCtx, replayPipelines } from '../../src/pipelines/index.js';
import { testConnector } from '../support/test-connector.js';

registerConnector(testConnector);
const config = await loadConfig(process.argv[2]!);
const log = { debug() {}, info() {}, warn() {}, error() {} };
const ctx = makeCtx({ signal: new AbortController().signal, log, memoryBytes: config.memoryBytes });
const filters = { pipelines: [], datasets: [], scopes: [], slices: [] };
await replayPipelines({ ...filters, config, parent: null, onEvent() {} }, ctx);
