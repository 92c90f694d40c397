import { authorised, needToken } from './access.js';

// Makes elements without markup in strings: what the cluster says is always text, never HTML.
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value);
  }
  element.append(...children.flat().filter(child => child !== null && child !== undefined));
  return element;
}

export const byId = id => document.getElementById(id);

export function fill(element, ...children) {
  element.replaceChildren(...children.flat().filter(child => child !== null && child !== undefined));
}

export function svg(name, attributes = {}, text) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

/** Offers these values in a select, keeping the choice; the first option stays. */
export function offer(select, values) {
  const known = [...select.options].slice(1).map(option => option.value);
  if (known.length === values.length && known.every((value, i) => value === values[i])) return;
  const chosen = select.value;
  fill(select, select.options[0], values.map(value => el('option', { value }, value)));
  select.value = values.includes(chosen) ? chosen : '';
}

export const count = number => number.toLocaleString('en');

/** An amount of a resource for people; the API counts CPU in thousandths, memory and storage in MiB. */
export function amount(resource, value) {
  if (resource === 'cpu') return (value / 1000).toLocaleString('en', { maximumFractionDigits: 1 });
  if (resource === 'memory' || resource === 'ephemeral-storage') return value < 10240 ? `${count(value)} MiB` : `${count(Math.floor(value / 1024))} GiB`;
  return count(value);
}

export const percent = number => `${number.toFixed(1)} %`;

export function duration(microseconds) {
  return microseconds < 1000 ? `${microseconds.toFixed(0)} µs` : microseconds < 1e6 ? `${(microseconds / 1000).toFixed(1)} ms` : `${(microseconds / 1e6).toFixed(1)} s`;
}

export const clock = time => new Date(time).toLocaleTimeString([], { hour12: false });

export async function fetchJson(path, options) {
  const response = await fetch(path, authorised(options));
  const body = await response.json();
  if (response.status === 401) needToken(body.error);
  if (!response.ok) throw new Error(body.error ?? `${response.status} ${response.statusText}`);
  return body;
}
