// What somebody may know of what is kept about them: asked by one, approved by another, chosen piece by piece, and written down.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Instance, request, until } from '../lib/instance.mjs';

let site, officer, analyst, police, oversight;
before(async () => {
  site = await Instance.start();
  site.morning();
  officer = await site.signIn('duty_officer');
  analyst = await site.signIn('analyst');
  police = await site.signIn('contact');
  oversight = await site.signIn('oversight');
});
after(() => site.remove());
const ok = async (promise, status = 200) => {
  const answer = await promise;
  assert.equal(answer.status, status, answer.text);
  return answer.json;
};
const ask = (who, thing, more = {}) => who.post('/api/v1/access', { thing, reason: 'own', identity: 'receipt', ...more });
const words = { text: 'Më kërcënoi me fotot e mia.', contact: 'ana@posta.example', safe_to_contact: 'vetëm pas orës 15', category: 'SEXT', in_danger: true, where: 'page', address: 'https://rrjeti.example/u/ana', reporter: 'child', age_band: '13-15', county: 'Korçë' };
async function report(more = {}) {
  const known = new Set((await officer.get('/api/v1/reports?state=new')).json.reports.map((r) => r.id));
  const sent = await site.report({ ...words, ...more });
  assert.equal(sent.status, 201, sent.text);
  const id = await until('the report', async () => (await officer.get('/api/v1/reports?state=new')).json.reports.find((r) => !known.has(r.id))?.id);
  return { id, receipt: sent.json.receipt };
}
const facts = (file, kind) => file.parts.filter((p) => p.kind === kind).flatMap((p) => p.facts);
const value = (file, kind, name) => facts(file, kind).find((f) => f.name === name)?.value;

test('a report: two persons, its own unit, all of it, and each step in history and trail', async () => {
  const { id, receipt } = await report();
  await ok(officer.post(`/api/v1/reports/${id}/take`));
  await ok(officer.post(`/api/v1/reports/${id}/answer`, { text: 'Po merremi me të.' }));
  site.advance(120); // times are to the minute
  assert.equal((await site.messages(receipt, 'Faleminderit.')).status, 201);
  await until('the message', async () => (await officer.get(`/api/v1/reports/${id}`)).json.messages.length === 2);
  for (const [who, status] of [[police, 422], [oversight, 403]]) assert.equal((await ask(who, id)).status, status, 'not theirs');
  assert.equal((await ask(officer, id, { reason: 'nothing' })).status, 422);
  assert.equal((await ask(officer, id, { identity: '' })).status, 422);
  assert.equal((await ask(officer, 'f'.repeat(32))).status, 422);
  const { id: asked } = await ok(ask(officer, id), 201);
  assert.equal((await ask(analyst, id)).status, 409, 'asked for already');
  const take = (who, more = {}) => who.post(`/api/v1/access/${asked}/file`, more);
  assert.equal((await take(officer)).status, 409, 'not before it is approved');
  assert.equal((await officer.post(`/api/v1/access/${asked}/approve`)).status, 403, 'nobody approves his own');
  assert.equal((await police.post(`/api/v1/access/${asked}/approve`)).status, 404, 'another unit');
  await ok(analyst.post(`/api/v1/access/${asked}/approve`));
  assert.equal((await analyst.post(`/api/v1/access/${asked}/refuse`)).status, 409);
  assert.equal((await take(analyst)).status, 403, 'only who asked hands it out');
  assert.equal((await take(police)).status, 404);
  const prepared = await ok(officer.get(`/api/v1/access/${asked}`));
  assert.equal(prepared.safe, words.safe_to_contact);
  const answer = await take(officer);
  assert.equal(answer.status, 200, answer.text);
  assert.match(answer.headers['content-disposition'], /attachment; filename="isigurt-[0-9a-f]{32}\.json"/);
  const file = answer.json;
  assert.equal(file.isigurt_access, 1);
  for (const name of ['text', 'contact', 'safe_to_contact', 'address', 'county', 'category', 'age_band']) assert.equal(value(file, 'report', name), words[name], name);
  assert.deepEqual(facts(file, 'message').map((f) => f.value), ['Po merremi me të.', 'Faleminderit.']);
  assert.ok(!file.parts.some((p) => p.kind === 'note'), 'workers\' notes only where they are asked for');
  const read = await ok(officer.get(`/api/v1/reports/${id}`));
  assert.ok(read.history.some((h) => h.action === 'exported'));
  const trail = (await ok(oversight.get('/api/v1/audit'))).entries;
  for (const action of ['access_asked', 'access_decided', 'access_taken']) assert.ok(trail.some((e) => e.action === action && e.object === id), action);
  assert.ok(trail.some((e) => e.action === 'open' && e.object === id && /^04/.test(e.detail)), 'opened for export');
  assert.equal((await ok(officer.get('/api/v1/access'))).requests.find((r) => r.id === asked).taken, 1);
  site.advance(15 * 86400);
  officer = await site.signIn('duty_officer');
  assert.equal((await take(officer)).status, 409, 'not for ever');
});

