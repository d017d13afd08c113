// Loaded before Millpond (`--import`): its calendar stands still at MILLPOND_TEST_FROZEN_AT. Timers and the
// monotonic clock go on as they are.
const RealDate = Date;
const now = () => RealDate.parse(process.env.MILLPOND_TEST_FROZEN_AT);

class FrozenDate extends RealDate {
  constructor(...given) {
    super(...(given.length === 0 ? [now()] : given));
  }

  static now() {
    return now();
  }
}
globalThis.Date = FrozenDate;
