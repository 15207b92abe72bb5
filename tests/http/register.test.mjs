// The registers through a running site: who may enter, confirm and read; two editors; files; search and cursor; the pages.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Instance, request } from '../lib/instance.mjs';
import { hiring, ok } from '../lib/people.mjs';
import { tableSend } from '../lib/plan.mjs';

let site, owner, clerk, monitor, coordinator, akep, isp;
before(async () => {
  site = await Instance.start();
  const { person } = await hiring(site);
  akep = await person('akep.nje', 'AKEP', 'clerk');
  isp = await person('isp.nje', 'ISP', 'clerk');
  [owner, clerk, monitor, coordinator] = [await site.signIn('indicator_owner'), await site.signIn('clerk'), await site.signIn('monitor'), await site.signIn('coordinator')];
});
after(() => site.remove());

const training = (more = {}) => ({ title: 'Trajnim prove', topic: 'filters', audience: 'teachers', mode: 'online', date: '2024-05-06', ...more });
const rows = async (who, query) => ok(await who.get(`/api/v1/registers/list?${query}`)).entries;

test('every register; the demonstration has rows, all marked as invented', async () => {
  const { registers } = ok(await monitor.get('/api/v1/registers'));
  assert.equal(registers.length, 28);
  assert.ok(registers.every((r) => r.rows > 0), JSON.stringify(registers.filter((r) => !r.rows)));
  assert.ok((await rows(monitor, 'code=training')).every((e) => e.demo));
  assert.equal(registers.find((r) => r.code === 'committee_seat').gaps, 1, 'a seat that nobody has');
});

test('who enters what: role, institution and register', async () => {
  const add = (who, code, fields, more) => who.post('/api/v1/registers/entries', { code, fields, ...more });
  assert.equal((await add(monitor, 'training', training())).status, 403);
  assert.equal((await add(await site.signIn('helpline'), 'training', training())).status, 403);
  assert.equal((await add(clerk, 'legal_act', { title: 'x', kind: 'law', change: 'new', date: '2024-01-01' })).status, 201, 'a regulator may');
  assert.equal((await add(isp, 'legal_act', { title: 'x', kind: 'law', change: 'new', date: '2024-01-01' })).status, 403, 'industry may not');
  const { id } = ok(await add(owner, 'training', training()), 201);
  assert.equal((await clerk.post(`/api/v1/registers/entries/${id}`, { version: 1, fields: training() })).status, 403, 'a foreign institution');
  assert.equal((await add(owner, 'training', training(), { institution: 'AKEP' })).status, 403);
  assert.deepEqual((await add(owner, 'training', training({ date: '2024-02-30', hours: 'x', colour: 'red' }))).json.errors.map((e) => e.field).sort(), ['fields.colour', 'fields.date', 'fields.hours']);
});

test('the second of two editors is told, and the page keeps what was typed beside what stands', async () => {
  const { id } = ok(await owner.post('/api/v1/registers/entries', { code: 'training', fields: training({ title: 'E para' }) }), 201);
  ok(await owner.post(`/api/v1/registers/entries/${id}`, { version: 1, fields: training({ title: 'E dyta' }) }));
  const late = await coordinator.post(`/api/v1/registers/entries/${id}`, { version: 1, fields: training({ title: 'E treta' }) });
  assert.equal(late.status, 409);
  const form = new URLSearchParams({ csrf: coordinator.csrf, version: '1' });
  for (const [k, v] of Object.entries(training({ title: 'E treta & <b>' }))) form.set(`fields.${k}`, v);
  form.append('fields.mechanism', 'police');
  form.append('fields.mechanism', 'platform');
  const page = await request(site.desk, 'POST', `/registers/entries/${id}`, { headers: { cookie: coordinator.cookies, 'content-type': 'application/x-www-form-urlencoded' }, body: form.toString() });
  assert.equal(page.status, 409);
  assert.match(page.text, /value="E treta &amp; &lt;b&gt;"/);
  assert.match(page.text, /Tani këtu është: E dyta/);
  assert.match(page.text, /name="version" value="2"/);
  form.set('version', '2');
  const saved = await request(site.desk, 'POST', `/registers/entries/${id}`, { headers: { cookie: coordinator.cookies, 'content-type': 'application/x-www-form-urlencoded' }, body: form.toString() });
  assert.equal(saved.status, 303, saved.text);
  const row = ok(await monitor.get(`/api/v1/registers/entries/${id}`));
  assert.deepEqual([row.fields.title, row.fields.mechanism, row.version, row.history.length], ['E treta & <b>', 'police platform', 3, 3]);
});

test('an ISP enters, AKEP confirms; nobody else, and never its own writing', async () => {
  const { id } = ok(await isp.post('/api/v1/registers/entries', { code: 'isp_signatory', fields: { title: 'Rrjeti i testit', date: '2024-03-01' } }), 201);
  assert.equal(ok(await monitor.get(`/api/v1/registers/entries/${id}`)).counts, false);
  for (const who of [isp, owner, clerk, coordinator]) assert.equal((await who.post(`/api/v1/registers/entries/${id}/confirm`, { version: 1 })).status, 403);
  assert.equal((await akep.post(`/api/v1/registers/entries/${id}/confirm`, { version: 9 })).status, 409);
  assert.equal(ok(await akep.post(`/api/v1/registers/entries/${id}/confirm`, { version: 1 })).counts, true);
  ok(await isp.post(`/api/v1/registers/entries/${id}`, { version: 2, fields: { title: 'Rrjeti tjetër', date: '2024-03-01' } }));
  const row = ok(await akep.get(`/api/v1/registers/entries/${id}`));
  assert.deepEqual([row.counts, row.state, row.corrections], [false, 'entered', 1]);
  ok(await akep.post(`/api/v1/registers/entries/${id}/return`, { version: 3, note: 'Cili emër?' }));
  assert.equal((await monitor.get(`/api/v1/registers/entries/${id}`)).status, 404);
});

