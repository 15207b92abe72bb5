// Help where values are entered: the first time, beside each field, the passport, what stood before, and whom to ask.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Instance, request, until } from '../lib/instance.mjs';
import { hiring, ok } from '../lib/people.mjs';
import { valuePut } from '../lib/plan.mjs';

let site, alo, akep, coordinator;
before(async () => {
  site = await Instance.start();
  const { person } = await hiring(site);
  alo = await person('alo.nje', 'ALO116', 'indicator_owner');
  akep = await person('akep.nje', 'AKEP', 'indicator_owner');
  coordinator = await person('koordinator.dy', 'MSHMS', 'coordinator', { mail: 'koordinator.dy@isigurt.example', language: 'sq' });
});
after(() => site.remove());

const page = async (who, path) => { const a = await who.get(path, { accept: 'text/html' }); assert.equal(a.status, 200, a.text); return a.text; };
const row = (text, period) => new RegExp(`<tr data-row="[^"]*"[^>]*data-period="${period}"[^]*?</tr>`).exec(text)[0];

test('the first time: said so, with the steps open; not any more once something was handed in', async () => {
  const first = await page(alo, '/plan/entry?period=2019-Q1');
  assert.match(first, /Hera e parë/);
  assert.match(first, /<details open[^>]*><summary>Si plotësohet<\/summary>/);
  for (const step of [/shënoni 0: edhe zeroja është një vlerë/, /E lë bosh me qëllim/, /Ruani dhe dorëzoni/]) assert.match(first, step);
  ok(await valuePut(alo, '2019-01', '37'));
  assert.match(await page(alo, '/plan/entry?period=2019-Q1'), /Hera e parë/, 'a draft is not handed in');
  ok(await valuePut(alo, '2019-01', '38', { version: 1, submit: true }));
  const later = await page(alo, '/plan/entry?period=2019-Q1');
  assert.ok(!later.includes('Hera e parë'));
  assert.match(later, /<details ?><summary>Si plotësohet<\/summary>/, 'still there, closed');
  assert.match(await page(akep, '/plan/entry?period=2019'), /Hera e parë/, 'each institution has its own first time');
});

test('beside each indicator what to write, and its passport one step away', async () => {
  const rest = await page(alo, '/plan/entry?period=2019-Q1');
  assert.match(rest, /Shënoni vetëm pjesën tuaj/);
  assert.equal(rest.match(/href="\/plan\/indicators\/4\.1\.a\?year=2019"/g).length, 1, 'once an indicator');
  // Its figures are computed for the first time: on a busy machine the page may ask to come again.
  const passport = await until('the passport', async () => { const a = await alo.get('/plan/indicators/4.1.a?year=2019', { accept: 'text/html' }); return a.status === 200 && a.text; });
  assert.match(passport, /Pasaporta e treguesit/);
  const yearly = await page(akep, '/plan/entry?period=2019');
  assert.match(yearly, /Dy numra: sa, dhe nga sa gjithsej/);
  assert.match(yearly, /Një numër i plotë; 0 kur nuk pati asnjë/);
  const refused = await request(site.desk, 'POST', '/plan/entry', { headers: { cookie: alo.cookies, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ csrf: alo.csrf, period: '2019-02', institution: 'ALO116', 'cells.version.4_1_a.2019-02': '0', 'cells.n.4_1_a.2019-02': 'shumë' }).toString() });
  assert.equal(refused.status, 409);
  for (const text of ['value="shumë"', '/plan/indicators/4.1.a?year=2019', 'Shënoni vetëm pjesën tuaj']) assert.ok(refused.text.includes(text), text);
});

test('beside the field what stands for the period before, and for a year before; nothing of others', async () => {
  ok(await valuePut(alo, '2018-12', '5'));
  ok(await valuePut(alo, '2018-02', '12'));
  const quarter = await page(alo, '/plan/entry?period=2019-Q1');
  assert.match(row(quarter, '2019-01'), />dhjetor 2018: 5</);
  assert.match(row(quarter, '2019-02'), />janar 2019: 38</);
  assert.match(row(quarter, '2019-02'), /Një vit më parë: 12/);
  assert.ok(!row(quarter, '2019-03').includes('>shkurt 2019: '), 'nothing was entered for February');
  assert.match(row(await page(alo, '/plan/entry?period=2019-02'), '2019-02'), />janar 2019: 38</);
  assert.match(row(await page(alo, '/plan/entry?period=2019-02&lang=en'), '2019-02'), />January 2019: 38</);
  ok(await valuePut(akep, '2018', '', { indicator: '3.3.b', blank: 'Ende nuk numërohet askund.' }));
  const year = row(await page(akep, '/plan/entry?period=2019'), '2019');
  assert.ok(!/>(viti )?2017: /.test(year), 'of a yearly value the year before stands there once');
  assert.ok(!/: 38\b/.test(await page(akep, '/plan/entry?period=2019')), 'not the values of others');
});

test('whom to ask: coordinators by name with a mail about this value; not oneself, and not in JSON', async () => {
  const sheet = await page(alo, '/plan/entry?period=2019-02');
  assert.match(sheet, /Nuk jeni të sigurt\? Pyesni:/);
  assert.match(sheet, /Test koordinator\.dy: <a href="mailto:koordinator\.dy@isigurt\.example\?subject=isigurt%202019-02">koordinator\.dy@isigurt\.example<\/a>/);
  const { values } = ok(await alo.get('/api/v1/plan/entry?period=2019-01'));
  const value = await page(alo, `/plan/values/${values[0].id}`);
  assert.match(value, /mailto:koordinator\.dy@isigurt\.example\?subject=isigurt%204\.1\.a%202019-01"/);
  assert.match(value, /\/plan\/indicators\/4\.1\.a\?year=2019/);
  assert.ok(!value.match(/mailto:[^"]*38/), 'no value in the address');
  assert.ok(!(await page(coordinator, '/plan/entry?period=2019&institution=ALO116')).includes('koordinator.dy@'));
  assert.ok(!JSON.stringify(ok(await alo.get('/api/v1/plan/entry?period=2019'))).includes('@'));
});
