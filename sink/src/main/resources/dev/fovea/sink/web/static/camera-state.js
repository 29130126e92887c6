// What a tile says of its camera: pure rules from what the server reports, what was painted, and the link.
import {clock, duration, moment, plural, unstopped} from './format.js';

/** Older than this is behind. */
export const BEHIND_MICROS = 1e6;
/** Older than this is no picture. */
export const GONE_MICROS = 10e6;

const seconds = (micros) => micros / 1e6;

/** Word and glyph of each state; the order is that of the phone's wall, problems first. */
export const STATES = {
  'no-picture': {word: 'No picture', glyph: 'cross', tone: 'bad'},
  behind: {word: 'Behind', glyph: 'triangle', tone: 'warn'},
  connecting: {word: 'Connecting', glyph: 'ring', tone: 'quiet'},
  stopped: {word: 'Stopped', glyph: 'ring', tone: 'quiet'},
  ended: {word: 'Ended', glyph: 'ring', tone: 'quiet'},
  unknown: {word: 'Unknown', glyph: 'ring', tone: 'quiet'},
  paused: {word: 'Paused', glyph: 'ring', tone: 'quiet'},
  live: {word: 'Live', glyph: 'dot', tone: 'ok'},
};

export const SEVERITY = Object.keys(STATES);

/**
 * How old the newest picture may be before the camera is behind. One second; a camera slower than two frames a second is given two of its own intervals,
 * or it would be behind between any two pictures.
 */
export function behindAfterMicros(framesPerSecond) {
  return framesPerSecond > 0 && framesPerSecond < 2 ? Math.min(GONE_MICROS / 2, 2e6 / framesPerSecond) : BEHIND_MICROS;
}

/**
 * The state of one tile.
 *
 * camera: as the server sends it. captureTimeMicros: of the newest picture here, or null. latencyMicros: how old that was when painted.
 * unreadable: the browser could not decode the newest. nowMicros: the server's clock. lostAtMicros: when the page lost the server, or null. paused: the page asked for no pictures.
 *
 * Returns {key, word, glyph, tone, title, detail, stale, ageMicros}. title and detail are for the stage and null where the picture speaks for itself;
 * stale means that whatever picture is there must not look live.
 */
export function tileState({camera, captureTimeMicros, latencyMicros = 0, unreadable = false, nowMicros, lostAtMicros = null, paused = false}) {
  const has = captureTimeMicros !== null;
  const age = has ? Math.max(0, nowMicros - captureTimeMicros) : null;
  const at = (micros) => moment(micros, nowMicros);
  const say = (key, title, detail, stale = true) => ({key, ...STATES[key], title, detail, stale, ageMicros: age});

  const reported = newerThanReport(camera, captureTimeMicros) ? 'LIVE' : camera.state;
  if (lostAtMicros !== null) return lost(camera, reported, captureTimeMicros, lostAtMicros, at, say);

  switch (reported) {
    case 'NO_PICTURE': {
      const since = captureTimeMicros ?? camera.lastCaptureTimeMicros ?? camera.sinceMicros;
      return say('no-picture', `No picture since ${at(since)}`, causeAndRetry(camera, nowMicros));
    }
    case 'CONNECTING':
      return say('connecting', 'Connecting', connecting(camera, nowMicros));
    case 'ENDED':
      return say('ended', `Ended at ${at(camera.sinceMicros)}`, capital(unstopped(camera.cause || 'The source was read to its end')));
    case 'STOPPED':
      return say('stopped', `Stopped at ${at(camera.sinceMicros)}`, capital(unstopped(camera.cause || 'Ingest was shut down in order')));
    default:
  }

  if (paused) return say('paused', 'Paused', 'This page was in the background');
  if (!has) return waiting(camera, nowMicros, say);
  if (age >= GONE_MICROS) return say('no-picture', `No picture since ${at(captureTimeMicros)}`, silence(camera, captureTimeMicros, unreadable));
  if (Math.max(latencyMicros, age) >= behindAfterMicros(camera.framesPerSecond)) return say('behind', null, null, false);
  return say('live', null, null, false);
}

/** A picture taken after the state began is proof that the state is over: the status is only not here yet. */
function newerThanReport(camera, captureTimeMicros) {
  return captureTimeMicros !== null && camera.state !== 'LIVE' && captureTimeMicros > camera.sinceMicros;
}

function lost(camera, reported, captureTimeMicros, lostAtMicros, at, say) {
  if (reported === 'NO_PICTURE') {
    const since = captureTimeMicros ?? camera.lastCaptureTimeMicros ?? camera.sinceMicros;
    const cause = camera.cause ? `${capital(unstopped(camera.cause))}; state` : 'State';
    return say('unknown', `No picture since ${at(since)}`, `${cause} unknown since ${clock(lostAtMicros)}`);
  }
  if (captureTimeMicros === null) return say('unknown', 'No picture yet', 'This page is disconnected');
  return say('unknown', `Picture from ${at(captureTimeMicros)}`, 'Not live: this page is disconnected');
}

function causeAndRetry(camera, nowMicros) {
  const cause = capital(unstopped(camera.cause || 'The source gave no picture'));
  if (camera.retryAtMicros === null || camera.retryAtMicros === undefined) return cause;
  const left = Math.ceil(seconds(camera.retryAtMicros - nowMicros));
  return left > 0 ? `${cause}, retrying in ${duration(left)}` : `${cause}, retrying now`;
}

function connecting(camera, nowMicros) {
  const tried = `try ${Math.max(1, camera.attempt)}, for ${duration(seconds(nowMicros - camera.sinceMicros))}`;
  return camera.cause ? `${tried}. ${capital(unstopped(camera.cause))}` : tried;
}

/** Live for ingest, but nothing painted yet: with the detector's first answer the picture comes. */
function waiting(camera, nowMicros, say) {
  const since = seconds(nowMicros - camera.sinceMicros);
  if (camera.lastCaptureTimeMicros && since >= seconds(GONE_MICROS)) {
    return say('connecting', 'Waiting for the first picture', 'Ingest sends frames; the detector has answered none yet');
  }
  return say('connecting', 'Waiting for the first picture', `connected ${duration(since)} ago`);
}

/** Why a camera that ingest calls live shows nothing: does ingest send nothing, or does nobody answer? */
function silence(camera, captureTimeMicros, unreadable) {
  if (unreadable) return 'Pictures come, but this browser cannot read them';
  const sent = camera.lastCaptureTimeMicros;
  return sent && sent - captureTimeMicros > 2e6
    ? 'Ingest sends frames, but the detector has not answered them'
    : 'Ingest has published no frame since, and has not said why';
}

function capital(sentence) {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

/** "5 of 6 cameras live". */
export function liveCount(states) {
  const live = states.filter((s) => s.key === 'live' || s.key === 'behind').length;
  return `${live} of ${plural(states.length, 'camera')} live`;
}
