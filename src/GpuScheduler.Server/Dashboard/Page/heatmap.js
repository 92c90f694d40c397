// The cluster as cells on a canvas. Only what is in view is drawn, so 40,000 GPUs scroll as smoothly as 40.
const GAP = 6, HEADER = 20;

/** The GPUs of a node that are wholly free and that a pod could be given. */
export const freeGpus = node => node.u || node.c ? 0 : node.f.filter((milli, i) => milli === 1000 && !((node.h ?? 0) >>> i & 1)).length;

/** What is free in some nodes together, in words. */
export function freeText(nodes) {
  const gpus = nodes.reduce((sum, node) => sum + node.f.length, 0);
  if (gpus === 0) return `${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'}, no whole GPUs`;
  const free = nodes.map(freeGpus);
  return `free ${free.reduce((sum, one) => sum + one, 0)} of ${gpus} GPUs, largest free node ${free.reduce((most, one) => Math.max(most, one), 0)}`;
}

/** How many cells a node takes: one per GPU, two where its GPUs are only counted. */
const cells = node => node.f.length || node.g?.length || (node.w === undefined ? 1 : 2);

export class HeatMap {
  constructor(box, extent, canvas, onSelect, onOpen) {
    Object.assign(this, { box, extent, canvas, onSelect, onOpen });
    this.context = canvas.getContext('2d');
    this.nodes = new Map();
    this.groups = [];
    this.places = [];
    this.filter = () => true;
    this.level = -1;
    this.selected = null;
    this.pending = false;
    box.addEventListener('scroll', () => this.schedule(false), { passive: true });
    box.addEventListener('keydown', event => this.key(event));
    canvas.addEventListener('click', event => { const node = this.at(event); if (node) { this.select(node, false); this.onOpen(node); } });
    canvas.addEventListener('mousemove', event => { const node = this.at(event); canvas.style.cursor = node ? 'pointer' : ''; if (node) this.onSelect(node); });
    new ResizeObserver(() => this.schedule(true)).observe(box);
    this.readColours();
  }

  readColours() {
    const style = getComputedStyle(document.documentElement);
    const of = name => style.getPropertyValue(name).trim();
    this.colour = { free: of('--free'), full: of('--full'), sick: of('--sick'), dim: of('--dim'), ink: of('--ink'), quiet: of('--quiet'), mark: of('--mark'), card: of('--card') };
    this.schedule(false);
  }

  replace(nodes) {
    this.nodes = new Map(nodes.map(node => [node.r, node]));
    this.schedule(true);
  }

  update(changed, gone) {
    let moved = gone.length > 0;
    for (const row of gone) this.nodes.delete(row);
    for (const node of changed) {
      const old = this.nodes.get(node.r);
      moved ||= !old || old.n !== node.n || cells(old) !== cells(node) || old.t.join() !== node.t.join();
      this.nodes.set(node.r, node);
      if (this.selected?.r === node.r) this.selected = node;
    }
    this.schedule(moved);
  }

  show(level, filter) {
    this.level = level;
    this.filter = filter;
    this.schedule(true);
  }

  schedule(arrange) {
    this.stale ||= arrange;
    if (this.pending) return;
    this.pending = true;
    requestAnimationFrame(() => {
      this.pending = false;
      this.settle();
      this.draw();
    });
  }

  /** Brings the places up to date: a key may come before the next frame. */
  settle() {
    if (this.stale) this.arrange();
    this.stale = false;
  }

  /** A group's nodes as they are now. */
  membersOf(group) {
    return group.members.map(member => this.nodes.get(member.r)).filter(Boolean);
  }

  /** The heading over a node, in words: a canvas is silent. Empty where nothing is grouped. */
  headingOf(node) {
    this.settle();
    const group = this.groups.find(candidate => candidate.members.some(member => member.r === node.r));
    return group ? `${group.name}: ${freeText(this.membersOf(group))}` : '';
  }

