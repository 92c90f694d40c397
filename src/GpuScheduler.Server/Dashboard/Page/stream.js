import { authorised, needToken } from './access.js';

const AGAIN_MS = 3000;

/**
 * Listens to server-sent events, again and again until the returned function is called. EventSource cannot send a header, and with it no token.
 * actions: what is done with each event's data, by its name. told: hears 'live' or 'lost'.
 */
export function listen(path, actions, told) {
  const stop = new AbortController();
  run();
  return () => stop.abort();

  async function run() {
    while (!stop.signal.aborted) {
      try {
        const response = await fetch(path, authorised({ signal: stop.signal, cache: 'no-store' }));
        if (response.ok) {
          told('live');
          await read(response.body.pipeThrough(new TextDecoderStream()).getReader());
          continue; // it ended in good order: the service asks for a look at the token from time to time
        }
        const problem = (await response.json().catch(() => ({}))).error ?? `${response.status} ${response.statusText}`;
        if (response.status === 401 || response.status === 403) {
          told('lost', 'no access: load the page again to give a token');
          needToken(problem);
          return; // goes on with a token
        }
        told('lost', problem);
      } catch {
        if (stop.signal.aborted) return;
        told('lost');
      }
      await new Promise(go => setTimeout(go, AGAIN_MS));
    }
  }

  async function read(reader) {
    let rest = '', endsInLine = false;
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      // The first event is megabytes in many pieces: only a new piece is looked through for its end.
      const isWhole = value.includes('\n\n') || (endsInLine && value[0] === '\n');
      endsInLine = value.endsWith('\n');
      rest += value;
      if (!isWhole) continue;
      const blocks = rest.split('\n\n');
      rest = blocks.pop();
      for (const block of blocks) {
        const [event, data] = block.split('\n');
        actions[event.slice('event: '.length)]?.(JSON.parse(data.slice('data: '.length)));
      }
    }
  }
}
