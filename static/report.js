// Comfort for the public pages; everything works without it. What needs script says so with data-script and is shown here.
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
for (const f of document.forms) f.addEventListener('submit', e => {
  if (f.dataset.sent) return e.preventDefault();
  f.dataset.sent = '1';
});
addEventListener('pageshow', () => { for (const f of document.forms) delete f.dataset.sent; });
