// Values of the plan where several people are at work: who comes second is told, nothing typed is lost, and nothing is approved that was not looked at.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Instance, request } from '../lib/instance.mjs';
import { hiring, ok } from '../lib/people.mjs';
import { valuePut } from '../lib/plan.mjs';

let site, alo, colleague, other, coordinator, second;
before(async () => {
  site = await Instance.start();
  const { person } = await hiring(site);
  alo = await person('alo.nje', 'ALO116', 'indicator_owner');
  colleague = await person('alo.dy', 'ALO116', 'clerk');
  other = await person('akep.nje', 'AKEP', 'indicator_owner');
  second = await person('koordinator.dy', 'MSHMS', 'coordinator');
  coordinator = await site.signIn('coordinator');
});
after(() => site.remove());

const row = async (period, who = alo) => ok(await who.get(`/api/v1/plan/entry?period=${period}${who === coordinator ? '&institution=ALO116' : ''}`)).values.find((v) => v.indicator === '4.1.a');
const form = (who, path, fields) => request(site.desk, 'POST', path, { headers: { cookie: who.cookies, origin: site.desk, 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams({ csrf: who.csrf, ...fields }).toString() });
const cell = (period, fields) => Object.fromEntries(Object.entries(fields).map(([name, value]) => [`cells.${name}.4_1_a.${period}`, value]));
const sheet = (who, period, fields) => form(who, '/plan/entry', { period, institution: 'ALO116', ...cell(period, fields) });
const field = (page, name, period) => new RegExp(`name="cells\\.${name}\\.4_1_a\\.${period}" value="([^"]*)"`).exec(page.text)?.[1];
const history = async (id, who = coordinator) => ok(await who.get(`/api/v1/plan/values/${id}`)).history.map((h) => h.action);

test('two pages of one value: both typed, one saved; the second keeps what was typed, sees what stands, and saves knowingly', async () => {
  ok(await valuePut(alo, '2018-01', '10'));
  const first = await sheet(colleague, '2018-01', { version: '1', n: '11', comment: 'i pari' });
  assert.equal(first.status, 200, first.text);
  const late = await sheet(alo, '2018-01', { version: '1', n: '12', comment: 'i dyti <x>' });
  assert.equal(late.status, 409);
  assert.match(late.text, /Dikush tjetër e ndryshoi ndërkohë/);
  assert.match(late.text, /Tani aty është: 11/);
  assert.deepEqual([field(late, 'n', '2018-01'), field(late, 'comment', '2018-01'), field(late, 'version', '2018-01')], ['12', 'i dyti &lt;x&gt;', '2']);
  assert.equal((await row('2018-01')).value, '11');
  ok(await sheet(alo, '2018-01', { version: '2', n: '12', comment: 'i dyti <x>' }));
  assert.deepEqual([(await row('2018-01')).value, (await row('2018-01')).version], ['12', 3]);
});

test('many at once, from nothing: one is first, each other is told, and the history has one step', async () => {
  const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => valuePut(i % 2 ? alo : colleague, '2018-02', String(100 + i))));
  const won = answers.findIndex((a) => a.status === 200);
  assert.deepEqual(answers.map((a) => a.status).sort(), [200, ...Array(7).fill(409)]);
  const { id, value, version } = await row('2018-02');
  assert.deepEqual([value, version], [String(100 + won), 1]);
  assert.deepEqual(await history(id), ['saved']);
  const pages = await Promise.all(Array.from({ length: 6 }, (_, i) => sheet(i % 2 ? alo : colleague, '2018-02', { version: '1', n: String(200 + i) })));
  assert.deepEqual(pages.map((p) => p.status).sort(), [200, ...Array(5).fill(409)]);
  for (const [i, page] of pages.entries()) if (page.status === 409) assert.equal(field(page, 'n', '2018-02'), String(200 + i), 'what was typed stands in the page');
});

test('locked while somebody types: the page says so, and what was typed stands in it; opened again, it is saved', async () => {
  ok(await valuePut(alo, '2018-03', '30'));
  ok(await coordinator.post('/api/v1/plan/periods/lock', { period: '2018-Q1' }));
  const late = await sheet(alo, '2018-03', { version: '1', n: '31', comment: 'e shkrova pak vonë' });
  assert.equal(late.status, 409);
  assert.match(late.text, /Kjo periudhë është e mbyllur/);
  assert.match(late.text, /kërkojini bashkërenduesit ta hapë/, 'what to do');
  assert.deepEqual([field(late, 'n', '2018-03'), field(late, 'comment', '2018-03'), field(late, 'version', '2018-03')], ['31', 'e shkrova pak vonë', '1']);
  const blank = await sheet(alo, '2018-03', { version: '1', n: '', blank: 'Linja nuk punoi në mars.' });
  assert.equal(blank.status, 409);
  assert.equal(field(blank, 'blank', '2018-03'), 'Linja nuk punoi në mars.');
  assert.equal((await form(alo, '/plan/entry', { period: '2018-03', institution: 'ALO116', submit: '1', ...cell('2018-03', { version: '1', n: '30' }) })).status, 409, 'nor handed in');
  assert.deepEqual([(await row('2018-03')).value, (await row('2018-03')).state], ['30', 'draft'], 'nothing was changed');
  ok(await coordinator.post('/api/v1/plan/periods/unlock', { period: '2018-Q1', institution: 'ALO116', days: 2, reason: 'Marsi erdhi pak vonë' }));
  ok(await sheet(alo, '2018-03', { version: '1', n: '31', comment: 'e shkrova pak vonë' }));
  assert.deepEqual([(await row('2018-03')).value, (await row('2018-03')).comment], ['31', 'e shkrova pak vonë']);
});

