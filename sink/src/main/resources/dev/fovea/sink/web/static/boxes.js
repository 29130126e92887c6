// Boxes on a picture: where they and their chips go (pure), and how they are drawn (a 2D context). Lengths are CSS pixels of the stage unless said.
import {score} from './format.js';
import {palette} from './classes.js';

/** At or above, a detection is drawn as certain. */
export const CERTAIN = 0.7;
/** Below this box area there is no chip: it would hide more than it says. */
const CHIP_MIN_AREA = 500;
const CHIP_HEIGHT = 17;
const CHIP_PADDING = 5;
const LINE = 2;
const CASING = 4;
const CASING_COLOUR = 'rgb(7 8 10 / 62%)';
const DARK_CHIP = 'rgb(7 8 10 / 86%)';
const CHIP_TEXT = '#0b0d11';
/** The casing's outer edge, from the middle of the line. */
const OUTER = CASING / 2;

/**
 * How a picture of the given pixels lies in the stage: whole, centred, scaled alike in both directions.
 * Returns {scale, x, y, width, height, stageWidth, stageHeight, ratio}; ratio is device pixels per CSS pixel.
 */
export function fit(pictureWidth, pictureHeight, stageWidth, stageHeight, ratio) {
  const scale = Math.min(stageWidth / pictureWidth, stageHeight / pictureHeight);
  const width = pictureWidth * scale;
  const height = pictureHeight * scale;
  return {scale, x: (stageWidth - width) / 2, y: (stageHeight - height) / 2, width, height, stageWidth, stageHeight, ratio};
}

/**
 * Lays out the boxes of one frame, best score first. measure(text) gives a chip text's width; reserved is a part of the stage that no chip may
 * cover, or null.
 * Returns [{label, score, style, certain, slot, rect: {x1, y1, x2, y2}, chip: {x, y, width, height, text, dark} | null}].
 */
export function layOut(boxes, outcome, view, measure, reserved = null) {
  const laid = boxes
    .map((box) => ({
      label: box.label,
      score: box.score,
      style: styleOf(box, outcome),
      certain: box.score >= CERTAIN,
      slot: palette.of(box.label).slot,
      rect: place(box, view),
      chip: null,
    }))
    .sort((a, b) => b.score - a.score);
  const taken = reserved ? [reserved] : [];
  for (const item of laid) {
    if (area(item.rect) < CHIP_MIN_AREA) continue;
    const chip = placeChip(item, laid, taken, view, measure);
    if (chip) {
      item.chip = chip;
      taken.push(chip);
    }
  }
  return laid;
}

function styleOf(box, outcome) {
  if (outcome === 'UNCHANGED') return 'carried';
  return box.score >= CERTAIN ? 'certain' : 'uncertain';
}

/** Frame pixels → stage, on whole device pixels, the whole line inside the stage. */
function place(box, view) {
  const snap = (value) => Math.round(value * view.ratio) / view.ratio;
  const inside = (value, low, high) => Math.min(high - LINE / 2, Math.max(low + LINE / 2, value));
  return {
    x1: snap(inside(view.x + box.x1 * view.scale, view.x, view.x + view.width)),
    y1: snap(inside(view.y + box.y1 * view.scale, view.y, view.y + view.height)),
    x2: snap(inside(view.x + box.x2 * view.scale, view.x, view.x + view.width)),
    y2: snap(inside(view.y + box.y2 * view.scale, view.y, view.y + view.height)),
  };
}

const area = (r) => (r.x2 - r.x1) * (r.y2 - r.y1);

/** Above, below, right-aligned, beside; first where it covers no other box, then where it covers no other chip; else none. */
function placeChip(item, laid, taken, view, measure) {
  const text = chipText(item);
  const width = Math.ceil(measure(text)) + 2 * CHIP_PADDING;
  const spots = candidates(item.rect, width).filter((spot) => insideStage(spot, view) && !taken.some((chip) => overlap(spot, chip)));
  const others = laid.filter((other) => other !== item).map((other) => boxOf(other.rect));
  const spot = spots.find((s) => !others.some((other) => overlap(s, other))) ?? spots[0];
  return spot ? {...spot, text, dark: !item.certain} : null;
}

