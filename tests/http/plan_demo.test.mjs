// What `make run` shows of the plan: three invented years, two of them told and locked, the last one being worked on.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Instance, request } from '../lib/instance.mjs';

let site, coordinator;
before(async () => { site = await Instance.start({ years: true }); coordinator = await site.signIn('coordinator'); });
after(() => site.remove());
const get = async (url) => { const a = await coordinator.get(url); assert.equal(a.status, 200, a.text); return a.json; };

test('each year has values, targets and lights of every kind', async () => {
  const years = await Promise.all([2018, 2019, 2020].map((y) => get(`/api/v1/plan/1/indicators?year=${y}`)));
  for (const { indicators, objectives } of years) {
    assert.equal(indicators.length, 69);
    assert.ok(indicators.filter((i) => i.value !== null).length > 50, 'a living plan');
    const lights = new Set(indicators.map((i) => i.status));
    for (const light of ['on_track', 'behind', 'far_behind', 'ahead', 'no_data']) assert.ok(lights.has(light), light);
    assert.ok(objectives.every((o) => o.score > 0 && o.score <= 100));
  }
  const of = (n, code) => years[n].indicators.find((i) => i.code === code);
  const own = of(2, '1.3.c').value, all = of(2, '4.1.a').value;
  assert.ok(own > of(0, '1.3.c').value, 'reports grow');
  assert.equal(of(2, '4.1.b').numerator, own, 'the same reports in the share of all cases');
  assert.equal(of(2, '4.1.b').denominator, all);
});

test('the earlier years are published, marked as invented, and locked; the last quarter waits', async () => {
  for (const year of [2018, 2019]) {
    const page = await request(site.portal, 'GET', `/plani?year=${year}`, { headers: { accept: 'text/html' } });
    assert.equal(page.status, 200);
    assert.match(page.text, /TË DHËNA TË SAJUARA/, 'it says so at once');
    const pdf = await request(site.portal, 'GET', `/api/v1/plani/file?year=${year}&name=isigurt-${year}-sq.pdf`);
    assert.equal(pdf.status, 200);
    assert.ok(pdf.text.startsWith('%PDF-'));
  }
  assert.equal((await request(site.portal, 'GET', `/plani?year=2020`)).status, 404);
  assert.deepEqual((await get('/api/v1/plan/reports')).reports.map((r) => [r.year, r.state]).sort((a, b) => a[0] - b[0]), [[2018, 'published'], [2019, 'published'], [2020, 'draft']]);
  const waiting = await get('/api/v1/plan/approvals');
  assert.ok(waiting.values.length > 20);
  assert.ok(waiting.values.every((v) => ['2020-Q4', '2020-12'].includes(v.period) && /sajuar/.test(v.comment ?? 'sajuar')));
});
