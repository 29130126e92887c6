// The pictures of one camera on their way from the socket to the canvas. At most one is being decoded and one waits; the newest wins.

const RATE_WINDOW_MICROS = 5e6;

export class Feed {
  /** The frame on the canvas: its header, and its bitmap, which this feed owns. null before the first. */
  frame = null;
  bitmap = null;
  /** Capture time of the newest picture known to be good, and how old it was when it was painted (or arrived, while off screen). */
  captureTimeMicros = null;
  latencyMicros = 0;
  /** Whether the newest pictures could not be read by the browser. */
  unreadable = false;

  #waiting = null;
  #decoding = false;
  #visible = false;
  #onReady = null;
  #captures = [];

  /** Called with nothing when {@link frame} is a new one to be painted. */
  set onReady(callback) {
    this.#onReady = callback;
  }

  /** Off screen nothing is decoded; the newest frame waits, so that it is there at once when the tile is scrolled to. */
  set visible(visible) {
    this.#visible = visible;
    if (visible) this.#decodeNext();
  }

  offer(frame, nowMicros) {
    this.#captures.push(frame.captureTimeMicros);
    while (this.#captures[0] < frame.captureTimeMicros - RATE_WINDOW_MICROS) this.#captures.shift();
    this.#waiting = frame;
    if (this.#visible) this.#decodeNext();
    else this.#seen(frame, nowMicros);
  }

  /** Said by the tile at the paint of {@link frame}. */
  painted(nowMicros) {
    this.#seen(this.frame, nowMicros);
  }

  #seen(frame, nowMicros) {
    this.captureTimeMicros = frame.captureTimeMicros;
    this.latencyMicros = nowMicros - frame.captureTimeMicros;
  }

  /** Pictures a second over the last five seconds of the camera's own time; null before the second. */
  framesPerSecond(nowMicros) {
    const n = this.#captures.length;
    if (n > 0 && nowMicros - this.#captures[n - 1] > RATE_WINDOW_MICROS) return 0;
    if (n < 2) return null;
    const span = this.#captures[n - 1] - this.#captures[0];
    return span > 0 ? ((n - 1) * 1e6) / span : null;
  }

  /** Forgets what waits, so that nothing old is shown after a pause or a lost connection. The picture on the canvas stays: its tile says it is old. */
  interrupt() {
    this.#waiting = null;
    this.#captures = [];
  }

  close() {
    this.#onReady = null;
    this.interrupt();
    this.bitmap?.close();
    this.bitmap = null;
    this.frame = null;
  }

  async #decodeNext() {
    if (this.#decoding) return;
    this.#decoding = true;
    try {
      while (this.#waiting && this.#visible) {
        const frame = this.#waiting;
        this.#waiting = null;
        await this.#decode(frame);
      }
    } finally {
      this.#decoding = false;
    }
  }

  async #decode(frame) {
    let bitmap;
    try {
      bitmap = await createImageBitmap(new Blob([frame.jpeg], {type: 'image/jpeg'}));
    } catch {
      // Not a picture for this browser. Its age goes on growing, and the tile says why.
      this.unreadable = true;
      return;
    }
    if (!this.#onReady) {
      bitmap.close();
      return;
    }
    this.unreadable = false;
    frame.jpeg = null;
    this.bitmap?.close();
    this.bitmap = bitmap;
    this.frame = frame;
    this.#onReady();
  }
}
