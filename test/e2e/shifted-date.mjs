// Loaded before Millpond (`--import`): its calendar is moved on by MILLPOND_TEST_SHIFT_MS, or stands still at
// MILLPOND_TEST_FROZEN_AT. Timers and the monotonic clock go on as they are.
const shift = Number(process.env.MILLPOND_TEST_SHIFT_MS ?? 0);
const frozen = process.env.MILLPOND_TEST_FROZEN_AT;
const RealDate = Date;
const now = () => (frozen === undefined ? RealDate.now() + shift : RealDate.parse(frozen));

class ShiftedDate extends RealDate {
  constructor(...given) {
    super(...(given.length === 0 ? [now()] : given));
  }

  static now() {
    return now();
  }
}
globalThis.Date = ShiftedDate;
