// Comfort for the public pages; everything works without it. What needs script says so with data-script and is shown here.
// Quick exit: the page is covered at once and emptied; the way back leads to what was before isigurt, the way forward to an
// empty start page. Who comes back here all the same is led out again: the tab keeps a mark until somebody opens isigurt anew.
const one = (what) => document.querySelector(what), main = () => one('main');
let tab = {}, cleared = false;
try { tab = sessionStorage; } catch { /* refused: then without the mark */ }
const out = () => location.replace(one('.exit').href);
const hide = () => { document.documentElement.hidden = true; };
const clear = () => { // on the first page of ours: a new entry cuts off all later ones, what was sent with them too
  hide();
  setTimeout(out, 300);
  if (cleared) return; // called by its own way back
  cleared = true;
  addEventListener('popstate', out);
  history.pushState(0, '', '/');
  history.back();
};
const leave = (e) => {
  e.preventDefault();
  hide();
  for (const t of document.querySelectorAll('input, textarea')) t.value = '';
  tab.left = 1;
  const before = self.navigation?.currentEntry.index; // how many pages of ours lie behind this one
  if (!before) return clear();
  setTimeout(out, 1000);
  history.go(-before);
};
if (one('.exit')) {
  addEventListener('click', (e) => e.target.closest?.('.exit') && leave(e));
  let last, times = 0; // Shift or Esc three times, nothing between
  addEventListener('keydown', (e) => {
    times = e.key === last && !e.repeat ? times + 1 : 1;
    last = e.key;
    if (times > 2 && /^(Shift|Escape)$/.test(last)) leave(e);
  });
  if (tab.left && performance.getEntriesByType('navigation')[0]?.type === 'back_forward') clear();
  else delete tab.left;
  addEventListener('pageshow', (e) => e.persisted && tab.left && clear());
}

// The form's steps in one document: the browser's way back leads a step back, as the form's own button does, instead of
// asking whether to send again; and what was typed lies in no history. Sending itself is a page of its own.
const form = () => one('form[data-steps]'), has = (go) => form().querySelector(`[value=${go}]`);
let at = history.state ?? 0; // how deep this step is; an entry of the history knows which it was
const ways = []; // by which each was come to: the way back from what was changed is the review
let queue = Promise.resolve(); // one after the other, however fast somebody presses
const step = async (name, value) => {
  const data = new URLSearchParams(new FormData(form()));
  data.set(name, value);
  main().setAttribute('aria-busy', 'true');
  try {
    const answer = await fetch(form().action, { method: 'POST', body: data, headers: { accept: 'text/html' }, signal: AbortSignal.timeout(20000) });
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    if (!page.querySelector('main form')) throw answer; // an error page has nothing that was typed
    document.body.replaceWith(page.body);
    document.title = page.title;
    document.documentElement.lang = page.documentElement.lang;
    if (form()) history.replaceState(history.state, '', form().action);
    ready();
    for (const s of document.querySelectorAll('main script[src]')) import(s.src); // put in like this it does not run
    scrollTo(0, 0);
    main().focus();
    return answer.ok && form();
  } catch { // no connection, or no page of ours: what was typed stays
    delete form().dataset.sent;
    main().removeAttribute('aria-busy');
    const say = one('#away') ?? form().insertAdjacentElement('beforebegin', Object.assign(document.createElement('p'), { id: 'away', className: 'alert warn' }));
    say.setAttribute('role', 'alert');
    say.textContent = form().dataset.away;
    say.scrollIntoView();
    return false;
  }
};
const moved = async (to) => {
  while (form() && at > to) {
    const way = ways[at] ?? 'back';
    if (!has(way)) return history.back(); // the first question: nothing of ours is before it
    if (!await step('go', way)) return;
    at--;
  }
  while (form() && at < to && await step('go', 'next')) at++;
};
const pressed = async (go) => {
  if (!await step('go', go)) return;
  if (history.state === at) history.pushState(at + 1, '');
  at++;
  ways[at] = go === 'next' || go === 'review' ? 'back' : 'review';
};
if (form()) {
  history.replaceState(at, '');
  addEventListener('popstate', (e) => {
    if (tab.left) return clear();
    if (e.state !== null) queue = queue.then(() => moved(history.state));
  });
  addEventListener('click', (e) => { // no entry of the history for it
    if (!e.target.closest?.('.skip')) return;
    e.preventDefault();
    main().focus();
  });
}

const ready = () => { // what stands in main now
  for (const e of document.querySelectorAll('[data-script]')) e.hidden = false;

  for (const b of document.querySelectorAll('[data-copy]')) b.addEventListener('click', async () => {
    const code = document.getElementById(b.dataset.copy);
    try {
      await navigator.clipboard.writeText(code.textContent.trim());
      b.textContent = b.dataset.done;
    } catch { // no clipboard: mark it, so that one can copy by hand
      getSelection().selectAllChildren(code);
    }
  });

  // A text file with the code and nothing else: its name says nothing to whoever looks through the phone.
  for (const b of document.querySelectorAll('[data-save]')) b.addEventListener('click', () => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([document.getElementById(b.dataset.save).textContent.trim() + '\n'], { type: 'text/plain' }));
    link.download = b.dataset.name;
    link.click();
    URL.revokeObjectURL(link.href);
  });

  for (const b of document.querySelectorAll('[data-print]')) b.addEventListener('click', () => print());

  // The counter stands there only near the end, where it matters, and is spoken at the very end.
  for (const t of document.querySelectorAll('[data-left]')) {
    const p = t.insertAdjacentElement('afterend', document.createElement('p'));
    p.className = 'hint';
    const count = () => {
      const left = t.maxLength - t.value.length;
      p.hidden = left > 200;
      p.textContent = t.dataset.left.replace('{n}', left);
      p.setAttribute('aria-live', left < 50 ? 'polite' : 'off');
    };
    t.addEventListener('input', count);
    count();
  }

  // A second touch on the button sends nothing; a page taken back from the history can be sent again.
  for (const f of document.forms) f.addEventListener('submit', (e) => {
    if (f.dataset.sent) return e.preventDefault();
    f.dataset.sent = '1';
    const go = e.submitter?.value || 'next'; // Enter presses the nameless button
    if (!('steps' in f.dataset) || go === 'send') return;
    e.preventDefault();
    if (go === 'back' && at) history.back();
    else queue = queue.then(() => e.submitter?.name === 'lang' ? step('lang', go) : go === 'back' ? step('go', go) : pressed(go));
  });
};
ready();
addEventListener('pageshow', () => { for (const f of document.forms) delete f.dataset.sent; });