test('a refused request is not handed out', async () => {
  officer = await site.signIn('duty_officer');
  analyst = await site.signIn('analyst');
  const { id } = await report();
  const { id: asked } = await ok(ask(officer, id), 201);
  await ok(analyst.post(`/api/v1/access/${asked}/refuse`));
  assert.equal((await officer.post(`/api/v1/access/${asked}/file`, {})).status, 409);
  assert.equal((await officer.get(`/api/v1/access/${asked}`)).status, 409);
});

test('a case: who must not be told is said before and gets nothing; others only where chosen one by one; notes where asked for', async () => {
  const { id: told } = await report(), { id } = await ok(officer.post('/api/v1/cases', { reports: [told] }), 201);
  const c = `/api/v1/cases/${id}`;
  const add = async (fields) => {
    await ok(officer.post(`${c}/people`, { ...fields, version: (await ok(officer.get(c))).version }), 201);
    return (await ok(officer.get(c))).people.find((p) => p.name === fields.name).id;
  };
  const child = await add({ role: 'child', name: 'Dea Sh.', school: 'Shkolla e Re' });
  const stepfather = await add({ role: 'suspect', name: 'Njerku Q.', must_not_be_told: true });
  const witness = await add({ role: 'witness', name: 'Fqinja M.' });
  await ok(officer.post(`${c}/notes`, { text: 'shënim i brendshëm' }), 201);
  const { id: asked } = await ok(ask(officer, id), 201);
  await ok(analyst.post(`/api/v1/access/${asked}/approve`));
  const prepared = await ok(officer.get(`/api/v1/access/${asked}`));
  assert.deepEqual(prepared.persons.filter((p) => p.untold).map((p) => p.name), ['Njerku Q.']);
  assert.equal(prepared.reports[0].id, told);
  const take = (more) => officer.post(`/api/v1/access/${asked}/file`, more);
  const fields = (answer) => answer.json.errors?.map((e) => e.field);
  assert.deepEqual(fields(await take({ compared: true })), ['subject']);
  assert.deepEqual(fields(await take({ subject: child })), ['compared'], 'compared before');
  assert.deepEqual(fields(await take({ subject: stepfather, compared: true })), ['subject'], 'must not be told');
  assert.deepEqual(fields(await take({ subject: child, compared: true, persons: ['0'.repeat(32)] })), ['persons']);
  const least = (await take({ subject: child, compared: true })).json;
  const all = JSON.stringify(least);
  assert.equal(value(least, 'person', 'name'), 'Dea Sh.');
  for (const word of ['Njerku', 'Fqinja', 'shënim i brendshëm', words.text, words.contact]) assert.ok(!all.includes(word), word);
  const more = (await take({ subject: child, compared: true, persons: [witness], reports: [told], notes: true })).json;
  assert.equal(value(more, 'third_person', 'name'), 'Fqinja M.');
  assert.equal(value(more, 'report', 'text'), words.text);
  assert.ok(facts(more, 'note').some((f) => f.value === 'shënim i brendshëm'));
  for (const word of ['Njerku', words.contact, words.safe_to_contact]) assert.ok(!JSON.stringify(more).includes(word), word);
  assert.ok((await ok(officer.get(c))).history.some((h) => h.action === 'exported'));
  assert.equal((await ask(officer, told)).status, 422, 'a report in a case: one asks for the case');

  // The page, without script: both forms, what was chosen stays, the file and the page for printing.
  const form = (path, body) => request(site.desk, 'POST', path, {
    headers: { cookie: officer.cookies, 'content-type': 'application/x-www-form-urlencoded', origin: site.desk }, body: new URLSearchParams({ csrf: officer.csrf, ...body }).toString() });
  for (const lang of ['sq', 'en']) {
    const page = await officer.get(`/access/${asked}?lang=${lang}`, { accept: 'text/html' });
    assert.equal(page.status, 200);
    assert.match(page.text, /Njerku Q\./);
    assert.match((await officer.get(`/access?lang=${lang}`, { accept: 'text/html' })).text, new RegExp(`/access/${asked}`));
  }
  const refused = await form(`/access/${asked}/file`, { subject: child, persons: witness });
  assert.equal(refused.status, 422);
  assert.match(refused.text, new RegExp(`name="persons" value="${witness}"[^>]* checked`), 'nothing chosen is lost');
  const printed = await form(`/access/${asked}/file`, { subject: child, compared: '1' });
  assert.equal(printed.status, 200);
  assert.match(printed.text, /Dea Sh\./);
  assert.ok(!/Fqinja|Njerku/.test(printed.text));
  const json = await form(`/access/${asked}/file`, { subject: child, compared: '1', as: 'json' });
  assert.match(json.headers['content-disposition'], /\.json"/);
  assert.equal(value(json.json, 'person', 'school'), 'Shkolla e Re');
});

const form = (path, body) => request(site.desk, 'POST', path, {
  headers: { cookie: officer.cookies, 'content-type': 'application/x-www-form-urlencoded', origin: site.desk }, body: new URLSearchParams({ csrf: officer.csrf, ...body }).toString() });
async function newCase() {
  const { id: told } = await report();
  const { id } = await ok(officer.post('/api/v1/cases', { reports: [told] }), 201), c = `/api/v1/cases/${id}`;
  const version = async () => (await ok(officer.get(c))).version;
  const add = async (fields) => {
    await ok(officer.post(`${c}/people`, { ...fields, version: await version() }), 201);
    return (await ok(officer.get(c))).people.find((p) => p.name === fields.name).id;
  };
  const approved = async () => {
    const { id: asked } = await ok(ask(officer, id), 201);
    await ok(analyst.post(`/api/v1/access/${asked}/approve`));
    return asked;
  };
  return { id, c, version, add, approved };
}

test('of a case: who got a case file is told, and the words of workers of every kind of entry where they are asked for', async () => {
  site.advance(61);
  const { c, add, approved } = await newCase();
  const child = await add({ role: 'child', name: 'Dea Sh.' });
  const said = [];
  const word = (kind) => { said.push(`fjalët te ${kind}`); return said.at(-1); };
  await ok(officer.post(`${c}/notes`, { text: word('note') }), 201);
  await ok(officer.post(`${c}/assessment`, { risk: 'high', text: word('assessment') }), 201);
  await ok(officer.post(`${c}/plan`, { text: word('plan') }), 201);
  await ok(analyst.post(`${c}/state`, { state: 'planned', text: word('state') }));
  await ok(officer.post(`${c}/tasks`, { title: word('task'), due: '2099-01-01' }), 201);
  const task = (await ok(officer.get(c))).tasks[0].id;
  await ok(officer.post(`${c}/tasks/${task}/done`, { text: word('task_done') }));
  await ok(officer.post(`${c}/routes`, { kind: 'criminal', body: 'Policia e Shtetit', text: word('route') }), 201);
  await ok(officer.post(`${c}/addresses`, { address: 'https://tjeter.example/x', text: word('address') }), 201);
  const sent = await fetch(`${site.desk}${c}/files`, { method: 'POST', headers: { cookie: officer.cookies, 'x-csrf-token': officer.csrf, origin: site.desk },
    body: (() => { const f = new FormData(); f.set('text', word('file')); f.set('file', new Blob([Buffer.from('Provë.\n')], { type: 'text/plain' }), 'prove.txt'); return f; })() });
  assert.equal(sent.status, 201, await sent.text());
  for (const [way, to] of [['print', 'Gjykata e Korçës'], ['outside', 'Avokati B.']])
    await ok(officer.post(`${c}/casefile`, { way, recipient: to, ground: 'criminal_procedure', reason: word(`casefile ${way}`) }), way === 'print' ? 200 : 201);
  const unit = (await ok(officer.get('/api/v1/units?type=police'))).units[0];
  await ok(officer.post(`${c}/casefile`, { way: 'unit', unit: unit.id, ground: 'criminal_procedure', reason: word('casefile unit') }), 201);
  const now = await ok(officer.get(c));
  await ok(officer.call('PUT', `${c}/routes/${now.routes[0].id}`, { stage: 'withdrawn', text: word('route, later') }));
  const address = now.addresses.find((a) => a.address === 'https://tjeter.example/x').id;
  await ok(officer.call('PUT', `${c}/addresses/${address}`, { stage: 'left', text: word('address, later') }));
  await ok(analyst.post(`${c}/files/${(await ok(officer.get(`${c}/files`))).files[0].id}/remove`, { text: word('file_removed') }));
  await ok(officer.post(`${c}/close`, { outcome: 'child_safe', text: word('close') }));
  await ok(analyst.post(`${c}/close/approve`));
  await ok(analyst.post(`${c}/reopen`, { reason: word('reopened') }));
  const asked = await approved();
  const least = (await officer.post(`/api/v1/access/${asked}/file`, { subject: child, compared: true })).json;
  const shown = facts(least, 'shown_to').filter((f) => f.name === 'to').map((f) => f.value);
  for (const to of ['Gjykata e Korçës', 'Avokati B.']) assert.ok(shown.includes(to), to);
  assert.equal(shown.length, 3, 'the unit too');
  for (const w of said) assert.ok(!JSON.stringify(least).includes(w), w);
  const more = (await officer.post(`/api/v1/access/${asked}/file`, { subject: child, compared: true, notes: true })).json;
  const texts = facts(more, 'note').map((f) => f.value);
  for (const w of said) assert.ok(texts.includes(w), w);
  assert.ok(!texts.includes(words.address), 'what a report named is the report\'s');
});

test('a case of which not all can be opened is not handed out in part; its people are all seen on its page', async () => {
  site.advance(61);
  const { id, c, version, add, approved } = await newCase();
  const child = await add({ role: 'child', name: 'Dea Sh.' });
  await add({ role: 'suspect', name: 'Njerku Q.', must_not_be_told: true });
  const asked = await approved();
  const long = '&'.repeat(8000);
  for (let i = 0; i < 40; i++) await ok(officer.post(`${c}/notes`, { text: long }), 201);
  const printed = await form(`/access/${asked}/file`, { subject: child, compared: '1', notes: '1' });
  assert.equal(printed.status, 200, printed.text.slice(0, 400));
  assert.ok(printed.text.length > 1 << 20, 'a page over a mebibyte');
  const most = '🙂'.repeat(8000);
  for (let i = 0; i < 19; i++) await ok(officer.post(`${c}/assessment`, { risk: 'high', text: most, version: await version() }), 201);
  for (const target of [`${c}/casefile`, `/api/v1/access/${asked}`]) {
    const answer = await officer.get(target);
    assert.equal(answer.status, 413, answer.text.slice(0, 300));
    assert.match(answer.text, /tepër i madh/);
  }
  assert.equal((await officer.post(`/api/v1/access/${asked}/file`, { subject: child, compared: true })).status, 413);
  assert.equal((await ok(officer.get('/api/v1/access'))).requests.find((r) => r.id === asked).taken, 1);
  assert.ok((await ok(officer.get(c))).people.some((p) => p.name === 'Njerku Q.'), 'people come before all else');
  assert.ok(id);
});

test('of a report with very many notes the file says that older ones are left out', async () => {
  site.advance(61);
  const { id } = await report();
  await ok(officer.post(`/api/v1/reports/${id}/take`));
  for (let i = 1; i <= 101; i++) await ok(officer.post(`/api/v1/reports/${id}/urgency`, { urgency: i % 2 ? 'U3' : 'U4', reason: `shënimi ${i}.` }));
  const { id: asked } = await ok(ask(officer, id), 201);
  await ok(analyst.post(`/api/v1/access/${asked}/approve`));
  const file = (await officer.post(`/api/v1/access/${asked}/file`, { notes: true })).json;
  const notes = facts(file, 'note').map((f) => f.value);
  assert.equal(notes.length, 100);
  assert.deepEqual([notes[0], notes.at(-1)], ['shënimi 2.', 'shënimi 101.'], 'the newest, oldest first');
  assert.equal(file.parts.filter((p) => p.kind === 'more').length, 1);
});
