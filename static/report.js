// Comfort for the public pages; everything works without it. What needs script says so with data-script and is shown here.
// Quick exit: the page is covered at once and emptied; the way back leads to what was before isigurt, the way forward to an
// empty start page. Who comes back here all the same is led out again: the tab keeps a mark until somebody opens isigurt anew.
const exit = document.querySelector('.exit');
let tab = {}, cleared = false;
try { tab = sessionStorage; } catch { /* refused: then without the mark */ }
const out = () => location.replace(exit.href);
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
if (exit) {
  exit.addEventListener('click', leave);
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
const steps = document.querySelector('form[data-steps]');
let at = 0; // how many of ours lie behind this step
const step = async (form, go) => {
  const data = new URLSearchParams(new FormData(form));
  data.set('go', go);
  try {
    const answer = await fetch(form.action, { method: 'POST', body: data, headers: { accept: 'text/html' } });
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    if (!page.querySelector('form[data-steps]')) throw answer;
    document.querySelector('main').replaceWith(page.querySelector('main'));
    document.title = page.title;
    ready();
    scrollTo(0, 0);
    document.querySelector('main').focus();
    return answer.ok;
  } catch { // whatever it is, the browser shows it
    form.append(Object.assign(document.createElement('input'), { type: 'hidden', name: 'go', value: go }));
    form.submit();
  }
};
if (steps) {
  history.replaceState(0, '');
  addEventListener('popstate', (e) => {
    if (e.state === null) return; // a skip link
    if (tab.left) return clear();
    const form = document.querySelector('form[data-steps]'), back = e.state < at;
    at = e.state;
    if (!form) return;
    if (!back) step(form, 'next');
    else if (form.querySelector('[value=back]')) step(form, 'back');
    else history.back(); // the first question: nothing of ours is before it
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
  for (const f of document.forms) f.addEventListener('submit', async (e) => {
    if (f.dataset.sent) return e.preventDefault();
    f.dataset.sent = '1';
    const go = e.submitter?.name === 'lang' ? '' : e.submitter?.value || 'next'; // Enter presses the nameless button
    if (!('steps' in f.dataset) || !go || go === 'send') return;
    e.preventDefault();
    if (go === 'back' && at) history.back();
    else if (await step(f, go) && go !== 'back') history.pushState(++at, '');
  });
};
ready();
addEventListener('pageshow', () => { for (const f of document.forms) delete f.dataset.sent; });
