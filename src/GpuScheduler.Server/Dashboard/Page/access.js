import { byId } from './dom.js';

// Kept by this tab until it is closed, and sent in a header: a token in an address ends up in logs.
const KEY = 'gpu-scheduler-token';
let retry = () => {};

export function authorised(options = {}) {
  const token = sessionStorage.getItem(KEY);
  return token ? { ...options, headers: { ...options.headers, Authorization: `Bearer ${token}` } } : options;
}

/** Shows the field for a token, with what the service says it lacks. */
export function needToken(reason) {
  byId('access-reason').textContent = reason;
  if (!byId('access').open) byId('access').showModal();
}

/** What happens once a token is given. */
export function askForToken(then) {
  retry = then;
  byId('access-form').addEventListener('submit', event => {
    event.preventDefault();
    const token = byId('token').value.trim();
    if (!token) return;
    sessionStorage.setItem(KEY, token);
    byId('token').value = '';
    byId('access').close();
    retry();
  });
}
