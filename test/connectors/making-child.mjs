// Makes one snapshot in a process of its own, so that it can be killed on its way.
import { partnerCentral } from '../../dist/connectors/partner-central/index.js';

const { config, folder, wanted } = JSON.parse(process.argv[2]);
const settings = { name: 'partners', schema: 'partner_central', reload: () => config };
const source = await partnerCentral.open(settings, partnerCentral.config.parse(config));
const log = { debug() {}, info() {}, warn() {}, error() {} };
const signal = new AbortController().signal;
await source
  .making(folder)
  .create(wanted, { signal, now: () => new Date(), log, budget: { memoryBytes: 1e8, threads: 1 } });
await source.close();
