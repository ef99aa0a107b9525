// Preloaded: this process believes that it is 45 seconds earlier.
const now = Date.now;
const BEHIND_MS = 45_000;
globalThis.Date = class extends Date {
  constructor(...given) {
    super(...(given.length === 0 ? [now() - BEHIND_MS] : given));
  }
  static now() {
    return now() - BEHIND_MS;
  }
};
