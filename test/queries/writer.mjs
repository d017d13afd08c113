// Commits one row, holds the file until it is told to stop, and then closes it properly.
import { DuckDBInstance } from '@duckdb/node-api';

const instance = await DuckDBInstance.create(process.argv[2]);
const connection = await instance.connect();
await connection.run("INSERT INTO amazon_ads.campaigns (campaign_id, name) VALUES (9, 'late')");
process.on('SIGTERM', () => {
  connection.closeSync();
  instance.closeSync();
  process.exit(0);
});
setInterval(() => {}, 1000);
console.log('holding');
