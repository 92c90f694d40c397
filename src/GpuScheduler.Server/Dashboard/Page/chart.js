import { byId, clock, fill, percent, svg } from './dom.js';

const WIDTH = 600, HEIGHT = 200, LEFT = 34, BOTTOM = 18;

/** Draws allocation and fragmentation; samples are [milliseconds, allocated %, fragmented %]. */
export function drawTrend(samples) {
  const chart = byId('trend');
  if (samples.length < 2) { fill(chart); byId('trend-text').textContent = 'The first samples are being taken.'; return; }
  const from = samples[0][0], to = samples[samples.length - 1][0];
  const x = time => LEFT + (time - from) / Math.max(1, to - from) * (WIDTH - LEFT - 4);
  const y = value => 6 + (100 - value) / 100 * (HEIGHT - BOTTOM - 10);
  const parts = [];
  for (const value of [0, 25, 50, 75, 100]) {
    parts.push(svg('line', { x1: LEFT, x2: WIDTH, y1: y(value), y2: y(value), stroke: 'var(--line)', 'vector-effect': 'non-scaling-stroke' }));
    parts.push(svg('text', { x: LEFT - 4, y: y(value) + 4, 'text-anchor': 'end', 'font-size': 11, fill: 'var(--quiet)' }, `${value}`));
  }
  const line = (index, colour, dash) => parts.push(svg('polyline', {
    points: samples.map(sample => `${x(sample[0]).toFixed(1)},${y(sample[index]).toFixed(1)}`).join(' '),
    fill: 'none', stroke: colour, 'stroke-width': 2, 'stroke-dasharray': dash, 'vector-effect': 'non-scaling-stroke',
  }));
  line(1, 'var(--full)', 'none');
  line(2, 'var(--mark)', '5 3');
  parts.push(svg('text', { x: LEFT, y: HEIGHT - 4, 'font-size': 11, fill: 'var(--quiet)' }, clock(from)));
  parts.push(svg('text', { x: WIDTH - 2, y: HEIGHT - 4, 'text-anchor': 'end', 'font-size': 11, fill: 'var(--quiet)' }, clock(to)));
  fill(chart, parts);
  const last = samples[samples.length - 1];
  byId('trend-text').textContent = `Solid: GPUs allocated, now ${percent(last[1])}. Dashed: free on partly used GPUs, of no use to pods that ask for whole ones, now ${percent(last[2])}.`;
}
