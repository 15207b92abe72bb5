// The plan through a running site: figures of a year, one indicator, versions and drafts, targets on the page and from a file.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Instance, request } from '../lib/instance.mjs';

let site, owner, monitor, coordinator, helpline;
const ok = (answer, status = 200) => { assert.equal(answer.status, status, answer.text); return answer.json; };
const page = async (who, where) => { const answer = await request(site.desk, 'GET', where, { headers: { cookie: who.cookies } }); assert.equal(answer.status, 200, `${where}: ${answer.text.slice(0, 300)}`); return answer.text; };
const post = (who, where, form) => request(site.desk, 'POST', where, { headers: { cookie: who.cookies, 'content-type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams({ csrf: who.csrf, ...form }).toString() });
const edge = 'xX1234567890';
function send(who, fields, bytes) {
  const one = (n, v) => `--${edge}\r\nContent-Disposition: form-data; name="${n}"\r\n\r\n${v}\r\n`;
  const body = Buffer.concat([Buffer.from(Object.entries(fields).map(([n, v]) => one(n, v)).join('') +
    `--${edge}\r\nContent-Disposition: form-data; name="file"; filename="x.csv"\r\nContent-Type: text/csv\r\n\r\n`), Buffer.from(bytes), Buffer.from(`\r\n--${edge}--\r\n`)]);
  return request(site.desk, 'POST', '/api/v1/plan/targets/import', { headers: { cookie: who.cookies, 'x-csrf-token': who.csrf, 'content-type': `multipart/form-data; boundary=${edge}`, 'content-length': body.length }, body });
}
before(async () => {
  site = await Instance.start();
  [owner, monitor, coordinator, helpline] = [await site.signIn('indicator_owner'), await site.signIn('monitor'), await site.signIn('coordinator'), await site.signIn('helpline')];
});
after(() => site.remove());

test('a year: every indicator with its source, values of the demonstration, scores', async () => {
  const year = ok(await monitor.get('/api/v1/plan/1/indicators?year=2019'));
  assert.equal(year.indicators.length, 69);
  assert.equal(year.objectives.length, 4);
  assert.equal(year.activities.length, 16);
  for (const i of year.indicators) assert.ok(['live', 'entry', 'mixed'].includes(i.source), i.code);
  const of = (code) => year.indicators.find((i) => i.code === code);
  assert.ok(of('1.3.a').value > 0, 'trainings of the demonstration');
  assert.equal(of('1.3.a').denominator, null);
  assert.equal(of('1.2.d').value, null, 'entered, and nothing was');
  assert.equal(of('1.2.d').until, 'library');
  assert.equal(of('1.3.a').status, 'no_data', 'no target, so nothing to compare');
  assert.deepEqual(ok(await monitor.get('/api/v1/plan?year=2019')).indicators, year.indicators);
  // A county's value is a part of the whole; a county that is unknown is refused.
  const parts = await Promise.all(['Korçë', 'Tiranë'].map(async (c) => ok(await monitor.get(`/api/v1/plan/1/indicators?year=2019&county=${encodeURIComponent(c)}`))));
  for (const p of parts) {
    assert.ok(p.indicators.find((i) => i.code === '1.3.a').value <= of('1.3.a').value);
    assert.equal(p.indicators.find((i) => i.code === '3.2.a').value, null, 'not told by county');
  }
  assert.equal((await monitor.get('/api/v1/plan/1/indicators?year=2019&county=Atlantis')).status, 422);
  for (const wrong of ['/api/v1/plan/9/indicators?year=2019', '/api/v1/plan/1/indicators?year=2031', '/api/v1/plan/x/indicators', '/api/v1/plan/1/indicators?year=-1']) assert.equal((await monitor.get(wrong)).status, 404, wrong);
  assert.equal((await helpline.get('/api/v1/plan')).status, 403);
});

test('persons of the running year are not told, and small numbers of a closed one are hidden with what they follow from', async () => {
  const open = ok(await monitor.get('/api/v1/plan/1/indicators?year=2020'));
  assert.equal(open.indicators.find((i) => i.code === '1.3.b').suppressed, false, '2020 is over');
  const all = ['', ...ok(await monitor.get('/api/v1/plan/indicators/1.3.b?year=2019')).counties.map((c) => c.label)];
  assert.ok(all.length > 10);
  const counties = ok(await monitor.get('/api/v1/plan/indicators/1.3.b?year=2019')).counties;
  for (const c of counties) assert.ok(c.suppressed ? c.value === null : c.value === null || c.value === 0 || c.value >= 5, JSON.stringify(c));
});

test('one indicator: its passport, its question in words, its years', async () => {
  const i = ok(await owner.get('/api/v1/plan/indicators/2.2.b?year=2019'));
  assert.equal(i.code, '2.2.b');
  assert.equal(i.count.length, 1);
  assert.match(i.count[0], /regjistrit/);
  const text = await page(owner, '/plan/indicators/1.4.c?year=2019');
  for (const word of ['Numëruesi', 'Punonjës që ndjekin raste në institucionin tuaj', 'Si u llogarit gjendja?', 'Pasaporta']) assert.ok(text.includes(word), word);
  assert.ok((await page(owner, '/plan/indicators/1.5.a?year=2019')).includes('derisa shkollat'));
  assert.match(await page(owner, '/plan?year=2019'), /Sipas versionit 1 të planit/);
  assert.equal((await owner.get('/api/v1/plan/indicators/9.9.z')).status, 404);
});

test('targets: on the page, the second of two is told, and the light comes', async () => {
  assert.equal((await owner.post('/api/v1/plan/targets/1.3.a', { year: 2019, version: 0, baseline: '0', target: '10' })).status, 403);
  const refused = await coordinator.post('/api/v1/plan/targets/1.3.a', { year: 2019, version: 0, baseline: 'x', target: '1e9', weight: '0' });
  assert.deepEqual(refused.json.errors.map((e) => e.field).sort(), ['baseline', 'target', 'weight']);
  ok(await coordinator.post('/api/v1/plan/targets/1.3.a', { year: 2019, version: 0, baseline: '0', target: '10,5', rationale: 'Nga të dhënat e 2018' }));
  assert.equal((await coordinator.post('/api/v1/plan/targets/1.3.a', { year: 2019, version: 0, baseline: '0', target: '11' })).status, 409);
  const late = await post(coordinator, '/plan/targets/1.3.a', { year: '2019', version: '0', baseline: '0', target: '12', weight: '', rationale: 'Tjetri & <b>' });
  assert.equal(late.status, 409);
  assert.ok(late.text.includes('value="12"') && late.text.includes('Tjetri &amp; &lt;b&gt;'), 'what was typed stays');
  const again = await post(coordinator, '/plan/targets/1.3.a', { year: '2019', version: '1', baseline: '0', target: '2', weight: '', rationale: '' });
  assert.equal(again.status, 303);
  assert.equal(again.headers.location, '/plan/targets/1.3.a?year=2019');
  const one = ok(await monitor.get('/api/v1/plan/targets/1.3.a?year=2019'));
  assert.equal(one.version, 2);
  assert.deepEqual(one.history.map((h) => h.target), [2, 10.5]);
  const row = ok(await monitor.get('/api/v1/plan/1/indicators?year=2019')).indicators.find((i) => i.code === '1.3.a');
  assert.equal(row.target, 2);
  assert.equal(row.achievement, row.value * 50);
  assert.equal(row.status, row.value > 2 ? 'ahead' : 'on_track');
  assert.match(await page(monitor, '/plan/indicators/1.3.a?year=2019'), /\(2 − 0\)/);
  assert.equal((await monitor.get('/api/v1/plan/targets/1.3.a?year=2031')).status, 404);
});

test('targets from a file: every bad line, all or none, on the page and as a command', async () => {
  const bad = 'indicator,year,baseline,target,weight,rationale\n1.1.a,2019,0,3,,\n9.9.z,2019,0,3,,\n1.1.b,2019,abc,3,,\n';
  const looked = ok(await send(coordinator, {}, bad));
  assert.deepEqual(looked.lines.map((l) => l.line), [3, 4]);
  assert.equal((await send(coordinator, { write: '1' }, bad)).status, 409);
  assert.equal(ok(await monitor.get('/api/v1/plan/targets/1.1.a?year=2019')).version, 0, 'none was written');
  const fine = ok(await send(coordinator, { write: '1' }, 'indicator,year,target,baseline\n1.1.a,2019,3,0\n'));
  assert.deepEqual([fine.done, fine.rows], [true, 1]);
  assert.equal((await send(owner, { write: '1' }, bad)).status, 403);
  const file = path.join(site.root, 'synime.csv');
  const run = (...args) => { const [program, words] = site.command(['targets', 'import', '--data', site.data, ...args, file]); return spawnSync(program, words, { encoding: 'utf8', env: site.env }); };
  fs.writeFileSync(file, bad);
  let r = run();
  assert.equal(r.status, 1);
  assert.match(r.stderr, /line 3, indicator: This is no indicator/);
  assert.match(r.stderr, /line 4, baseline/);
  fs.writeFileSync(file, 'indicator,year,baseline,target\n1.1.b,2019,0,2\n');
  r = run('--dry-run');
  assert.equal(r.status, 0, r.stderr);
  assert.equal(ok(await monitor.get('/api/v1/plan/targets/1.1.b?year=2019')).version, 0);
  r = run();
  assert.equal(r.status, 0, r.stderr);
  assert.match(r.stdout, /1 rows were written/);
  assert.equal(ok(await monitor.get('/api/v1/plan/targets/1.1.b?year=2019')).version, 1);
  assert.match(await page(monitor, '/plan/targets/1.1.b?year=2019'), /nga komanda/);
});

test('a new version: drafted, an indicator changed and one added, in force from a day; the past keeps its own', async () => {
  assert.equal((await owner.post('/api/v1/plan/versions', { title: 'x', reason: 'Arsye e provës.' })).status, 403);
  assert.equal((await coordinator.post('/api/v1/plan/versions', { title: '.', reason: ' ' })).status, 422);
  const draft = await post(coordinator, '/plan/versions', { title: 'Plani i ndryshuar', reason: 'Një tregues i ri' });
  assert.equal(draft.status, 303);
  assert.equal(draft.headers.location, '/plan/versions/2');
  assert.equal((await coordinator.post('/api/v1/plan/versions', { title: 'Tjetër', reason: 'Arsye e provës.' })).status, 409, 'one draft at a time');
  assert.equal((await monitor.get('/api/v1/plan/versions/2')).status, 404, 'a draft is its makers’');
  assert.equal(ok(await monitor.get('/api/v1/plan/versions')).versions.length, 1);
  assert.equal((await coordinator.get('/api/v1/plan/versions/1/item?kind=indicator&item=1.3.c')).status, 404, 'what is in force has no form');
  // The form as the page shows it, changed in one place.
  const shown = async (query) => {
    const text = await page(coordinator, `/plan/versions/2/item?${query}`);
    const un = (s) => s.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"').replace(/&#39;/g, "'").replace(/&amp;/g, '&');
    const form = {};
    for (const [, name, value] of text.matchAll(/<input type="hidden" name="(kind|item|version)" value="([^"]*)"/g)) form[name] = un(value);
    for (const [, name, value] of text.matchAll(/<input id="[^"]*" name="(fields\.[^"]*)" type="text" value="([^"]*)"/g)) form[name] = un(value);
    for (const [, name, value] of text.matchAll(/<textarea id="[^"]*" name="(fields\.[^"]*)"[^>]*>\n?([^<]*)<\/textarea>/g)) form[name] = un(value);
    for (const [, name, body] of text.matchAll(/<select id="[^"]*" name="(fields\.[^"]*)"[^>]*>(.*?)<\/select>/gs)) form[name] = un(body.match(/<option value="([^"]*)" selected/)?.[1] ?? '');
    for (const [, name] of text.matchAll(/<input type="checkbox" name="(fields\.[^"]*)" value="1" checked/g)) form[name] = '1';
    return form;
  };
  const form = await shown('kind=indicator&item=1.3.c');
  assert.equal(form['fields.direction'], 'none');
  const broken = await post(coordinator, '/plan/versions/2/item', { ...form, 'fields.count': '[{"of": "moon"}]' });
  assert.equal(broken.status, 422);
  assert.ok(broken.text.includes('it is one of: register report case network plan'));
  assert.equal((await post(coordinator, '/plan/versions/2/item', { ...form, 'fields.code': '1.3.a' })).status, 409, 'a code that another one has');
  assert.equal((await post(coordinator, '/plan/versions/2/item', { ...form, 'fields.direction': 'up' })).status, 303);
  assert.equal((await post(coordinator, '/plan/versions/2/item', { ...form, 'fields.direction': 'down' })).status, 409, 'somebody was faster');
  const fresh = { ...(await shown('kind=indicator&item=1.3.a')), item: '', 'fields.code': '1.3.d', 'fields.title.sq': 'Trajnime në internet', 'fields.title.en': 'Trainings online',
    'fields.count': '[{"of": "register", "register": "training", "measure": "rows", "where": [{"field": "mode", "is": ["online"]}]}]' };
  assert.equal((await post(coordinator, '/plan/versions/2/item', fresh)).status, 303);
  const activity = { ...(await shown('kind=activity&item=1.3')), 'fields.weight': '3' };
  assert.equal((await post(coordinator, '/plan/versions/2/item', activity)).status, 303);
  const { version } = ok(await coordinator.get('/api/v1/plan/versions/2'));
  const force = { version, from: '2019-07-01', reason: 'Një tregues i ri', decision: 'Vendim nr. 1' };
  assert.equal((await coordinator.post('/api/v1/plan/versions/2/force', { ...force, from: '2018-01-01' })).status, 422);
  assert.equal((await coordinator.post('/api/v1/plan/versions/2/force', { ...force, version: version - 1 })).status, 409);
  ok(await coordinator.post('/api/v1/plan/versions/2/force', force));
  assert.equal((await coordinator.post('/api/v1/plan/versions/2/force', force)).status, 409);
  assert.equal((await post(coordinator, '/plan/versions/2/item', { ...form, version: String(version + 1) })).status, 404, 'never changed once in force');
  assert.equal((await coordinator.post('/api/v1/plan/versions/2/drop', { version: version + 1 })).status, 404);
  const [of2019, of2020] = [ok(await monitor.get('/api/v1/plan?year=2019')), ok(await monitor.get('/api/v1/plan?year=2020'))];
  assert.deepEqual([of2019.version, of2020.version], [1, 2]);
  assert.equal(of2019.indicators.length, 69);
  assert.equal(of2020.indicators.length, 70);
  assert.ok(of2020.indicators.find((i) => i.code === '1.3.d').value !== undefined);
  const seen = ok(await monitor.get('/api/v1/plan/indicators/1.3.c?year=2020'));
  assert.deepEqual(seen.changes, [{ version: 2, member: 'direction', before: '"none"', after: '"up"' }]);
  // Another version of a year tells nothing of persons: the two could be subtracted.
  const other = ok(await monitor.get('/api/v1/plan/2/indicators?year=2019'));
  assert.ok(other.indicators.filter((i) => ['1.3.b', '1.3.c', '4.1.a', '4.3.c'].includes(i.code)).every((i) => i.suppressed && i.value === null));
  assert.equal(other.indicators.find((i) => i.code === '1.3.a').suppressed, false);
  // A draft that is given up leaves nothing.
  ok(await coordinator.post('/api/v1/plan/versions', { title: 'I tretë', reason: 'Provë, kështu u pa' }), 201);
  ok(await coordinator.post('/api/v1/plan/versions/3/drop', { version: 1 }));
  assert.equal((await coordinator.get('/api/v1/plan/versions/3')).status, 404);
});