test('drafts are seen by their institution only', async () => {
  const { id } = ok(await owner.post('/api/v1/registers/entries', { code: 'training', draft: true, fields: training({ title: 'Vetëm e jona' }) }), 201);
  for (const who of [monitor, clerk]) {
    assert.equal((await who.get(`/api/v1/registers/entries/${id}`)).status, 404);
    assert.deepEqual(await rows(who, 'code=training&q=vetem'), []);
  }
  assert.equal((await rows(owner, 'code=training&q=vetem')).length, 1);
  ok(await owner.post(`/api/v1/registers/entries/${id}/enter`, { version: 1 }));
  assert.equal((await rows(monitor, 'code=training&q=vetem')).length, 1);
});

const send = (who, fields, bytes) => tableSend(who, '/api/v1/registers/import', bytes, false, fields);

test('a table file: every bad line by number and reason, all or nothing; out as it went in', async () => {
  const head = '\ufefftitle;topic;audience;mode;date;county;municipality\r\n';
  const bad = await send(owner, { code: 'training', write: '1' }, `${head}"Një; dy";data;police;online;2017-01-02;;\r\nTre;x;police;online;2017-13-01;;\r\n`);
  assert.equal(bad.status, 409, bad.text);
  assert.deepEqual(bad.json.lines.map((l) => [l.line, l.field]), [[3, 'topic'], [3, 'date']]);
  assert.ok(bad.json.lines.every((l) => l.message.length > 5));
  assert.deepEqual(await rows(monitor, 'code=training&year=2017'), []);
  const good = `${head}"Një; dy";data;police;online;2017-01-02;Korçë;Maliq\r\n'=cmd|x;data;police;online;2017-01-03;;\r\n`;
  const look = ok(await send(owner, { code: 'training' }, good));
  assert.deepEqual([look.rows, look.done, look.lines], [2, false, []]);
  assert.deepEqual(await rows(monitor, 'code=training&year=2017'), []);
  assert.equal(ok(await send(owner, { code: 'training', write: '1' }, good)).done, true);
  assert.deepEqual((await rows(monitor, 'code=training&year=2017')).map((e) => e.title), ['=cmd|x', 'Një; dy']);
  const csv = await monitor.get('/api/v1/registers/csv?code=training&year=2017');
  assert.equal(csv.headers['content-disposition'], 'attachment; filename="training.csv"');
  assert.match(csv.text, /"'=cmd\|x"/);
  assert.match(csv.text, /"Një; dy"/);
  assert.equal((await send(monitor, { code: 'training' }, good)).status, 403);
  assert.equal((await send(isp, { code: 'legal_act' }, good)).status, 403);
  assert.match(ok(await send(owner, { code: 'training' }, Buffer.from('title\n\xeb\n', 'latin1'))).lines[0].message, /UTF-8/);
});

test('search folds ë and ç, filters are exact, the cursor meets each row once', async () => {
  const lines = Array.from({ length: 130 }, (_, i) => `Takimi ${i} në Përmet,session,data,parents,online,2016-0${1 + i % 3}-11`).join('\n');
  assert.equal(ok(await send(owner, { code: 'session', write: '1' }, `title,kind,topic,audience,mode,date\n${lines}\n`)).rows, 130);
  const seen = [];
  for (let after = ''; after !== null;) {
    const page = ok(await monitor.get(`/api/v1/registers/list?code=session&year=2016${after ? `&after=${after}` : ''}`));
    seen.push(...page.entries.map((e) => e.id));
    after = page.next;
  }
  assert.deepEqual([seen.length, new Set(seen).size], [130, 130]);
  assert.deepEqual((await rows(monitor, `code=session&q=${encodeURIComponent('PERMET takimi 57')}`)).map((e) => e.title), ['Takimi 57 në Përmet']);
  assert.deepEqual(await rows(monitor, 'code=session&year=2016&institution=AKEP'), []);
  for (const wrong of ['after=x', 'year=9', 'state=x', 'stage=x', 'county=x']) assert.equal((await monitor.get(`/api/v1/registers/list?code=session&${wrong}`)).status, 422, wrong);
  assert.equal((await monitor.get('/api/v1/registers/list?code=nosuch')).status, 404);
});

test('the form is made from the description, and comes back as typed', async () => {
  const page = (who, path) => request(site.desk, 'GET', path, { headers: { cookie: who.cookies, accept: 'text/html' } });
  const form = await page(owner, '/registers/new?code=training');
  for (const name of ['title', 'date', 'mechanism', 'attendance.f.0-13', 'audience_institution']) assert.ok(form.text.includes(`name="fields.${name}"`), name);
  assert.match((await page(isp, '/registers/new?code=legal_act')).text, /nuk shënon rreshta/);
  const refused = await request(site.desk, 'POST', '/registers/entries', { headers: { cookie: owner.cookies, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ csrf: owner.csrf, code: 'training', 'fields.title': 'Mbetet "këtu"', 'fields.attendance.m.30': 'shumë', 'fields.topic': 'data' }).toString() });
  assert.equal(refused.status, 422);
  assert.match(refused.text, /value="Mbetet &quot;këtu&quot;"/);
  assert.match(refused.text, /value="shumë"/);
  assert.match(refused.text, /<option value="data" selected/);
  assert.equal((await request(site.desk, 'POST', '/registers/entries', { headers: { cookie: owner.cookies, 'content-type': 'application/x-www-form-urlencoded' }, body: 'code=training' })).status, 403);
});