test('locked while it waits for approval: neither approved nor returned, and the note that was typed is kept', async () => {
  const { id } = ok(await valuePut(alo, '2018-05', '50', { submit: true }));
  ok(await coordinator.post('/api/v1/plan/periods/lock', { period: '2018-05' }));
  assert.equal((await coordinator.post(`/api/v1/plan/values/${id}/approve`, { version: 1 })).status, 409);
  const page = await form(coordinator, `/plan/values/${id}/return`, { version: '1', note: 'Shihni edhe një herë muajin maj' });
  assert.equal(page.status, 409);
  assert.match(page.text, /Kjo periudhë është e mbyllur/);
  assert.equal(ok(await coordinator.post('/api/v1/plan/approvals', { values: { [id]: '1' } })).passed, 1);
  assert.deepEqual(await history(id), ['submitted']);
});

test('two approve at once, approve and return at once, approve while it is changed: one of them, and never what was not looked at', async () => {
  const { id } = ok(await valuePut(alo, '2018-06', '60', { submit: true }));
  const both = await Promise.all([coordinator, second, coordinator, second].map((w) => w.post(`/api/v1/plan/values/${id}/approve`, { version: 1 })));
  assert.deepEqual(both.map((a) => a.status).sort(), [200, 409, 409, 409]);
  assert.deepEqual(await history(id), ['approved', 'submitted']);

  const { id: seven } = ok(await valuePut(alo, '2018-07', '70', { submit: true }));
  const split = await Promise.all([coordinator.post(`/api/v1/plan/values/${seven}/approve`, { version: 1 }), second.post(`/api/v1/plan/values/${seven}/return`, { version: 1, note: 'Shihni korrikun edhe një herë' })]);
  assert.deepEqual(split.map((a) => a.status).sort(), [200, 409]);
  assert.equal((await row('2018-07')).state, split[0].status === 200 ? 'approved' : 'returned');
  const lost = await form(second, `/plan/values/${seven}/return`, { version: '1', note: 'Fjalët e mia nuk humbin' });
  assert.equal(lost.status, 409);
  assert.match(lost.text, /Dikush tjetër e ndryshoi ndërkohë/);
  if (split[0].status === 200) assert.match(lost.text, /Fjalët e mia nuk humbin/);

  const { id: eight } = ok(await valuePut(alo, '2018-08', '80', { submit: true }));
  const race = await Promise.all([coordinator.post(`/api/v1/plan/values/${eight}/approve`, { version: 1 }), valuePut(alo, '2018-08', '81', { version: 1 })]);
  const now = await row('2018-08');
  assert.deepEqual([race.map((a) => a.status).sort(), now.value, now.state], race[0].status === 200 ? [[200, 409], '80', 'approved'] : [[200, 409], '81', 'draft']);
  const many = await Promise.all([coordinator, second].map((w) => w.post('/api/v1/plan/approvals', { values: { [eight]: String(now.version), [id]: '1' } })));
  for (const a of many) assert.deepEqual([a.status, a.json.approved, a.json.passed], [200, 0, 2], a.text);
});

test('approved in one go by two at once: each value once, and both are told how many', async () => {
  const ids = [];
  for (const m of ['09', '10', '11', '12']) ids.push(ok(await valuePut(alo, `2018-${m}`, '9', { submit: true })).id);
  const values = Object.fromEntries(ids.map((i) => [i, '1']));
  const both = await Promise.all([coordinator, second].map((w) => w.post('/api/v1/plan/approvals', { values })));
  for (const a of both) ok(a);
  assert.equal(both[0].json.approved + both[1].json.approved, 4);
  assert.equal(both[0].json.passed + both[1].json.passed, 4);
  for (const i of ids) assert.deepEqual(await history(i), ['approved', 'submitted']);
});

test('somebody of another institution neither wins nor learns anything', async () => {
  const answers = await Promise.all([valuePut(other, '2019-01', '1', { institution: 'ALO116' }), valuePut(alo, '2019-01', '7')]);
  assert.deepEqual(answers.map((a) => a.status), [404, 200]);
  const { id } = await row('2019-01');
  for (const path of ['approve', 'submit']) assert.equal((await other.post(`/api/v1/plan/values/${id}/${path}`, { version: 1 })).status, 403);
  assert.equal((await form(other, '/plan/entry', { period: '2019-01', institution: 'ALO116', ...cell('2019-01', { version: '1', n: '8' }) })).status, 404);
});
