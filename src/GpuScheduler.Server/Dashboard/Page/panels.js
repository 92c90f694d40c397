import { freeGpus } from './heatmap.js';
import { amount, byId, clock, count, duration, el, fetchJson, fill, percent } from './dom.js';

export function drawFigures(status) {
  const figures = [
    ['GPUs', count(status.gpus)], ['allocated', percent(status.allocatedPercent)], ['wholly free', count(status.gpusFree)],
    ['partly used', count(status.gpusPartlyUsed)], ['nodes', count(status.nodes)], ['pods placed', count(status.placed)], ['pods waiting', count(status.waiting)],
  ];
  fill(byId('figures'), figures.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value))));
}

/** A cell whose words are not broken. */
const short = text => el('td', { class: 'short' }, text);

/** What could still be placed, by model: wholly free GPUs, and how many of them lie together. */
export function drawFree(nodes) {
  const models = new Map();
  for (const node of nodes) {
    if (!node.f.length) continue;
    const model = models.get(node.m || 'unknown') ?? { gpus: 0, free: 0, blocks: new Map() };
    models.set(node.m || 'unknown', model);
    model.gpus += node.f.length;
    const free = freeGpus(node);
    model.free += free;
    if (free) model.blocks.set(free, (model.blocks.get(free) ?? 0) + 1);
  }
  const blocks = model => [...model.blocks].sort((a, b) => b[0] - a[0]).map(([size, count]) => `${size}\u00a0×\u00a0${count}`).join(', ') || 'none';
  fill(byId('free'), [...models].sort((a, b) => b[1].gpus - a[1].gpus).map(([name, model]) => el('tr', {},
    el('td', {}, name), short(count(model.gpus)), short(count(model.free)), short(blocks(model)))));
}

export function drawLatency(verbs) {
  fill(byId('latency'), verbs.map(verb => el('tr', {},
    short(verb.verb), short(verb.perSecond.toFixed(1)), ...[verb.p50, verb.p90, verb.p99].map(value => short(verb.calls > 0 ? duration(value) : '')))));
}

export function drawDecisions(decisions, open) {
  fill(byId('decisions'), decisions.map(decision => el('tr', {},
    short(clock(decision.at)),
    el('td', {}, el('button', { type: 'button', class: 'link', onclick: () => open(decision.namespace, decision.name) }, `${decision.namespace}/${decision.name}`)),
    el('td', {}, decision.node ? `${decision.node}${decision.devices.length ? ` GPU ${decision.devices.join(',')}` : ''}` : decision.outcome),
    short(duration(decision.microseconds)))));
}

export function drawWaiting(waiting, open) {
  const groups = waiting.groups.slice(0, 50).map(group => el('details', {},
    el('summary', {}, el('span', { class: 'badge' }, count(group.pods)), group.shape, ' ', el('span', { class: group.feasible ? 'fits' : 'quiet' }, group.summary)),
    reasonsTable(group.reasons),
    el('p', {}, 'e.g. ', group.examples.map((name, i) => [i ? ', ' : '', el('button', { type: 'button', class: 'link', onclick: () => open(...name.split('/')) }, name)]).flat())));
  const openOnes = new Set([...byId('waiting').querySelectorAll('details[open] summary')].map(summary => summary.textContent.replace(/^[\d,]+/, '')));
  for (const group of groups) group.open = openOnes.has(group.querySelector('summary').textContent.replace(/^[\d,]+/, ''));
  fill(byId('waiting'), groups.length ? groups : el('p', { class: 'quiet' }, 'None.'));
}

function reasonsTable(reasons) {
  return reasons.length === 0 ? null : el('table', {},
    el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, 'nodes'), el('th', { scope: 'col' }, 'why not'), el('th', { scope: 'col' }, 'for example'))),
    el('tbody', {}, reasons.map(reason => el('tr', {}, el('td', {}, count(reason.nodes)), el('td', {}, reason.reason), el('td', { class: 'quiet' }, reason.examples.slice(0, 3).join(', '))))));
}

