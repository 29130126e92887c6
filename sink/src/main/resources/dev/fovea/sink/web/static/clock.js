// The server's clock, as this page knows it.

/** Wall time in microseconds that never steps: the page's start plus a monotonic clock. */
export const localMicros = () => (performance.timeOrigin + performance.now()) * 1000;

const KEPT = 8;

/**
 * The difference between the server's clock and this machine's, from ping and pong. Of the last few answers the one with the
 * shortest round trip counts (as NTP does): its error is at most half that trip.
 */
export class ServerClock {
  #samples = [];

  /** All in microseconds: when the ping left, when the pong came (both local), and what the server's clock said in between. */
  add(sentMicros, receivedMicros, serverMicros) {
    const roundTrip = receivedMicros - sentMicros;
    if (!(roundTrip >= 0) || !Number.isFinite(serverMicros)) return;
    this.#samples.push({roundTrip, offset: serverMicros - (sentMicros + receivedMicros) / 2});
    if (this.#samples.length > KEPT) this.#samples.shift();
  }

  /** Whether any answer has come. */
  get known() {
    return this.#samples.length > 0;
  }

  /** Server minus local, microseconds; 0 while unknown. */
  get offsetMicros() {
    if (!this.known) return 0;
    return this.#samples.reduce((best, s) => (s.roundTrip < best.roundTrip ? s : best)).offset;
  }

  /** A new connection may be to another machine. */
  reset() {
    this.#samples = [];
  }

  now() {
    return localMicros() + this.offsetMicros;
  }
}
