// Values of the plan are saved as they are typed: each row by itself, when one leaves a field. Without this the page's button
// saves them all. Enter goes to the same field of the next row, as in a spreadsheet.
const form = document.querySelector('form.entry');
const csrf = form?.querySelector('[name=csrf]')?.value;
const done = document.getElementById('plan-done');

const field = (row, name) => row.querySelector(`[name="cells.${name}.${row.dataset.row}"]`);
const typed = (row) => ['n', 'of', 'blank', 'comment'].map((name) => field(row, name)?.value ?? '').join('\n');

async function save(row) {
  if (row.dataset.busy || typed(row) === row.dataset.typed) return;
  row.dataset.busy = '1';
  const sent = typed(row), { indicator, period, county } = row.dataset, two = field(row, 'of'), kept = row.querySelector('.kept');
  const body = {
    indicator, period, institution: form.dataset.institution, county, blank: field(row, 'blank').value, comment: field(row, 'comment').value,
    version: Number(field(row, 'version').value), ...(two ? { numerator: field(row, 'n').value, denominator: two.value } : { value: field(row, 'n').value }),
  };
  try {
    const answer = await fetch('/api/v1/plan/values', { method: 'PUT', headers: { 'content-type': 'application/json', 'x-csrf-token': csrf }, body: JSON.stringify(body) });
    const said = await answer.json();
    if (answer.ok) {
      field(row, 'version').value = said.version;
      row.dataset.typed = sent;
      row.classList.remove('bad');
      kept.textContent = form.dataset.saved;
    } else {
      // Half of a percentage is no fault while the other half is still to come.
      const half = two && (field(row, 'n').value === '') !== (two.value === '');
      kept.textContent = half ? '' : said.errors?.[0]?.message ?? said.message ?? form.dataset.lost;
      row.classList.toggle('bad', !half);
    }
  } catch {
    kept.textContent = form.dataset.lost;
  }
  delete row.dataset.busy;
  if (typed(row) !== sent) save(row); // typed on meanwhile
}

if (form && done) {
  for (const row of form.querySelectorAll('tr[data-row]')) {
    row.dataset.typed = typed(row);
    row.addEventListener('focusout', (event) => { if (event.target.matches('input')) save(row); });
  }
  form.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !event.target.matches('input:not([type=hidden])')) return;
    const all = [...form.querySelectorAll(`input[name^="${event.target.name.split('.').slice(0, 2).join('.')}."]`)], next = all[all.indexOf(event.target) + 1];
    event.preventDefault();
    (next ?? form.querySelector('button')).focus();
  });
}
