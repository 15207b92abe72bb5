// The desk's comfort: rings when a report arrives, keeps the queue fresh, and lets a keyboard do the work. Everything here
// works without it by reloading. Nothing is fetched but our own pages; what arrives is shown as text only.
const at = document.querySelector('[data-ring]') ?? document.createElement('div'); // pages that do not ring have the keys alone
const queue = document.getElementById('queue');
const here = location.pathname.match(/^\/(?:reports|referrals)\/([0-9a-f]{32})$/)?.[1];
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
  words.textContent = (newest.referral ? at.dataset.referral : `${newest.written ? at.dataset.message : at.dataset.new}: ${newest.category}`) + (rings.length > 1 ? ` (${rings.length} ${at.dataset.more})` : '');
  link.href = `/${newest.referral ? 'referrals' : 'reports'}/${newest.id}`;
  link.textContent = at.dataset.open;
  link.id = 'ringing';
  key.textContent = 'O';
  at.append(urgency, ' ', words, ' ', link, ' ', key);
}

function rang(report) {
  if ((report.id === here && !report.written && !report.referral) || rings.some((r) => r.id === report.id)) return;
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
    const focused = document.activeElement?.closest?.('[data-report]')?.dataset.report, inside = document.activeElement?.id;
    const picked = [...queue.querySelectorAll('[name="reports"]:checked')].map((box) => box.value), reason = queue.querySelector('#reason')?.value;
    queue.replaceChildren(...page.childNodes);
    for (const box of queue.querySelectorAll('[name="reports"]')) box.checked = picked.includes(box.value);
    if (reason && queue.querySelector('#reason')) queue.querySelector('#reason').value = reason;
    if (focused) queue.querySelector(`[data-report="${focused}"] a`)?.focus();
    else if (inside === 'reason') queue.querySelector('#reason')?.focus();
  } catch { /* the stream comes back, and with it the next look */ } finally {
    fetching = false;
  }
}

function soon() { // many events, one look
  if (!queue || wanted) return;
  wanted = setTimeout(() => { wanted = 0; fresh(); }, 300);
}
if (queue) setInterval(() => { if (!document.hidden) fresh(); }, 60000); // its clocks run on where nothing happens

// ── the stream ──
if (at.dataset.ring && window.EventSource) {
  at.setAttribute('role', 'status');
  at.setAttribute('aria-live', 'assertive');
  const others = window.BroadcastChannel && new BroadcastChannel('ring'); // one tab holds the stream and tells the others
  const hear = ({ id, report }) => {
    if (id) store.set('after', id);
    if (report) rang(report);
    soon();
  };
  const tell = (event) => {
    const about = JSON.parse(event.data), written = event.type === 'message', referral = event.type === 'referral';
    const mine = about.worker === at.dataset.me; // a message rings where it is urgent, and for whoever works on the report
    const loud = event.type === 'report' || referral || (written && (mine || /^U[12]$/.test(about.urgency)));
    const said = { id: written || referral ? '' : event.lastEventId, report: loud ? { ...about, written, referral } : null };
    hear(said);
    others?.postMessage(said);
  };
  const open = () => new Promise((closed) => {
    const after = store.get('after', null); // what this tab saw last, on whatever page
    const stream = new EventSource(at.dataset.ring + (after ? `?after=${encodeURIComponent(after)}` : ''));
    stream.addEventListener('report', tell);
    stream.addEventListener('queue', tell);
    stream.addEventListener('message', tell);
    stream.addEventListener('referral', tell);
    addEventListener('pagehide', () => { stream.close(); closed(); });
  });
  if (others) others.onmessage = (event) => hear(event.data);
  if (others && navigator.locks) navigator.locks.request('ring', open).catch(open);
  else open();
  show();
}

// ── where one is ──
for (const door of document.querySelectorAll('header nav a'))
  if ([door.pathname, ...(door.dataset.also ?? '').split(' ')].includes(`/${location.pathname.split('/')[1]}`)) door.setAttribute('aria-current', 'true');

// ── the keyboard ──
function move(by) {
  const links = [...document.querySelectorAll('.queue tbody tr')].map((row) => row.querySelector('a')).filter(Boolean);
  if (!links.length) return;
  const now = links.findIndex((l) => l.closest('tr').contains(document.activeElement));
  links[Math.max(0, Math.min(links.length - 1, now < 0 ? 0 : now + by))].focus();
}

// A page's own key: a door is gone through, a fold opens and its first field waits, and what cannot be taken back
// (data-focus) only gets the focus, so that Enter decides; where it stands on several things, each press goes to the next.
function press(all) {
  const named = all[(all.indexOf(document.activeElement) + 1) % all.length];
  if ('focus' in named.dataset) {
    named.focus();
    return;
  }
  named.click();
  if (named.matches('summary')) named.parentElement.open && named.parentElement.querySelector('select, textarea, input:not([type="hidden"])')?.focus();
}

function take() { // the row with the focus; without one what the page itself offers, in the queue the most urgent
  const row = document.activeElement?.closest?.('[data-report]');
  (row ? row.querySelector('form button') : document.querySelector('[data-key="t"], [data-report] form button'))?.click();
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
  const inQueue = document.activeElement?.closest?.('.queue tbody tr');
  const door = /^[1-9]$/.test(event.key) && document.querySelectorAll('header nav a')[event.key - 1];
  const keys = {
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: inQueue && (() => move(1)),
    ArrowUp: inQueue && (() => move(-1)),
    o: () => openRinging() || inQueue?.querySelector('a')?.click(),
    Enter: free && rings.length && openRinging,
    t: take,
    s: () => { sound = !sound; store.set('sound', sound); listen(); beep(3); },
    Escape: () => { rings = []; show(); },
    '?': () => location.assign('/keys'),
    ' ': inQueue && (() => inQueue.querySelector('input[type="checkbox"]')?.click()), // picks the row
    g: document.querySelector('header a[href="/reports"]') && (() => location.assign('/reports')),
  };
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const named = /^[a-z]$/.test(key) ? [...document.querySelectorAll(`[data-key="${key}"]`)] : []; // a page's own keys
  const act = keys[key] || (named.length && (() => press(named))) || (door && (() => door.click()));
  if (!act) return;
  event.preventDefault();
  act();
});
addEventListener('pointerdown', listen);
document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a[href^="/reports/"]');
  if (link) stopRinging(link.getAttribute('href').slice(9));
});