  /** Gives every node a rectangle: groups under each other, nodes of a group in rows. */
  arrange() {
    const width = Math.max(200, this.box.clientWidth);
    const shown = [...this.nodes.values()].filter(this.filter);
    const gpus = shown.reduce((sum, node) => sum + cells(node), 0);
    this.cell = gpus > 20000 ? 6 : gpus > 6000 ? 8 : gpus > 1500 ? 11 : 16;
    const groups = new Map();
    for (const node of shown) {
      const name = this.level < 0 ? '' : node.t[this.level] || 'no domain';
      if (!groups.has(name)) groups.set(name, []);
      groups.get(name).push(node);
    }
    this.places = [];
    this.groups = [];
    let y = GAP;
    for (const [name, members] of [...groups].sort((a, b) => a[0] < b[0] ? -1 : 1)) {
      if (name) { this.groups.push({ name, y, members }); y += HEADER; }
      let x = GAP;
      for (const node of members.sort((a, b) => a.n < b.n ? -1 : 1)) {
        const w = cells(node) * this.cell;
        if (x + w > width - GAP && x > GAP) { x = GAP; y += this.cell + GAP; }
        this.places.push({ node: node.r, x, y, w });
        x += w + GAP;
      }
      y += this.cell + GAP * 2;
    }
    this.extent.style.height = `${y}px`;
  }

  draw() {
    const ratio = window.devicePixelRatio || 1;
    const width = this.box.clientWidth, height = this.box.clientHeight, top = this.box.scrollTop;
    if (this.canvas.width !== Math.round(width * ratio) || this.canvas.height !== Math.round(height * ratio)) {
      this.canvas.width = Math.round(width * ratio);
      this.canvas.height = Math.round(height * ratio);
      this.canvas.style.width = `${width}px`;
      this.canvas.style.height = `${height}px`;
    }
    const c = this.context;
    c.setTransform(ratio, 0, 0, ratio, 0, -top * ratio);
    c.clearRect(0, top, width, height);
    c.font = '12px system-ui, sans-serif';
    c.textBaseline = 'top';
    for (const group of this.groups) {
      if (group.y + HEADER < top || group.y > top + height) continue;
      c.fillStyle = this.colour.ink;
      c.fillText(group.name, GAP, group.y + 3);
      c.fillStyle = this.colour.quiet;
      c.fillText(freeText(this.membersOf(group)), GAP + c.measureText(group.name).width + 10, group.y + 3);
    }
    const first = this.firstBelow(top - this.cell);
    for (let i = first; i < this.places.length && this.places[i].y < top + height; i++) this.drawNode(c, this.places[i]);
  }

  drawNode(c, place) {
    const node = this.nodes.get(place.node);
    if (!node) return;
    const size = this.cell, inner = size - 1;
    if (node.f.length === 0) this.drawCounted(c, node, place, inner);
    node.f.forEach((free, i) => {
      const x = place.x + i * size;
      const isOther = node.x !== undefined && !(node.x >> i & 1);
      c.fillStyle = (node.h ?? 0) >> i & 1 ? this.colour.sick : isOther ? this.colour.dim : this.colour.free;
      c.fillRect(x, place.y, inner, inner);
      if ((node.h ?? 0) >> i & 1 || isOther) return;
      const used = Math.round(inner * (1000 - free) / 1000);
      c.fillStyle = this.colour.full;
      c.fillRect(x, place.y + inner - used, inner, used);
    });
    if (node.u) { c.strokeStyle = this.colour.quiet; c.lineWidth = 1; c.beginPath(); c.moveTo(place.x, place.y + inner / 2); c.lineTo(place.x + place.w, place.y + inner / 2); c.stroke(); }
    if (this.selected?.r === node.r) { c.strokeStyle = this.colour.mark; c.lineWidth = 2; c.strokeRect(place.x - 2, place.y - 2, place.w + 3, size + 3); }
  }