function chipText(item) {
  const question = item.certain ? '' : ' ?';
  return `${palette.text(item.label)} ${score(item.score)}${question}`;
}

function candidates(rect, width) {
  const height = CHIP_HEIGHT;
  const left = rect.x1 - OUTER;
  const right = rect.x2 + OUTER - width;
  const above = rect.y1 - OUTER - height;
  const below = rect.y2 + OUTER;
  const spot = (x, y) => ({x, y, width, height});
  return [
    spot(left, above),
    spot(left, below),
    spot(right, above),
    spot(right, below),
    spot(rect.x2 + OUTER, rect.y1 - OUTER),
    spot(rect.x1 - OUTER - width, rect.y1 - OUTER),
  ];
}

const boxOf = (rect) => ({x: rect.x1, y: rect.y1, width: rect.x2 - rect.x1, height: rect.y2 - rect.y1});

function insideStage(spot, view) {
  return spot.x >= 0 && spot.y >= 0 && spot.x + spot.width <= view.stageWidth && spot.y + spot.height <= view.stageHeight;
}

function overlap(a, b) {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** Draws what {@link layOut} laid out; the context is scaled to CSS pixels. colours: slot → CSS colour. font: of the chips. */
export function draw(context, laid, colours, font) {
  context.save();
  context.lineJoin = 'miter';
  for (const item of laid) drawLine(context, item, colours[item.slot]);
  context.font = font;
  context.textBaseline = 'middle';
  for (const item of laid) if (item.chip) drawChip(context, item.chip, colours[item.slot]);
  context.restore();
}

function drawLine(context, item, colour) {
  const path = item.style === 'carried' ? corners(item.rect) : outline(item.rect);
  const dash = item.style === 'uncertain' ? [6, 4] : [];
  context.setLineDash([]);
  context.lineWidth = CASING;
  context.strokeStyle = CASING_COLOUR;
  context.stroke(path);
  context.setLineDash(dash);
  context.lineWidth = LINE;
  context.strokeStyle = colour;
  context.stroke(path);
  context.setLineDash([]);
}

function outline({x1, y1, x2, y2}) {
  const path = new Path2D();
  path.rect(x1, y1, x2 - x1, y2 - y1);
  return path;
}

function corners({x1, y1, x2, y2}) {
  const path = new Path2D();
  const dx = Math.min(13, (x2 - x1) / 3);
  const dy = Math.min(13, (y2 - y1) / 3);
  for (const [x, y, sx, sy] of [[x1, y1, 1, 1], [x2, y1, -1, 1], [x2, y2, -1, -1], [x1, y2, 1, -1]]) {
    path.moveTo(x + sx * dx, y);
    path.lineTo(x, y);
    path.lineTo(x, y + sy * dy);
  }
  return path;
}

function drawChip(context, chip, colour) {
  const body = new Path2D();
  body.roundRect(chip.x, chip.y, chip.width, chip.height, 3);
  context.fillStyle = chip.dark ? DARK_CHIP : colour;
  context.fill(body);
  context.lineWidth = 1;
  if (chip.dark) {
    const border = new Path2D();
    border.roundRect(chip.x + 0.5, chip.y + 0.5, chip.width - 1, chip.height - 1, 2.5);
    context.setLineDash([3, 2]);
    context.strokeStyle = colour;
    context.stroke(border);
    context.setLineDash([]);
  } else {
    context.strokeStyle = CASING_COLOUR;
    context.stroke(body);
  }
  context.fillStyle = chip.dark ? colour : CHIP_TEXT;
  context.fillText(chip.text, chip.x + CHIP_PADDING, chip.y + chip.height / 2 + 0.5);
}
