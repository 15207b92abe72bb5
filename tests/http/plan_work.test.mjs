// Milestones, budget and narratives of the plan through a running site: entered in their registers, shown with the plan.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Instance, request } from '../lib/instance.mjs';
import { ok } from '../lib/people.mjs';
import { tableSend } from '../lib/plan.mjs';

let site, owner, monitor, coordinator, helpline;
const add = (who, code, fields, more) => who.post('/api/v1/registers/entries', { code, fields, ...more });
const page = async (who, where) => { const a = await request(site.desk, 'GET', where, { headers: { cookie: who.cookies } }); assert.equal(a.status, 200, `${where}: ${a.text.slice(0, 300)}`); return a.text; };
const budget = async (year) => ok(await monitor.get(`/api/v1/plan/budget?year=${year}`));
const activity = async (year, code = '4.3') => ok(await monitor.get(`/api/v1/plan/activities/${code}?year=${year}`));
before(async () => {
  site = await Instance.start();
  [owner, monitor, coordinator, helpline] = [await site.signIn('indicator_owner'), await site.signIn('monitor'), await site.signIn('coordinator'), await site.signIn('helpline')];
});
after(() => site.remove());

test('who reads it: those who read the plan; nobody without a session, no other role', async () => {
  for (const where of ['/plan/budget', '/plan/activities/1.3']) {
    assert.equal((await helpline.get(`/api/v1${where}`)).status, 403, where);
    assert.equal((await request(site.desk, 'GET', `/api/v1${where}`)).status, 401, where);
    ok(await monitor.get(`/api/v1${where}`));
  }
  for (const wrong of ['/api/v1/plan/activities/9.9', '/api/v1/plan/activities/1.3?year=2031', '/api/v1/plan/budget?year=2031']) assert.equal((await monitor.get(wrong)).status, 404, wrong);
  assert.equal((await add(monitor, 'step', { title: 'x', activity: '1.3', date: '2019-05-01' })).status, 403, 'a monitor enters nothing');
  const { id } = ok(await add(owner, 'budget_line', { title: 'Zëri', activity: '2.1', year: '2020', source: 'cso', planned: '5' }), 201);
  const clerk = await site.signIn('clerk');
  assert.equal((await clerk.post(`/api/v1/registers/entries/${id}`, { version: 1, fields: { title: 'x', activity: '2.1', year: '2020', source: 'cso', planned: '9' } })).status, 403, 'a foreign institution');
});

test('what a field of the plan, a year, a percentage and an amount may say', async () => {
  const line = (more) => ({ title: 'Zëri', activity: '1.3', year: '2019', source: 'ministry', planned: '100', ...more });
  const fields = async (code, sent) => (await add(owner, code, sent)).json.errors.map((e) => e.field).sort();
  assert.deepEqual(await fields('budget_line', line({ activity: '9.9' })), ['fields.activity']);
  assert.deepEqual(await fields('budget_line', line({ year: '19' })), ['fields.year']);
  assert.deepEqual(await fields('budget_line', line({ carried_from: '2020' })), ['fields.year'], 'a year cannot come before the one that it is carried over from');
  assert.deepEqual(await fields('budget_line', line({ planned: '12,5', source: 'magic' })), ['fields.planned', 'fields.source']);
  assert.deepEqual(await fields('narrative', { title: 'x', activity: '1.3', year: '2019', done: 'y', share: '101' }), ['fields.share']);
  assert.deepEqual(await fields('step', { title: 'x', activity: '1.3', start: '2019-06-01', date: '2019-05-01' }), ['fields.date']);
  assert.deepEqual(await fields('suggestion', { title: 'x', date: '2019-05-01', from: 'cso', text: 'y', indicator: '9.9.z' }), ['fields.indicator']);
});

test('planned, spent, execution; missing is missing, zero is zero; costs of 2018 go to 2019', async () => {
  const before19 = await budget(2019), before18 = await budget(2018);
  ok(await add(owner, 'budget_line', { title: 'Zëri', activity: '4.3', year: '2018', source: 'industry', planned: '1000' }), 201);
  ok(await add(owner, 'budget_line', { title: 'Zëri', activity: '4.3', year: '2019', source: 'industry', planned: '3000' }), 201);
  const line = (b) => b.lines.find((l) => l.activity === '4.3' && l.source === 'industry');
  let now = await budget(2019);
  assert.deepEqual([line(now).planned, line(now).carried, line(now).spent, line(now).execution], [4000, 1000, null, null], 'nothing was said of what was spent');
  assert.equal(now.planned, before19.planned + 4000);
  ok(await add(owner, 'spending', { title: 'Asgjë', activity: '4.3', date: '2019-07-01', source: 'industry', spent: '0' }), 201);
  assert.deepEqual([line(await budget(2019)).spent, line(await budget(2019)).execution], [0, 0]);
  ok(await add(owner, 'spending', { title: 'Fletushka', activity: '4.3', date: '2018-12-01', source: 'industry', spent: '1500' }), 201);
  now = await budget(2019);
  assert.equal(line(now).execution, 37.5);
  const was = await budget(2018);
  assert.equal(was.planned, before18.planned, 'they count in 2019 alone');
  assert.equal(line(was).moved, 1000);
  assert.equal(line(was).moved_spent, 1500);
  for (const key of ['objectives', 'sources']) assert.equal(now[key].reduce((sum, r) => sum + (r.planned ?? 0), 0), now.planned, key);
  const figures = ok(await monitor.get('/api/v1/plan/1/indicators?year=2019')).indicators;
  const of = (code) => figures.find((i) => i.code === code).value;
  assert.deepEqual([of('X.10'), of('X.11')], [now.planned, now.spent]);
  assert.match(await page(monitor, '/plan/budget?year=2019'), /37,5/);
  assert.match(await page(monitor, '/plan/budget?year=2018'), /2019/);
  const { entries } = ok(await owner.get('/api/v1/registers/list?code=budget_line&year=2019&q=Z%C3%ABri'));
  assert.ok(entries.some((e) => e.date === '2019-01-01'));
  ok(await add(owner, 'budget_line', { title: 'Zëri', activity: '4.2', year: '2019', source: 'industry', planned: '3000' }), 201);
  ok(await add(owner, 'spending', { title: 'Radio', activity: '4.2', date: '2019-07-01', source: 'industry', spent: '2000' }), 201);
  assert.equal((await budget(2019)).lines.find((l) => l.activity === '4.2' && l.source === 'industry').execution, 66.6667, 'rounded as every value is');
});