  /** A node without GPUs, with GPUs in MIG mode, or with slices and replicas that are counted only. */
  drawCounted(c, node, place, inner) {
    const width = place.w - 1;
    c.fillStyle = node.g || node.w !== undefined ? this.colour.free : this.colour.dim;
    if (node.g) node.g.forEach((slots, i) => { c.fillStyle = this.colour.free; c.fillRect(place.x + i * this.cell, place.y, inner, inner); this.drawSlots(c, slots, place.x + i * this.cell, place.y, inner); });
    else c.fillRect(place.x, place.y, width, inner);
    if (!node.g && node.w !== undefined) {
      const used = Math.round(inner * node.w / 1000);
      c.fillStyle = this.colour.full;
      c.fillRect(place.x, place.y + inner - used, width, used);
    }
  }

  /** MIG: a column of the cell per memory slot, filled where a slice is in use. */
  drawSlots(c, slots, x, y, inner) {
    const width = inner / slots.length;
    c.fillStyle = this.colour.full;
    [...slots].forEach((slot, i) => { if (slot === '1') c.fillRect(x + i * width, y, Math.max(1, width - (inner > 10 ? 0.5 : 0)), inner); });
  }

  firstBelow(y) {
    let low = 0, high = this.places.length;
    while (low < high) { const middle = low + high >> 1; if (this.places[middle].y < y) low = middle + 1; else high = middle; }
    return low;
  }

  at(event) {
    const bounds = this.canvas.getBoundingClientRect();
    const x = event.clientX - bounds.left, y = event.clientY - bounds.top + this.box.scrollTop;
    for (let i = this.firstBelow(y - this.cell - 1); i < this.places.length && this.places[i].y <= y; i++) {
      const place = this.places[i];
      if (x >= place.x && x <= place.x + place.w && y <= place.y + this.cell) return this.nodes.get(place.node);
    }
    return null;
  }

  select(node, scroll = true) {
    this.selected = node;
    this.onSelect(node);
    const place = this.places.find(candidate => candidate.node === node.r);
    if (scroll && place) {
      if (place.y < this.box.scrollTop + HEADER) this.box.scrollTop = place.y - HEADER;
      else if (place.y + this.cell + GAP > this.box.scrollTop + this.box.clientHeight) this.box.scrollTop = place.y + this.cell + GAP - this.box.clientHeight;
    }
    this.schedule(false);
  }

  key(event) {
    this.settle();
    const index = this.places.findIndex(place => place.node === this.selected?.r);
    const move = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity }[event.key];
    let next = null;
    if (move !== undefined) next = Math.min(this.places.length - 1, Math.max(0, index < 0 ? 0 : index + move));
    else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') next = this.vertical(index, event.key === 'ArrowDown' ? 1 : -1);
    else if (event.key === 'PageDown' || event.key === 'PageUp') next = this.nextGroup(event.key === 'PageDown' ? 1 : -1);
    else if (event.key === 'Enter' && this.selected) this.onOpen(this.selected);
    else return;
    event.preventDefault();
    const node = next === null ? null : this.nodes.get(this.places[next]?.node);
    if (node) this.select(node);
  }

  /** The first node of the domain below or above. */
  nextGroup(direction) {
    if (this.groups.length === 0) return null;
    const from = this.groups.findIndex(group => group.members.some(member => member.r === this.selected?.r));
    const group = this.groups[Math.min(this.groups.length - 1, Math.max(0, from + direction))];
    return this.places.findIndex(place => place.node === group.members[0].r);
  }

  /** The node nearest in the row above or below. */
  vertical(index, direction) {
    if (index < 0) return 0;
    const from = this.places[index];
    let best = index, row = null;
    for (let i = index + direction; i >= 0 && i < this.places.length; i += direction) {
      const place = this.places[i];
      if (place.y === from.y) continue;
      row ??= place.y;
      if (place.y !== row) break;
      if (best === index || Math.abs(place.x - from.x) < Math.abs(this.places[best].x - from.x)) best = i;
    }
    return best;
  }
}
