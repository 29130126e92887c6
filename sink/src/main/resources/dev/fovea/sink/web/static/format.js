// How numbers, times and durations are written. Pure functions: no DOM, no clock of their own.

/** U+202F, narrow and without a break: thousands are grouped by it, units are joined by it nowhere. */
const THIN = '\u202f';
const MINUS = '\u2212';

/** What stands where a value is not known. The reason is said beside it. */
export const NONE = '—';

/** 8412921 → "8 412 921", with thin spaces; fractions are rounded. */
export function count(value) {
  const digits = String(Math.abs(Math.round(value)));
  const grouped = digits.replace(/\B(?=(\d{3})+$)/g, THIN);
  return value < 0 && digits !== '0' ? MINUS + grouped : grouped;
}

/** A rate with one decimal below 100, none above: 31.4, 118. */
export function rate(value) {
  return Math.abs(value) < 99.95 ? value.toFixed(1) : count(value);
}

/** Milliseconds as "1 310 ms". */
export function millis(value) {
  return `${count(value)} ms`;
}

/** A score between 0 and 1 as ".95"; what rounds to one is "1.0". */
export function score(value) {
  const hundredths = Math.round(value * 100);
  if (hundredths >= 100) return '1.0';
  return `.${String(Math.max(0, hundredths)).padStart(2, '0')}`;
}

const two = (n) => String(n).padStart(2, '0');
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const dateOf = (micros) => new Date(micros / 1000);

/** "14:02:46" in the viewer's time zone. */
export function clock(micros) {
  const d = dateOf(micros);
  return `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
}

/** "14:02", for axes. */
export function hourMinute(micros) {
  return clock(micros).slice(0, 5);
}

/** "Tue 24 Nov 14:02:46". */
export function dateAndClock(micros) {
  const d = dateOf(micros);
  return `${DAYS[d.getDay()]} ${d.getDate()} ${MONTHS[d.getMonth()]} ${clock(micros)}`;
}

/** "14:02:46" if that was within half a day of now, else "23 Nov 14:02:46": a time alone would be mistaken for today's. */
export function moment(micros, nowMicros) {
  if (Math.abs(nowMicros - micros) < 12 * 3600e6) return clock(micros);
  const d = dateOf(micros);
  return `${d.getDate()} ${MONTHS[d.getMonth()]} ${clock(micros)}`;
}

/** Seconds as the largest sensible unit, rounded down: "35 s", "4 min", "3 h 20 min", "6 days". */
export function duration(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 120) return `${s} s`;
  if (s < 7200) return `${Math.floor(s / 60)} min`;
  if (s < 48 * 3600) {
    const minutes = Math.floor((s % 3600) / 60);
    return `${Math.floor(s / 3600)} h${minutes ? ` ${minutes} min` : ''}`;
  }
  return `${Math.floor(s / 86400)} days`;
}

/** "1 frame", "3 frames". */
export function plural(n, singular, many = `${singular}s`) {
  return `${count(n)} ${n === 1 ? singular : many}`;
}

/** A sentence without its full stop, so that it can be continued. */
export function unstopped(sentence) {
  return sentence.trim().replace(/[.\s]+$/, '');
}
