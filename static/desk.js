// The desk's comfort: rings when a report arrives, keeps the queue fresh, and lets a keyboard do the work. Everything here
// works without it by reloading. Nothing is fetched but our own pages; what arrives is shown as text only.
const at = document.querySelector('[data-ring]') ?? document.createElement('div'); // pages that do not ring have the keys alone
const queue = document.getElementById('queue');
const here = location.pathname.match(/^\/reports\/([0-9a-f]{32})$/)?.[1];
const RINGS_MAX = 20;
const store = {
  get(key, otherwise) {
    try { return JSON.parse(sessionStorage.getItem(key)) ?? otherwise; } catch { return otherwise; }
  },
  set(key, value) {
    try { sessionStorage.setItem(key, JSON.stringify(value)); } catch { /* private mode: lives as long as the page */ }
  },
};
let rings = store.get('rings', []).filter((r) => r.id !== here); // arrived and not opened, newest last
const title = document.title;

// ── the ring ──
let sound = store.get('sound', false), audio = null;

function beep(urgency) {
  if (!sound || !audio || audio.state !== 'running') return;
  for (let i = 0; i < (urgency === 'U1' ? 3 : 1); i++) {
    const tone = audio.createOscillator(), volume = audio.createGain(), from = audio.currentTime + i * 0.35;
    tone.frequency.value = urgency === 'U1' ? 880 : 560;
    volume.gain.setValueAtTime(0.0001, from);
    volume.gain.exponentialRampToValueAtTime(0.2, from + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, from + 0.28);
    tone.connect(volume).connect(audio.destination);
    tone.start(from);
    tone.stop(from + 0.3);
  }
}

function listen() { // browsers let a page sound only after a touch or a key
  if (!sound) return;
  audio ??= new AudioContext();
  audio.resume();
}

function show() {
  store.set('rings', rings);
  document.title = rings.length ? `(${rings.length}) ${title}` : title;
  at.replaceChildren();
  at.className = '';
  if (!rings.length) return;
  const newest = rings[rings.length - 1], link = document.createElement('a'), key = document.createElement('kbd');
  const urgency = document.createElement('b'), words = document.createElement('span');
  at.className = `ring ${newest.urgency.toLowerCase()}`;
  urgency.textContent = newest.urgency;
  words.textContent = `${at.dataset.new}: ${newest.category}` + (rings.length > 1 ? ` (${rings.length} ${at.dataset.more})` : '');
  link.href = `/reports/${newest.id}`;
  link.textContent = at.dataset.open;
  link.id = 'ringing';
  key.textContent = 'O';
  at.append(urgency, ' ', words, ' ', link, ' ', key);
}

function rang(report) {
  if (report.id === here || rings.some((r) => r.id === report.id)) return;
  rings.push(report);
  rings = rings.slice(-RINGS_MAX);
  show();
  beep(report.urgency);
}

function stopRinging(id) {
  rings = rings.filter((r) => r.id !== id);
  show();
}

// ── the queue ──
let wanted = 0, fetching = false;

async function fresh() {
  if (fetching || !queue) return;
  fetching = true;
  try {
    const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('queue');
    if (!answer.ok || !page) { // signed out, or gone: the whole page says which
      if (answer.redirected) location.reload();
      return;
    }
    const focused = document.activeElement?.closest?.('[data-report]')?.dataset.report;
    queue.replaceChildren(...page.childNodes);
    if (focused) queue.querySelector(`[data-report="${focused}"] a`)?.focus();
  } catch { /* the stream comes back, and with it the next look */ } finally {
    fetching = false;
  }
}

function soon() { // many events, one look
  if (!queue || !('list' in at.dataset) || wanted) return;
  wanted = setTimeout(() => { wanted = 0; fresh(); }, 300);
}

// ── the stream ──
if (at.dataset.ring && window.EventSource) {
  at.setAttribute('role', 'status');
  at.setAttribute('aria-live', 'assertive');
  const after = store.get('after', null); // what this tab saw last, on whatever page
  const stream = new EventSource(at.dataset.ring + (after ? `?after=${encodeURIComponent(after)}` : ''));
  const seen = (event) => { if (event.lastEventId) store.set('after', event.lastEventId); };
  stream.addEventListener('report', (event) => {
    seen(event);
    rang(JSON.parse(event.data));
    soon();
  });
  stream.addEventListener('queue', (event) => { seen(event); soon(); });
  addEventListener('pagehide', () => stream.close());
  show();
}

// ── the keyboard ──
function move(by) {
  const links = [...document.querySelectorAll('[data-report] td a[href^="/reports/"]:first-of-type')];
  if (!links.length) return;
  const now = links.findIndex((l) => l.closest('[data-report]').contains(document.activeElement));
  links[Math.max(0, Math.min(links.length - 1, now < 0 ? 0 : now + by))].focus();
}

function take() {
  const row = document.activeElement?.closest?.('[data-report]');
  (row ? row.querySelector('form button') : document.querySelector('[data-key="t"]'))?.click();
}

function openRinging() {
  const newest = rings[rings.length - 1];
  if (!newest) return false;
  stopRinging(newest.id);
  location.assign(`/reports/${newest.id}`);
  return true;
}

addEventListener('keydown', (event) => {
  listen();
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.('input, textarea, select, [contenteditable]')) return;
  const free = document.activeElement === document.body || document.activeElement?.id === 'main';
  const inQueue = document.activeElement?.closest?.('[data-report]');
  const keys = {
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: inQueue && (() => move(1)),
    ArrowUp: inQueue && (() => move(-1)),
    o: () => openRinging() || (inQueue && inQueue.querySelector('a').click()),
    Enter: free && rings.length && openRinging,
    t: take,
    s: () => { sound = !sound; store.set('sound', sound); listen(); beep(3); },
    Escape: () => { rings = []; show(); },
    '?': () => location.assign('/keys'),
    ' ': inQueue && (() => inQueue.querySelector('input[type="checkbox"]')?.click()), // picks the row
    g: () => location.assign('/reports'),
  };
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const named = /^[a-z]$/.test(key) && document.querySelector(`[data-key="${key}"]`); // a page's own keys
  const act = keys[key] ?? (named && (() => named.click()));
  if (!act) return;
  event.preventDefault();
  act();
});
addEventListener('pointerdown', listen);
document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a[href^="/reports/"]');
  if (link) stopRinging(link.getAttribute('href').slice(9));
});
