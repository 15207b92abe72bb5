// Values of the plan: what an institution owes, entered, handed in, returned, approved, locked; from a table file; two editors.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Instance, request } from '../lib/instance.mjs';
import { hiring, ok } from '../lib/people.mjs';
import { tableSend, valuePut } from '../lib/plan.mjs';

let site, alo, other, coordinator, second, monitor;
before(async () => {
  site = await Instance.start();
  const { person } = await hiring(site);
  alo = await person('alo.nje', 'ALO116', 'indicator_owner');
  other = await person('akep.nje', 'AKEP', 'indicator_owner');
  second = await person('koordinator.dy', 'MSHMS', 'coordinator');
  [coordinator, monitor] = [await site.signIn('coordinator'), await site.signIn('monitor')];
});
after(() => site.remove());

const entry = async (who, query) => ok(await who.get(`/api/v1/plan/entry?${query}`));
const row = async (who, period, county = null) => (await entry(who, `period=${period}`)).values.find((v) => v.indicator === '4.1.a' && v.period === period && v.county === county);
const form = (who, path, fields) => request(site.desk, 'POST', path, { headers: { cookie: who.cookies, 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams({ csrf: who.csrf, ...fields }).toString() });

test('what an institution owes: its own indicators, each period of the year, how much is done', async () => {
  const year = await entry(alo, 'period=2019');
  assert.deepEqual([year.institution, year.owed, year.done], ['ALO116', 12, 0]);
  assert.deepEqual(year.values.map((v) => v.period), Array.from({ length: 12 }, (_, i) => `2019-${String(i + 1).padStart(2, '0')}`));
  assert.ok(year.values.every((v) => v.indicator === '4.1.a' && v.state === null && v.value === null), 'nothing is entered, and nothing is zero');
  assert.equal((await entry(alo, 'period=2019-Q2')).owed, 3);
  assert.equal((await alo.get('/api/v1/plan/entry?period=2019&institution=AKEP')).status, 404, 'another institution');
  assert.equal((await entry(coordinator, 'period=2019&institution=ALO116')).owed, 12);
  assert.equal((await alo.get('/api/v1/plan/entry?period=2031')).status, 422);
  assert.equal((await monitor.get('/api/v1/plan/entry')).status, 403);
});

test('a value’s life: entered, handed in, returned with a note, corrected, approved by another, changed again', async () => {
  const { id, version, state } = ok(await valuePut(alo, '2018-01', '37'));
  assert.deepEqual([version, state], [1, 'draft']);
  assert.equal((await valuePut(other, '2018-02', '1')).status, 422, 'an institution that does not owe it');
  assert.equal((await other.get(`/api/v1/plan/values/${id}`)).status, 403, 'a draft is its institution’s');
  assert.equal((await coordinator.post(`/api/v1/plan/values/${id}/approve`, { version: 1 })).status, 409, 'not handed in');
  assert.equal((await alo.post(`/api/v1/plan/values/${id}/approve`, { version: 1 })).status, 403);
  ok(await alo.post(`/api/v1/plan/values/${id}/submit`, { version: 1 }));
  assert.ok(ok(await coordinator.get('/api/v1/plan/approvals')).values.some((v) => v.id === id && v.value === '37'));
  assert.equal((await coordinator.post(`/api/v1/plan/values/${id}/return`, { version: 2, note: ' ' })).status, 422);
  assert.equal(ok(await coordinator.post(`/api/v1/plan/values/${id}/return`, { version: 2, note: 'Shihni janarin' })).state, 'returned');
  assert.equal((await row(alo, '2018-01')).note, 'Shihni janarin');
  assert.equal(ok(await valuePut(alo, '2018-01', '38', { version: 3, submit: true })).state, 'submitted');
  assert.equal((await coordinator.post(`/api/v1/plan/values/${id}/approve`, { version: 3 })).status, 409, 'an older version is not approved');
  assert.equal(ok(await coordinator.post(`/api/v1/plan/values/${id}/approve`, { version: 4 })).state, 'approved');
  assert.equal(ok(await other.get(`/api/v1/plan/values/${id}`)).value, '38', 'approved ones are seen by all');
  assert.deepEqual(ok(await valuePut(alo, '2018-01', '38', { version: 5 })), { id, version: 5, state: 'approved' }, 'the same again changes nothing');
  ok(await valuePut(alo, '2018-01', '39', { version: 5 }));
  const now = ok(await alo.get(`/api/v1/plan/values/${id}`));
  assert.deepEqual([now.state, now.corrections, now.value, now.history.map((h) => h.action)], ['draft', 1, '39', ['saved', 'approved', 'submitted', 'returned', 'submitted', 'saved']]);
});

test('whoever entered it does not approve it, a coordinator neither', async () => {
  const { id } = ok(await valuePut(coordinator, '2018-03', '5', { institution: 'ALO116', submit: true }));
  assert.equal((await coordinator.post(`/api/v1/plan/values/${id}/approve`, { version: 1 })).status, 403);
  assert.equal(ok(await coordinator.post('/api/v1/plan/approvals', { values: { [id]: '1' } })).passed, 1);
  assert.equal(ok(await second.post('/api/v1/plan/approvals', { values: { [id]: '9' } })).passed, 1, 'another version than was looked at');
  assert.equal(ok(await second.post('/api/v1/plan/approvals', { values: { [id]: '1' } })).approved, 1);
});

test('numbers that are none, too many, too great; empty on purpose; zero is a value', async () => {
  for (const [value, more] of [['x'], ['1.5'], ['-3'], ['99999999999999999'], ['3', { blank: 'pse' }], ['', { blank: '..' }], ['3', { denominator: '4' }], ['3', { period: '2018-Q1' }]])
    assert.equal((await valuePut(alo, '2018-04', value, more ?? {})).status, 422, JSON.stringify([value, more]));
  assert.equal(ok(await valuePut(alo, '2018-04', '0')).state, 'draft');
  assert.equal((await row(alo, '2018-04')).value, '0');
  ok(await valuePut(alo, '2018-05', '', { blank: 'Linja nuk punoi në maj.', submit: true }));
  const may = await row(alo, '2018-05');
  assert.deepEqual([may.value, may.blank, may.state], [null, 'Linja nuk punoi në maj.', 'submitted']);
});

test('counties or the whole country, never both', async () => {
  ok(await valuePut(alo, '2018-06', '3', { county: 'Berat' }));
  assert.equal((await valuePut(alo, '2018-06', '9')).status, 422);
  ok(await valuePut(alo, '2018-06', '4', { county: 'Korçë' }));
  ok(await valuePut(alo, '2018-07', '9'));
  assert.equal((await valuePut(alo, '2018-07', '3', { county: 'Berat' })).status, 422);
  assert.equal((await valuePut(alo, '2018-07', '3', { county: 'Narnia' })).status, 422);
});

test('two editors: the second is told, and the page keeps what was typed beside what stands', async () => {
  ok(await valuePut(alo, '2018-08', '10'));
  ok(await valuePut(alo, '2018-08', '11', { version: 1 }));
  assert.equal((await valuePut(alo, '2018-08', '12', { version: 1 })).status, 409);
  const page = await form(alo, '/plan/entry', { period: '2018-08', institution: 'ALO116', 'cells.version.4_1_a.2018-08': '1', 'cells.n.4_1_a.2018-08': '12', 'cells.comment.4_1_a.2018-08': 'E <b>re' });
  assert.equal(page.status, 409);
  assert.match(page.text, /name="cells\.n\.4_1_a\.2018-08" value="12"/);
  assert.match(page.text, /value="E &lt;b&gt;re"/);
  assert.match(page.text, /Tani aty është: 11/);
  assert.match(page.text, /name="cells\.version\.4_1_a\.2018-08" value="2"/);
  assert.equal((await row(alo, '2018-08')).value, '11', 'what stands was not touched');
});

test('a page is saved as far as it is fine, and the rest stays in it', async () => {
  const page = await form(alo, '/plan/entry', { period: '2018-Q4', institution: 'ALO116', submit: '1', 'cells.version.4_1_a.2018-10': '0', 'cells.n.4_1_a.2018-10': '21',
    'cells.version.4_1_a.2018-11': '0', 'cells.n.4_1_a.2018-11': 'shumë', 'cells.version.4_1_a.2018-12': '0', 'cells.n.4_1_a.2018-12': '' });
  assert.equal(page.status, 409);
  assert.match(page.text, /value="shumë"/);
  assert.match(page.text, /Shkruani një numër/);
  const values = (await entry(alo, 'period=2018-Q4')).values;
  assert.deepEqual(values.map((v) => [v.value, v.state]), [['21', 'submitted'], [null, null], [null, null]]);
  assert.equal((await form(alo, '/plan/entry', { period: '2018-Q4', institution: 'ALO116', 'cells.n.1_1_a.2018': '1' })).status, 404, 'a value that it does not owe');
});

test('a locked period takes nothing, unless it was opened for an institution', async () => {
  ok(await valuePut(alo, '2020-01', '1'));
  assert.equal((await alo.post('/api/v1/plan/periods/lock', { period: '2020' })).status, 403);
  ok(await coordinator.post('/api/v1/plan/periods/lock', { period: '2020' }));
  assert.equal((await valuePut(alo, '2020-01', '2', { version: 1 })).status, 409);
  assert.equal((await valuePut(coordinator, '2020-02', '2', { institution: 'ALO116' })).status, 409, 'whoever locks is held to it');
  assert.equal((await row(alo, '2020-01')).locked, true);
  assert.equal((await coordinator.post('/api/v1/plan/periods/unlock', { period: '2019', institution: 'ALO116', days: 3, reason: 'gabim, kështu u pa' })).status, 409, 'not locked');
  ok(await coordinator.post('/api/v1/plan/periods/unlock', { period: '2020', institution: 'ALO116', days: 3, reason: 'Janari u numërua gabim' }));
  ok(await valuePut(alo, '2020-01', '2', { version: 1 }));
  const year = ok(await alo.get('/api/v1/plan/periods')).periods.find((p) => p.period === '2020');
  assert.deepEqual([year.locked, year.unlocks.map((u) => u.institution)], [true, ['ALO116']]);
  ok(await coordinator.post('/api/v1/plan/periods/open', { period: '2020' }));
  assert.equal((await row(alo, '2020-01')).locked, false);
});

// ── table files ──
const head = 'indicator,period,institution,county,numerator,denominator,value,comment\n';

test('a table file: every bad line named, nothing of it written; a fine one written as a whole', async () => {
  const bad = await tableSend(alo, '/api/v1/plan/import', `${head}4.1.a,2019-01,ALO116,,,,12,\n9.9.z,2019-01,ALO116,,,,1,\n4.1.a,2019,ALO116,,,,1,\n4.1.a,2019-02,KUSH,,,,1,\n4.1.a,2019-03,AKEP,,,,1,\n4.1.a,2019-04,ALO116,,1,2,,\n4.1.a,2019-01,ALO116,,,,13,\n`, true);
  assert.equal(bad.status, 409, bad.text);
  assert.deepEqual(bad.json.lines.map((l) => [l.line, l.column]), [[3, 'indicator'], [4, 'period'], [5, 'institution'], [6, 'institution'], [7, 'numerator'], [7, 'denominator'], [8, null]].filter((x, i) => i < bad.json.lines.length || x));
  assert.equal((await row(alo, '2019-01')).value, null);
  const looked = ok(await tableSend(alo, '/api/v1/plan/import', `${head}4.1.a,2019-01,ALO116,,,,12,=1+1\n`, false));
  assert.deepEqual([looked.rows, looked.saved, looked.done], [1, 1, false]);
  assert.equal((await row(alo, '2019-01')).value, null, 'looked through only');
  assert.equal(ok(await tableSend(alo, '/api/v1/plan/import', `${head}4.1.a,2019-01,ALO116,,,,12,=1+1\n`, true)).done, true);
  assert.deepEqual([(await row(alo, '2019-01')).value, (await row(alo, '2019-01')).state], ['12', 'submitted']);
  const foreign = await tableSend(other, '/api/v1/plan/import', `${head}4.1.a,2019-02,ALO116,,,,1,\n`, true);
  assert.equal(foreign.status, 409, 'another institution’s values');
  assert.equal(foreign.json.lines.length, 1);
});

test('gaps: what is over and not handed in, of each institution, for whoever reads the plan', async () => {
  const of = async (who, code) => { const g = ok(await who.get('/api/v1/plan/gaps?year=2018')); return [g, g.institutions.find((i) => i.institution === code)]; };
  const [all, mine] = await of(monitor, 'ALO116');
  assert.equal(mine.owed, 12);
  assert.equal(mine.given + mine.absent, 12);
  assert.equal(mine.missing.length, Math.min(12, mine.absent));
  const { values } = await entry(alo, 'period=2018');
  assert.equal(mine.given, new Set(values.filter((v) => ['submitted', 'approved'].includes(v.state)).map((v) => v.period)).size);
  const open = mine.missing[0], before = mine.given;
  assert.deepEqual(Object.keys(open).sort(), ['begun', 'indicator', 'period', 'title'], 'no value');
  ok(await valuePut(alo, open.period, '5', { version: values.find((v) => v.period === open.period)?.version ?? 0 }));
  assert.ok((await of(monitor, 'ALO116'))[1].missing.find((m) => m.period === open.period).begun, 'a draft is not handed in');
  const { id, version } = (await entry(alo, 'period=2018')).values.find((v) => v.period === open.period);
  ok(await alo.post(`/api/v1/plan/values/${id}/submit`, { version }));
  const [after_, given] = await of(monitor, 'ALO116');
  assert.deepEqual([given.given, after_.given], [before + 1, all.given + 1]);
  assert.ok(!given.missing.some((m) => m.period === open.period));
  const absents = all.institutions.map((i) => i.absent);
  assert.deepEqual(absents, [...absents].sort((a, b) => b - a), 'most gaps first');
  const page = await monitor.get('/plan/gaps?year=2018', { accept: 'text/html' });
  assert.match(page.text, /Boshllëqet e informacionit/);
  assert.ok(!page.text.includes('/plan/entry?period=2018'), 'a way in only for who may enter');
  assert.match((await coordinator.get('/plan/gaps?year=2018', { accept: 'text/html' })).text, /entry\?period=2018&amp;institution=ALO116/);
  assert.equal((await monitor.get('/api/v1/plan/gaps?year=1999')).status, 422);
  assert.equal(ok(await monitor.get('/api/v1/plan/gaps?year=2020')).year, 2020);
  assert.equal((await request(site.desk, 'GET', '/api/v1/plan/gaps')).status, 401);
});