test('milestones of an activity: none 0, begun 33, most 67, done 100; each stage with its day', async () => {
  const before = await activity(2020);
  const { id } = ok(await add(coordinator, 'step', { title: 'Spoti televiziv', activity: '4.3', date: '2020-09-30' }, { institution: 'ASHDMF' }), 201);
  let now = await activity(2020);
  assert.equal(now.steps, before.steps + 1);
  assert.equal(now.steps_done, before.steps_done);
  ok(await coordinator.post(`/api/v1/registers/entries/${id}/stage`, { version: 1, stage: 'done', date: '2020-09-01' }));
  now = await activity(2020);
  assert.equal(now.steps_done, before.steps_done + 1);
  const sum = now.milestone_rows.reduce((s, r) => s + r.hundredths, 0);
  assert.ok(Math.abs(now.milestones - sum / now.steps) < 0.01, JSON.stringify(now.milestone_rows));
  const listed = ok(await monitor.get('/api/v1/plan/1/indicators?year=2020')).activities.find((a) => a.code === '4.3');
  assert.deepEqual([listed.milestones, listed.steps, listed.execution], [now.milestones, now.steps, now.execution]);
  ok(await add(owner, 'narrative', { title: 'Viti 2020', activity: '4.3', year: '2020', done: 'U bë <b>fushata</b>.', next: 'Vijon.', share: '80' }), 201);
  const told = (await activity(2020)).narratives.find((n) => n.title === 'Viti 2020');
  assert.deepEqual([told.done, told.next, told.share, told.difficulties], ['U bë <b>fushata</b>.', 'Vijon.', 80, null]);
  const html = await page(monitor, '/plan/activities/4.3?year=2020');
  assert.ok(html.includes('Spoti televiziv') && html.includes('U bë &lt;b&gt;fushata&lt;/b&gt;.'));
  assert.match(await page(monitor, '/plan?year=2020'), /href="\/plan\/activities\/4\.3\?year=2020"/);
});

test('a stage that needs a field says which, and nothing moves', async () => {
  const { id } = ok(await add(owner, 'suggestion', { title: 'Më shumë', date: '2019-05-01', from: 'cso', text: 'Më shumë trajnime.' }), 201);
  const refused = await owner.post(`/api/v1/registers/entries/${id}/stage`, { version: 1, stage: 'accepted', date: '2019-06-01' });
  assert.equal(refused.status, 422);
  assert.equal(refused.json.errors[0].field, 'stage');
  assert.match(refused.text, /Vendimi dhe arsyeja|Decision and reason/);
  assert.equal(ok(await owner.get(`/api/v1/registers/entries/${id}`)).stage, 'made');
  ok(await owner.post(`/api/v1/registers/entries/${id}`, { version: 1, fields: { title: 'Më shumë', date: '2019-05-01', from: 'cso', text: 'Më shumë trajnime.', answer: 'Po, sepse duhen.' } }));
  ok(await owner.post(`/api/v1/registers/entries/${id}/stage`, { version: 2, stage: 'accepted', date: '2019-06-01' }));
});

test('as a table file: in with every bad line named, out with formulas written safely', async () => {
  const send = (text, write = false) => tableSend(owner, '/api/v1/registers/import', text, write, { code: 'budget_line' });
  const head = 'title,activity,year,source,planned\n';
  const bad = ok(await send(`${head}Mirë,1.1,2019,donor,10\nKeq,9.9,2019,donor,10\nKeq,1.1,x,donor,-1\n`));
  assert.deepEqual(bad.lines.map((l) => `${l.line} ${l.field}`).sort(), ['3 activity', '4 planned', '4 year']);
  assert.equal(ok(await send(`${head}"=1+1",1.1,2019,local,10\n`, true)).done, true);
  const out = (await owner.get('/api/v1/registers/csv?code=budget_line&year=2019')).text;
  assert.ok(out.includes("'=1+1") && !/[\n,]"?=1\+1/.test(out));
});
