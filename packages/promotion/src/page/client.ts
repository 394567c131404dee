/**
 * The page's own script. Its text is sent to browsers as it stands here (see assets.ts), so it uses nothing from outside
 * its own braces but what it is called with. Without it the page is whole, and stands still.
 */
import type { BrowserWindow, DomElement, DomNode } from './dom.ts';
import type { LiveMessage } from './live-message.ts';

export function client(window: BrowserWindow, span: (milliseconds: number) => string): void {
  const { document, location } = window;
  const { body } = document;
  const policy = window.trustedTypes?.createPolicy('lpbuildbot', { createHTML: (text) => text });
  let { epoch, version } = body.dataset;
  /** How far this machine's clock is behind the service's, in milliseconds. */
  let behind = 0;
  let heardAt = performance.now();
  let socket: WebSocket | undefined;
  let attempts = 0;
  let refetching = false;

  function parse(text: string): DomElement | null {
    const template = document.createElement('template');
    template.innerHTML = policy === undefined ? text : policy.createHTML(text);
    return template.content.firstElementChild;
  }

  /** Makes `old` like `fresh` and keeps every element that stays: its focus, what is open, what is typed. */
  function morph(old: DomElement, fresh: DomElement): void {
    for (const { name, value } of [...fresh.attributes]) {
      if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    for (const { name } of [...old.attributes]) {
      // Whoever opened it wants it open.
      if (!fresh.hasAttribute(name) && name !== 'open') old.removeAttribute(name);
    }
    let at = old.firstChild;
    let next: DomNode | null;
    for (let wanted = fresh.firstChild; wanted !== null; wanted = next) {
      next = wanted.nextSibling;
      if (at !== null && at.nodeName === wanted.nodeName && idOf(at) === idOf(wanted)) {
        if (isElement(at) && isElement(wanted)) morph(at, wanted);
        else if (at.nodeValue !== wanted.nodeValue) at.nodeValue = wanted.nodeValue;
        at = at.nextSibling;
      } else old.insertBefore(wanted, at);
    }
    while (at !== null) {
      const gone = at;
      at = at.nextSibling;
      old.removeChild(gone);
    }
  }

  function isElement(node: DomNode): node is DomElement {
    return node.nodeType === 1;
  }

  function idOf(node: DomNode): string {
    return isElement(node) ? node.id : '';
  }

  /** Those that need somebody first; others as the pipeline files have them. */
  function arrange(list: DomElement): void {
    const place = ({ dataset }: DomElement) => Number(dataset.rank) * 1e6 + Number(dataset.index);
    const wanted = [...list.children].sort((one, other) => place(one) - place(other));
    const focused = document.activeElement;
    for (const [index, item] of wanted.entries()) {
      const there = list.children[index];
      if (there === item || there === undefined) continue;
      if (list.moveBefore === undefined) list.insertBefore(item, there);
      else list.moveBefore(item, there);
    }
    if (focused !== null && list.contains(focused)) focused.focus();
  }

  function show(message: LiveMessage): void {
    const lists = new Set<string>();
    if (message.epoch !== epoch) {
      // Everything is in it that there is.
      for (const item of document.querySelectorAll('#cards > *, #rows > *'))
        if (!(item.id in message.parts)) item.remove();
    }
    for (const [id, change] of Object.entries(message.parts)) {
      const old = document.getElementById(id);
      if (change === null) {
        old?.remove();
        continue;
      }
      const fresh = parse(change.html);
      if (fresh === null) continue;
      const list = change.list === undefined ? null : document.getElementById(change.list);
      if (old !== null) morph(old, fresh);
      else if (list !== null) list.appendChild(fresh);
      // The page is made up in another way now.
      else if (change.list !== undefined) {
        location.reload();
        return;
      }
      if (change.list !== undefined) lists.add(change.list);
      document.getElementById(id)?.classList.add('changed');
    }
    for (const id of lists) {
      const list = document.getElementById(id);
      if (list !== null) arrange(list);
    }
    if (message.title !== undefined) document.title = message.title;
    if (message.icon !== undefined) document.getElementById('icon')?.setAttribute('href', message.icon);
  }

  /** A page of one pair has its own way of showing it: it is read again. */
  async function refetch(): Promise<void> {
    if (refetching) return;
    refetching = true;
    try {
      const response = await fetch(location.href);
      const text = await response.text();
      const main = parse(text.slice(text.indexOf('<main'), text.indexOf('</main>') + 7));
      const old = document.getElementById('main');
      if (response.ok && main !== null && old !== null) morph(old, main);
    } finally {
      refetching = false;
      tellTimes();
    }
  }

  function receive(message: LiveMessage): void {
    behind = message.at - Date.now();
    heardAt = performance.now();
    if (message.assets !== body.dataset.assets) {
      location.reload();
      return;
    }
    const changed = Object.keys(message.parts).length > 0;
    if (body.dataset.only) {
      if (changed) void refetch();
    } else show(message);
    epoch = message.epoch;
    version = String(message.version);
    body.dataset.version = version;
    tellLife('live');
    filter();
    tellTimes();
  }

  function tellLife(state: 'live' | 'lost'): void {
    const live = document.getElementById('live');
    const words = live?.querySelector('.unseen');
    if (!live || !words) return;
    live.dataset.state = state;
    const text = `${live.dataset[state]} `;
    if (words.textContent !== text) words.textContent = text;
  }

  function tellTimes(): void {
    const now = Date.now() + behind;
    for (const time of document.querySelectorAll('time')) {
      const ago = time.querySelector('.ago');
      const at = Date.parse(time.getAttribute('datetime') ?? '');
      if (ago === null || Number.isNaN(at)) continue;
      const text = ` · ${span(Math.max(1, Math.round((now - at) / 1000)) * 1000)} ago`;
      if (ago.textContent !== text) ago.textContent = text;
    }
    const clock = document.querySelector('.clock');
    if (clock !== null && socket?.readyState === 1)
      clock.textContent = `${new Date(now).toISOString().slice(11, 19)} UTC`;
  }

  function filter(): void {
    const field = document.getElementById('filter');
    const rows = document.getElementById('rows');
    const shown = document.getElementById('shown');
    if (field === null || rows === null || shown === null) return;
    const words = field.value.toLowerCase().split(/\s+/);
    let count = 0;
    for (const row of rows.children) {
      const fits = words.every((word) => row.dataset.words?.includes(word));
      row.classList.toggle('filtered', !fits);
      if (fits) count += 1;
    }
    const text = `${count} ${shown.dataset.of} ${rows.children.length}`;
    if (shown.textContent !== text) shown.textContent = text;
  }

  function connect(): void {
    const url = new URL('./ws', location.href);
    url.protocol = url.protocol.replace('http', 'ws');
    url.search = new URLSearchParams({ epoch: epoch ?? '', version: version ?? '' }).toString();
    const opened = new WebSocket(url);
    socket = opened;
    heardAt = performance.now();
    opened.onmessage = ({ data }) => {
      attempts = 0;
      // From the very service that has sent this script.
      receive(JSON.parse(String(data)));
    };
    opened.onclose = () => {
      if (socket !== opened) return;
      socket = undefined;
      tellLife('lost');
      attempts += 1;
      // Not all at the same moment after the service was away, and none long after it is back.
      setTimeout(connect, Math.min(10_000, 500 * 2 ** attempts) * (0.5 + Math.random()));
    };
  }

  /** A connection that is open and dead says nothing, and neither does one that slept through the night. */
  function check(): void {
    tellTimes();
    if (socket !== undefined && performance.now() - heardAt > 45_000) socket.close();
  }

  document.getElementById('filter')?.addEventListener('input', filter);
  document.addEventListener('visibilitychange', check);
  setInterval(check, 1000);
  connect();
}
