import { askForToken } from './access.js';
import { byId, clock, el, fetchJson, fill, offer } from './dom.js';
import { freeGpus, HeatMap } from './heatmap.js';
import { listen } from './stream.js';
import { drawTrend } from './chart.js';
import { drawDecisions, drawFigures, drawFree, drawLatency, drawWaiting, explanation, nodeDetails } from './panels.js';

const EXAMPLE = `apiVersion: v1
kind: Pod
metadata: {name: train, namespace: team-a}
spec:
  containers:
  - name: main
    resources:
      limits: {cpu: "32", memory: 256Gi, nvidia.com/gpu: "8"}
`;

const map = new HeatMap(byId('map'), byId('extent'), byId('canvas'), describe, node => openNode(node.n));
let trend = [], stop = null, described = null;

function describe(node) {
  described = node;
  const gpus = node.f.length ? `${freeGpus(node)} of ${node.f.length} GPUs free` : node.g ? `${node.g.join('').split('0').length - 1} of ${node.g.join('').length} MIG memory slices free`
    : node.w === undefined ? null : `${((1000 - node.w) / 10).toFixed(0)} % of its slices or replicas free`;
  const parts = [node.m || 'no GPUs', gpus, node.k === 1 ? '1 pod' : `${node.k} pods`, node.u ? 'cordoned' : node.c ? 'takes no more pods with GPUs' : null];
  tell('selected', `${node.n}: ${parts.filter(Boolean).join(', ')}`);
  tell('domain', map.headingOf(node));
}

/** Says what is new: a screen reader reads a text that is set again once more. */
function tell(id, text) {
  if (byId(id).textContent !== text) byId(id).textContent = text;
}

function connect() {
  stop?.();
  const namespace = byId('namespace').value;
  stop = listen(`api/v1/stream${namespace ? `?namespace=${encodeURIComponent(namespace)}` : ''}`, events, (state, text) => {
    if (state === 'live') trend = []; // it is sent anew
    connection(state, text);
  });
}

const events = {
  cluster(cluster) {
    byId('cluster').textContent = cluster.description;
    offer(byId('level'), cluster.levels);
    const level = cluster.levels.findLastIndex((_, i) => new Set(cluster.nodes.map(node => node.t[i]).filter(Boolean)).size > 1);
    if (!byId('level').dataset.chosen && level >= 0) byId('level').value = cluster.levels[level];
    map.levels = cluster.levels;
    map.replace(cluster.nodes);
    offerFilters();
    show();
  },
  nodes(change) {
    map.update(change.nodes, change.gone);
    if (described) describe(map.nodes.get(described.r) ?? described);
    document.body.dataset.generation = change.generation;
  },
  status(status) {
    drawFigures(status);
    drawFree(map.nodes.values());
    drawLatency(status.verbs);
    offer(byId('namespace'), status.namespaces);
    if (!status.ready) connection('lost', `not ready: ${status.reasons.join('; ')}`);
    else connection('live');
  },
  trend(samples) { trend = [...trend, ...samples].slice(-720); drawTrend(trend); },
  waiting(waiting) { drawWaiting(waiting, openPod); },
  decisions(decisions) { drawDecisions(decisions, openPod); },
};

function connection(state, text) {
  const line = byId('connection');
  line.dataset.state = state;
  line.textContent = text ?? (state === 'live' ? 'live' : `connection lost at ${clock(Date.now())}, trying again`);
}

function offerFilters() {
  const values = pick => [...new Set([...map.nodes.values()].map(pick).filter(Boolean))].sort();
  offer(byId('model'), values(node => node.m));
  offer(byId('pool'), values(node => node.p));
}

function show() {
  const [model, pool, text] = [byId('model').value, byId('pool').value, byId('find').value.trim().toLowerCase()];
  map.show((map.levels ?? []).indexOf(byId('level').value), node => (!model || node.m === model) && (!pool || node.p === pool) && (!text || node.n.toLowerCase().includes(text)));
  if (described) describe(described);
}

function openDrawer(title, content) {
  byId('drawer-title').textContent = title;
  fill(byId('drawer-body'), content);
  if (!byId('drawer').open) byId('drawer').showModal();
}

async function load(title, task) {
  openDrawer(title, el('p', { class: 'quiet' }, 'loading'));
  try { openDrawer(title, await task()); }
  catch (problem) { openDrawer(title, el('p', { class: 'wrong' }, problem.message)); }
}

const openNode = name => load(name, () => nodeDetails(name, openPod));
const openPod = (namespace, name) => load(`${namespace}/${name}`, async () => [explanation(await fetchJson(`api/v1/pods/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`))]);

byId('close').addEventListener('click', () => byId('drawer').close());
for (const id of ['level', 'model', 'pool']) byId(id).addEventListener('change', () => { byId(id).dataset.chosen = '1'; show(); });
byId('find').addEventListener('input', show);
byId('namespace').addEventListener('change', connect);
byId('theme').addEventListener('click', () => {
  const isDark = getComputedStyle(document.documentElement).colorScheme === 'dark';
  document.documentElement.dataset.theme = isDark ? 'light' : 'dark';
  map.readColours();
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => map.readColours());
askForToken(connect);
byId('manifest').value = EXAMPLE;
byId('explain').addEventListener('submit', async event => {
  event.preventDefault();
  const target = byId('explanation');
  try {
    const text = byId('manifest').value;
    const type = text.trimStart().startsWith('{') ? 'application/json' : 'application/yaml';
    const answer = await fetchJson('api/v1/explain', { method: 'POST', headers: { 'Content-Type': type }, body: text });
    fill(target, answer.items.map(explanation));
  } catch (problem) { fill(target, el('p', { class: 'wrong' }, problem.message)); }
});
connect();