export function explanation(body) {
  const best = body.best ?? [];
  return el('div', {},
    el('h3', {}, `${body.kind} ${body.namespace}/${body.name}`),
    el('p', { class: body.feasible || body.node ? 'fits' : 'wrong' }, body.summary),
    el('p', { class: 'quiet' }, body.shape),
    body.wouldFit?.length ? el('div', {}, el('h3', {}, 'It would fit if'), el('ul', {}, body.wouldFit.map(remedy => el('li', {}, remedy.sentence)))) : null,
    body.reasons?.length ? el('div', {}, el('h3', {}, 'Why not elsewhere'), reasonsTable(body.reasons)) : null,
    best.length ? el('div', {}, el('h3', {}, 'Best nodes'), el('table', {},
      el('thead', {}, el('tr', {}, ['node', 'score', 'because'].map(name => el('th', { scope: 'col' }, name)))),
      el('tbody', {}, best.map(node => el('tr', {}, el('td', {}, node.name), el('td', {}, `${node.score}`), el('td', { class: 'quiet' }, node.terms.map(term => `${term.name} ${term.points.toFixed(2)}`).join(', '))))))) : null,
    body.notes?.length ? el('ul', {}, body.notes.map(note => el('li', { class: 'quiet' }, note))) : null);
}

/** Fills the drawer with a node. */
export async function nodeDetails(name, openPod) {
  const node = await fetchJson(`api/v1/nodes/${encodeURIComponent(name)}`);
  const resource = ([key, value]) => el('tr', {}, el('td', {}, key), short(amount(key, value.allocatable)), short(amount(key, value.free)));
  return [
    el('p', {}, [node.model ?? 'no GPU model', node.gpuMemoryMiB ? `${amount('memory', node.gpuMemoryMiB)} each` : null, node.unschedulable ? 'cordoned' : null].filter(Boolean).join(', ')),
    el('p', { class: 'quiet' }, Object.entries(node.topology).map(([key, value]) => `${key.split('/').pop()} ${value}`).join(' · ')),
    node.devices.length ? el('h3', {}, 'GPUs') : null,
    node.devices.length ? el('table', {}, el('tbody', {}, node.devices.map(device => el('tr', {},
      el('th', { scope: 'row' }, `${device.index}`), el('td', {}, bar(device)),
      el('td', {}, device.healthy === false ? el('span', { class: 'wrong' }, 'unhealthy') : device.freeMilli === 1000 && !device.pods.length ? 'free' : device.pods.map(pod =>
        el('div', {}, el('button', { type: 'button', class: 'link', onclick: () => openPod(...pod.split('/')) }, pod)))))))) : null,
    node.mig ? el('h3', {}, `MIG (${node.mig.mode}${node.mig.geometry ? `, ${node.mig.geometry}` : ''})`) : null,
    node.mig?.obstacle ? el('p', { class: 'wrong' }, node.mig.obstacle) : null,
    node.mig ? el('table', {}, el('tbody', {}, node.mig.gpus.map(gpu => el('tr', {},
      el('th', { scope: 'row' }, `${gpu.index}`),
      el('td', {}, gpu.slices ? slots(gpu.slices) : 'layout not known'),
      el('td', {}, gpu.instances.map(instance => `${instance.profile}@${instance.start} ${instance.pod ?? ''}${instance.inferred ? ' (inferred)' : ''}`).join(', '))))))  : null,
    el('h3', {}, 'Resources'),
    el('table', {}, el('thead', {}, el('tr', {}, ['', 'allocatable', 'free'].map(text => el('th', { scope: 'col' }, text)))), el('tbody', {}, Object.entries(node.resources).map(resource))),
    el('h3', {}, `Pods (${node.pods.length})`),
    el('table', {}, el('tbody', {}, node.pods.map(pod => el('tr', {},
      el('td', {}, el('button', { type: 'button', class: 'link', onclick: () => openPod(pod.namespace, pod.name) }, `${pod.namespace}/${pod.name}`)),
      el('td', { class: 'quiet' }, Object.entries(pod.requests).filter(([key]) => key.includes('/')).map(([key, value]) => `${key} ${value}`).join(' ')))))),
    node.taints.length ? el('p', { class: 'quiet' }, `taints: ${node.taints.join(' ')}`) : null,
    node.problems.length ? el('p', { class: 'wrong' }, node.problems.join('; ')) : null,
  ];
}

const slots = text => el('span', { class: 'slots', role: 'img', 'aria-label': `memory slices ${text}` }, [...text].map(slot => el('i', { class: slot === '1' ? 'used' : null })));

function bar(device) {
  const used = Math.round((1000 - device.freeMilli) / 10);
  const fillPart = el('i');
  fillPart.style.width = `${used}%`;
  return el('span', { class: 'meter', role: 'img', 'aria-label': `${used} % used` }, fillPart);
}
