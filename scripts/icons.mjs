/** Draws the key of the Teams app's two icons: white on colour, 192 pixels; white on nothing, 32 pixels. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { crc32, deflateSync } from 'node:zlib';

const folder = fileURLToPath(new URL('../manifests/teams/', import.meta.url));

const WHITE = [255, 255, 255, 255];
const CLEAR = [255, 255, 255, 0];
const COLOUR = [31, 78, 121, 255];
const SAMPLES = 4;

// The key in a square of side 1: a ring, a shaft, and two teeth, turned by an eighth so that it fills the square.
const inBox = (x, y, left, top, right, bottom) => x >= left && x <= right && y >= top && y <= bottom;

const inKey = (x, y) => {
  const fromRing = Math.hypot(x + 0.2, y);
  const ring = fromRing <= 0.2 && fromRing >= 0.1;
  const shaft = inBox(x, y, -0.02, -0.05, 0.42, 0.05);
  const teeth = inBox(x, y, 0.18, 0, 0.25, 0.15) || inBox(x, y, 0.34, 0, 0.42, 0.18);
  return ring || shaft || teeth;
};

const turn = (x, y) => [(x - y) * Math.SQRT1_2, (x + y) * Math.SQRT1_2];

/** How much of a pixel the key covers, 0 to 1. `zoom` above 1 draws a larger key. */
const coverage = (column, row, size, zoom) => {
  let hits = 0;
  for (let i = 0; i < SAMPLES * SAMPLES; i += 1) {
    const x = (column + ((i % SAMPLES) + 0.5) / SAMPLES) / size - 0.5;
    const y = (row + (Math.floor(i / SAMPLES) + 0.5) / SAMPLES) / size - 0.5;
    if (inKey(...turn(x / zoom, -y / zoom))) hits += 1;
  }
  return hits / (SAMPLES * SAMPLES);
};

const blend = (back, front, share) => back.map((value, i) => Math.round(value + (front[i] - value) * share));

/** PNG scan lines, each with its leading filter byte (none). */
const draw = (size, background, zoom) => {
  const rows = Array.from({ length: size }, (_row, row) => [
    0,
    ...Array.from({ length: size }, (_column, column) =>
      blend(background, WHITE, coverage(column, row, size, zoom)),
    ).flat(),
  ]);
  return Buffer.from(rows.flat());
};

const chunk = (type, data) => {
  const body = Buffer.concat([Buffer.from(type, 'ascii'), data]);
  const frame = Buffer.alloc(body.length + 8);
  frame.writeUInt32BE(data.length, 0);
  body.copy(frame, 4);
  frame.writeUInt32BE(crc32(body), body.length + 4);
  return frame;
};

const header = (size) => {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(size, 0);
  data.writeUInt32BE(size, 4);
  data.set([8, 6, 0, 0, 0], 8); // 8 bits a channel, RGBA, no interlacing
  return data;
};

const png = (size, background, zoom) =>
  Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header(size)),
    chunk('IDAT', deflateSync(draw(size, background, zoom), { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);

writeFileSync(`${folder}color.png`, png(192, COLOUR, 0.95));
writeFileSync(`${folder}outline.png`, png(32, CLEAR, 1.15));
