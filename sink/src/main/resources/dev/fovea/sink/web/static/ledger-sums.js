// The frame ledger in sums and words. Pure: the popover and the strip only show what is worked out here.
import {count, plural} from './format.js';

/** Ingest's causes of a drop, in an operator's words; one that is not listed is shown as it is. */
const CAUSES = {
  backpressure: 'queue full',
  'too-large': 'too large',
  'encode-failed': 'not encodable',
  'producer-failed': 'Kafka client failed',
};

const OUTCOMES = ['detected', 'unchanged', 'stale', 'undecodable'];

/** The ledgers of several cameras as one. Cameras whose ledger has not been read are left out. */
export function addUp(cameras) {
  const sum = {decoded: 0, sampledOut: 0, dropped: {}, published: 0, beforeStore: 0, inFlight: 0, unaccounted: 0};
  for (const outcome of OUTCOMES) sum[outcome] = 0;
  for (const {ledger} of cameras) {
    if (!ledger) continue;
    for (const key of ['decoded', 'sampledOut', 'published', 'beforeStore', 'inFlight', 'unaccounted', ...OUTCOMES]) sum[key] += ledger[key] ?? 0;
    for (const [cause, n] of Object.entries(ledger.dropped ?? {})) sum.dropped[cause] = (sum.dropped[cause] ?? 0) + n;
  }
  return sum;
}

/**
 * The two equations as rows to print: [{label, value}], then the difference, which is 0 where every frame has its line.
 * decoded = sampled out + dropped + published; published = the outcomes + in flight, and what was answered before a database that was made anew begins.
 */
export function equations(ledger) {
  const drops = Object.entries(ledger.dropped ?? {}).sort(([a], [b]) => a.localeCompare(b));
  const ingest = [
    {label: 'sampled out', value: ledger.sampledOut},
    ...drops.map(([cause, n]) => ({label: `dropped, ${CAUSES[cause] ?? cause}`, value: n})),
    {label: 'published', value: ledger.published},
  ];
  const answered = [
    ...OUTCOMES.map((outcome) => ({label: outcome, value: ledger[outcome]})),
    {label: 'in flight (the lag)', value: ledger.inFlight},
  ];
  if (ledger.beforeStore) answered.unshift({label: 'answered before this database began', value: ledger.beforeStore});
  const total = (rows) => rows.reduce((sum, row) => sum + row.value, 0);
  return [
    {whole: 'decoded', value: ledger.decoded, parts: ingest, difference: ledger.decoded - total(ingest)},
    {whole: 'published', value: ledger.published, parts: answered, difference: ledger.published - total(answered)},
  ];
}

/** Which cameras' books do not close, worst first. */
export function unbalanced(cameras) {
  return cameras
    .filter((camera) => camera.ledger?.state === 'unbalanced')
    .map((camera) => ({id: camera.id, frames: missing(camera.ledger)}))
    .sort((a, b) => b.frames - a.frames);
}

/** Frames without a line: what the server counts, or what the equations on screen leave over, whichever is more. */
function missing(ledger) {
  const differences = equations(ledger).reduce((sum, equation) => sum + Math.abs(equation.difference), 0);
  return Math.max(Math.abs(ledger.unaccounted ?? 0), differences);
}

/** The strip's verdict: {state, word, detail, tone}; null while nothing has been read. */
export function verdict(cameras) {
  const read = cameras.filter((camera) => camera.ledger);
  if (read.length === 0) return null;
  const wrong = unbalanced(read);
  const inFlight = read.reduce((sum, camera) => sum + (camera.ledger.inFlight ?? 0), 0);
  const flying = `${count(inFlight)} in flight`;
  if (wrong.length > 0) {
    const frames = wrong.reduce((sum, camera) => sum + camera.frames, 0);
    const detail = wrong.length === 1 ? wrong[0].id : `${plural(wrong.length, 'camera')}, ${flying}`;
    return {state: 'unbalanced', word: `${plural(frames, 'frame')} unaccounted for`, detail, tone: 'bad'};
  }
  if (read.some((camera) => camera.ledger.state === 'settling')) return {state: 'settling', word: 'Settling', detail: flying, tone: 'quiet'};
  return {state: 'balanced', word: 'Balanced', detail: flying, tone: 'ok'};
}

/** The popover's sentence under the equations. goneUntil: [{id, at}] cameras whose counting stands still, and since when. */
export function conclusion(cameras, goneUntil) {
  const wrong = unbalanced(cameras);
  const first =
    wrong.length > 0
      ? `${wrong.map(({id, frames}) => `${id}: ${plural(frames, 'frame')} without a line`).join('; ')}. No outcome was recorded for them.`
      : verdict(cameras)?.state === 'settling'
        ? 'Frames are on their way; the sums close when they have arrived.'
        : 'Every frame is accounted for.';
  const still = goneUntil.map(({id, at}) => ` ${id} counts up to ${at}.`).join('');
  return first + still;
}

/** The equations as plain text, for the clipboard. */
export function asText(title, cameras) {
  const lines = [title];
  const block = (name, ledger) => {
    lines.push('', name);
    for (const {whole, value, parts, difference} of equations(ledger)) {
      lines.push(`  ${whole} ${value} = ${parts.map((part) => `${part.label} ${part.value}`).join(' + ')} (difference ${difference})`);
    }
  };
  block('all cameras', addUp(cameras));
  for (const camera of cameras) if (camera.ledger) block(camera.id, camera.ledger);
  return lines.join('\n');
}
