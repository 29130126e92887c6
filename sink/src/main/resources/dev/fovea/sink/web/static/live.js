// The one connection to the server: messages in, the server's clock, and coming back by itself.
import {ServerClock, localMicros} from './clock.js';

/** Waits before the tries to reconnect, seconds; the last one repeats. Each is shortened at random, so that a server that restarts is not met by all pages at once. */
const BACK_OFF_SECONDS = [1, 2, 4, 8, 10];
const SHORTEN_BY = 0.25;
/** The server says something every second: this much silence is a dead connection that TCP has not noticed. */
const SILENCE_MICROS = 5e6;
const PINGS_AT_START = 4;
const PING_EVERY_MS = 5000;
const PING_AT_START_EVERY_MS = 250;

const utf8 = new TextDecoder();

/** A binary message: a big-endian length, a JSON header, and the JPEG. Returns the header with jpeg (a view, no copy). */
export function parseFrame(buffer) {
  const length = new DataView(buffer).getUint32(0);
  const header = JSON.parse(utf8.decode(new Uint8Array(buffer, 4, length)));
  header.jpeg = new Uint8Array(buffer, 4 + length);
  return header;
}

/**
 * listener: {status(), cameras(message), summary(message), counts(message), frame(frame)}; all are called on the page's thread.
 */
export class Live {
  clock = new ServerClock();
  /** 'connecting' before the first success, then 'open' or 'lost'. */
  status = 'connecting';
  /** The server's time of the last word from it; null unless lost. */
  lostAtMicros = null;
  /** Local time of the next try; null while one runs or the connection is open. */
  nextTryAtMicros = null;

  #url;
  #listener;
  #socket = null;
  #failures = 0;
  #retryTimer = 0;
  #pingTimer = 0;
  #watchTimer = 0;
  #heardAtMicros = 0;

  constructor(url, listener) {
    this.#url = url;
    this.#listener = listener;
  }

  connect() {
    clearTimeout(this.#retryTimer);
    this.#detach();
    this.nextTryAtMicros = null;
    const socket = new WebSocket(this.#url);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.#opened();
    socket.onmessage = (event) => this.#received(event.data);
    socket.onclose = () => this.#lost();
    this.#socket = socket;
    this.#listener.status();
  }

  /** Whether a try is running. */
  get trying() {
    return this.status !== 'open' && this.nextTryAtMicros === null;
  }

  send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #opened() {
    this.clock.reset();
    this.status = 'open';
    this.lostAtMicros = null;
    this.#failures = 0;
    this.#heardAtMicros = localMicros();
    this.#ping(PINGS_AT_START);
    this.#watch();
    this.#listener.status();
  }

  /** A few quick ones first: the offset must be good before the first latency is shown. */
  #ping(quick) {
    this.send({type: 'ping', t: localMicros()});
    this.#pingTimer = setTimeout(() => this.#ping(quick - 1), quick > 1 ? PING_AT_START_EVERY_MS : PING_EVERY_MS);
  }

  #watch() {
    this.#watchTimer = setInterval(() => {
      if (localMicros() - this.#heardAtMicros > SILENCE_MICROS) this.#lost();
    }, 500);
  }

  #received(data) {
    const now = localMicros();
    this.#heardAtMicros = now;
    let message;
    try {
      message = typeof data === 'string' ? JSON.parse(data) : parseFrame(data);
    } catch (e) {
      console.error('A message of the server could not be read; it was left out.', e);
      return;
    }
    if (message.type === 'pong') {
      this.clock.add(message.t, now, message.serverTimeMicros);
      return;
    }
    // Before the first pong the server's own stamp will do: off by the way here, but not by a wrong clock.
    if (!this.clock.known && message.serverTimeMicros) this.clock.add(now - 2e6, now, message.serverTimeMicros - 1e6);
    this.#listener[message.type]?.(message);
  }

  #lost() {
    this.#detach();
    if (this.status === 'open') {
      this.status = 'lost';
      this.lostAtMicros = this.#heardAtMicros + this.clock.offsetMicros;
    }
    const wait = BACK_OFF_SECONDS[Math.min(this.#failures++, BACK_OFF_SECONDS.length - 1)] * (1 - SHORTEN_BY * Math.random());
    this.nextTryAtMicros = localMicros() + wait * 1e6;
    this.#retryTimer = setTimeout(() => this.connect(), wait * 1000);
    this.#listener.status();
  }

  #detach() {
    clearTimeout(this.#pingTimer);
    clearInterval(this.#watchTimer);
    const socket = this.#socket;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
    this.#socket = null;
  }
}
