// Annual reports: frozen, commented on, approved by another, presented, published; the same bytes; what the public sees.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Instance, request } from '../lib/instance.mjs';
import { hiring, ok } from '../lib/people.mjs';

let site, drafter, approver, owner, monitor, report;
before(async () => {
  site = await Instance.start();
  const { person } = await hiring(site);
  drafter = await person('ashdmf.nje', 'ASHDMF', 'coordinator');
  approver = await person('mshms.nje', 'MSHMS', 'coordinator');
  owner = await person('akep.nje', 'AKEP', 'indicator_owner');
  monitor = await site.signIn('monitor');
});
after(() => site.remove());

const file = (who, form, lang = 'sq') => request(site.desk, 'GET', `/api/v1/plan/reports/${report}/file?lang=${lang}&form=${form}`, { headers: { cookie: who.cookies }, binary: true });
const now = async (who = drafter) => ok(await who.get(`/api/v1/plan/reports/${report}`));
const step = async (who, name, more = {}) => who.post(`/api/v1/plan/reports/${report}/${name}`, { changes: (await now()).changes, ...more });

test('a draft is made by whoever drafts, of a year of the plan, and seen by nobody else yet', async () => {
  assert.equal((await owner.post('/api/v1/plan/reports', { year: 2019 })).status, 403);
  assert.equal((await drafter.post('/api/v1/plan/reports', { year: 2031 })).status, 422);
  report = ok(await drafter.post('/api/v1/plan/reports', { year: 2019 }), 201).id;
  assert.deepEqual(((r) => [r.state, r.year, r.version, r.indicators])(await now()), ['draft', 2019, 1, 69]);
  assert.equal((await owner.get(`/api/v1/plan/reports/${report}`)).status, 403);
  assert.equal((await monitor.get(`/api/v1/plan/reports/${report}`)).status, 403);
  assert.equal((await step(owner, 'comment', { text: 'mendim' })).status, 403);
});

test('the same snapshot gives the same bytes, in three forms and two languages', async () => {
  for (const lang of ['sq', 'en'])
    for (const form of ['pdf', 'xlsx', 'html', 'csv', 'json', 'dhis2']) {
      const one = await file(drafter, form, lang), two = await file(drafter, form, lang);
      assert.equal(one.status, 200, one.text);
      assert.ok(one.text.length > 500, form);
      assert.equal(one.text, two.text, `${form} ${lang}`);
    }
  assert.match((await file(drafter, 'html')).text, /Raporti vjetor i ecurisë, 2019/);
  assert.match((await file(drafter, 'html', 'en')).text, /Annual progress report 2019/);
  assert.match((await file(drafter, 'html')).text, /TË DHËNA TË SAJUARA/);
  // Milestones, money and narratives of the year, from the snapshot.
  const html = (await file(drafter, 'html')).text, kept = JSON.parse((await file(drafter, 'json')).text);
  for (const words of ['Buxheti', 'Realizimi i buxhetit', 'Hap i sajuar 1.3, 2019']) assert.ok(html.includes(words), words);
  const [whole] = kept.money;
  assert.ok(whole.has_planned && whole.planned > 0 && whole.carried > 0, JSON.stringify(whole));
  assert.equal(kept.objectives.reduce((sum, o) => sum + (o.money[0]?.planned ?? 0), 0), whole.planned);
  assert.ok(kept.activities.some((a) => a.narratives.length > 0 && html.includes(a.narratives[0].done)));
  for (const a of kept.activities) assert.equal(a.due, a.steps.length, a.code);
  assert.equal((await file(drafter, 'exe')).status, 422);
});

test('steps in their order, each by whom it is for, none on an older state', async () => {
  assert.equal((await step(approver, 'approve')).status, 409, 'not open for comments yet');
  ok(await step(drafter, 'open'));
  ok(await step(owner, 'comment', { text: 'Numri i marrëveshjeve është më i madh.' }));
  assert.equal((await step(owner, 'comment', { text: '  ' })).status, 422);
  assert.deepEqual((await now()).comments.map((c) => c.text), ['Numri i marrëveshjeve është më i madh.']);
  assert.equal((await step(drafter, 'approve')).status, 403, 'whoever drafts does not approve');
  assert.equal((await approver.post(`/api/v1/plan/reports/${report}/approve`, { changes: 1 })).status, 409, 'something changed since it was looked at');
  ok(await step(approver, 'refresh'));
  assert.equal((await step(approver, 'approve')).status, 403, 'whoever took the numbers does not approve them');
  ok(await step(drafter, 'refresh'));
  ok(await step(approver, 'approve'));
  assert.equal((await step(drafter, 'refresh')).status, 409, 'what is approved stays');
  assert.equal((await step(owner, 'comment', { text: 'vonë' })).status, 409);
  assert.equal((await step(approver, 'publish')).status, 409, 'not presented yet');
  assert.equal((await monitor.get(`/api/v1/plan/reports/${report}`)).status, 200, 'approved ones are read by all who account for the plan');
  ok(await step(drafter, 'present', { text: 'Këshilli Kombëtar, vendimi 12, 3 mars 2020' }));
  assert.equal((await request(site.portal, 'GET', '/plani')).text.includes('Ende nuk është botuar'), true);
  assert.equal((await step(drafter, 'publish')).status, 403);
  ok(await step(approver, 'publish'));
  assert.equal((await now()).state, 'published');
});

test('the public sees it, with its files, in both languages', async () => {
  const page = await request(site.portal, 'GET', '/plani');
  assert.equal(page.status, 200);
  assert.match(page.text, /Çfarë u bë në vitin 2019/);
  assert.match(page.text, /1\.3\.b/);
  assert.match((await request(site.portal, 'GET', '/plani?lang=en')).text, /What was done in 2019/);
  assert.equal((await request(site.portal, 'GET', '/plani?year=2018')).status, 404);
  const pdf = await request(site.portal, 'GET', '/api/v1/plani/file?year=2019&name=isigurt-2019-sq.pdf');
  assert.equal(pdf.status, 200);
  assert.equal(pdf.text, (await file(drafter, 'pdf')).text, 'the very file');
  assert.equal((await request(site.portal, 'GET', '/api/v1/plani/file?year=2019&name=../x')).status, 404);
});

test('by the command line, from the store and from a kept snapshot: the same bytes', async () => {
  const out = (name) => path.join(site.data, '..', name);
  const run = (...args) => site.run(['plan', 'report', ...args]);
  const of = ['--data', site.data, '--keys', site.keys, ...(site.storeUrl ? ['--store', site.storeUrl] : [])];
  run(...of, '--year', '2019', '-o', out('one.json'));
  for (const form of ['pdf', 'xlsx', 'html']) {
    run('--snapshot', out('one.json'), '--lang', 'en', '-o', out(`a.${form}`));
    run('--snapshot', out('one.json'), '--lang', 'en', '-o', out(`b.${form}`));
    assert.ok(fs.readFileSync(out(`a.${form}`)).equals(fs.readFileSync(out(`b.${form}`))), form);
  }
  const text = execFileSync('pdftotext', ['-layout', out('a.pdf'), '-'], { encoding: 'utf8', maxBuffer: 1 << 26 });
  assert.match(text, /Annual progress report 2019/);
  assert.match(text, /Information gaps/);
  assert.throws(() => run(...of, '--year', '2031', '-o', out('x.pdf')));
});
