/** What every connector and every sink must do, for whoever writes one; and the saboteurs that prove the suites. */
export * from './connector.js';
export * from './connector-saboteurs.js';
export * from './sink.js';
export * from './sink-saboteurs.js';
