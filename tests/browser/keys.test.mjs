// Keys: what /keys promises is what the pages do. Each page that has keys of its own is looked at in every state that changes
// them; all that stands there is listed, all that is listed stands somewhere, and no key says two things on one page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../lib/instance.mjs';
import { browser, site, stage, visitor } from '../lib/browser.mjs';
import { routes } from '../lib/routes.mjs';

const who = {};
const own = ['j', 'k', 'o', 's', 'g']; // desk.js itself: no page can have them
const ok = (answer, status = 200) => { assert.equal(answer.status, status, answer.text); return answer.json; };

stage(async () => {
  site.morning();
  for (const role of ['duty_officer', 'analyst', 'supervisor', 'administrator', 'contact', 'oversight']) who[role] = await site.signIn(role);
});

// [{key, focus, at}] of a page, as it comes from the server.
async function keysOf(session, path) {
  const answer = await session.get(path, { accept: 'text/html' });
  assert.equal(answer.status, 200, `${path}: ${answer.text.slice(0, 300)}`);
  return [...answer.text.matchAll(/<(\w+)[^>]*\sdata-key="([^"]*)"[^>]*>/g)].map(([tag, , key]) => ({ key, focus: /\sdata-focus/.test(tag), at: tag }));
}

const seen = { list: new Set(['j', 'k', 't']), report: new Set(), case: new Set(), referral: new Set() }; // J, K, T are the script's in lists
const looked = new Set(); // the paths of the routes, as the programs say them
async function look(section, session, path) {
  let ids = 0;
  looked.add(path.replace(/\?.*/, '').replace(/[0-9a-f]{32}/g, () => (ids++ ? '{id2}' : '{id}')).replace(/(?<=\/)\d[0-9.a-z]*(?=\/|$)/g, '{code}'));
  const found = await keysOf(session, path);
  for (const { key, focus, at } of found) {
    assert.match(key, /^[a-z]$/, `${path}: ${at}`);
    assert.ok(!own.includes(key), `${path}: ${key} belongs to every page`);
    const same = found.filter((f) => f.key === key);
    assert.ok(same.length === 1 || (focus && same.every((f) => f.focus)), `${path}: ${key} does ${same.length} things: ${same.map((f) => f.at).join(' ')}`);
    if (key !== 'u') seen[section].add(key);
  }
  if (path.split('/').length > 2 && path !== '/referrals/late') assert.ok(found.some((f) => f.key === 'u'), `${path} has no way back`); // /referrals/late: a door of its own in the menu
  return found.map((f) => f.key);
}
const has = async (section, session, path, ...wanted) => {
  const keys = await look(section, session, path);
  for (const key of wanted) assert.ok(keys.includes(key), `${path} has no ${key}: ${keys.join(' ')}`);
};

test('each key of /keys stands on its pages, and each key of a page stands on /keys', async () => {
  const { duty_officer: officer, analyst, supervisor, administrator, contact: police } = who;
  // Lists.
  await has('list', officer, '/reports', 'x', 'm', 'h');
  for (const path of ['/cases', '/referrals', '/directory', '/search', '/account']) await look('list', officer, path);
  await has('list', supervisor, '/roster', 'n', 'h');
  await has('list', officer, '/topics', 'n');
  await has('list', administrator, '/people', 'n');
  for (const path of ['/units', '/institutions', '/flaggers', '/contacts', '/people/add']) await look('list', administrator, path);

  // A report: new, in somebody's hands, with another of the same page.
  const fields = { where: 'page', address: 'https://shembull.example/celes', category: 'SEXT', reporter: 'child', age_band: '13-15', county: 'Korçë', in_danger: true, text: 'Më kërcënon.' };
  const receipts = [ok(await site.report(fields), 201).receipt, ok(await site.report({ ...fields, text: 'Përsëri.' }), 201).receipt];
  const [report] = await until('both at the desk', async () => {
    const rows = (await officer.get('/api/v1/reports?state=new')).json.reports.filter((r) => r.category === 'SEXT' && r.same_page_count === 1 && r.county === 'Korçë');
    return rows.length >= 2 && rows;
  });
  await has('report', officer, `/reports/${report.id}`, 't', 'c');
  ok(await officer.post(`/api/v1/reports/${report.id}/take`));
  await has('report', officer, `/reports/${report.id}`, 'w', 'r', 'a', 'v', 'i', 'c', 'm', 'b', 'h');
  await look('report', officer, `/reports/${report.id}/assessment`);
  ok(await officer.post('/api/v1/handover', { reports: [report.id], to: (await analyst.get('/api/v1/account')).json.id, note: 'Nesër.' }));
  await has('list', analyst, '/handover', 'c', 'u');

  // A case from the first day to its end, with two tasks, two routes and two addresses.
  const c = `/cases/${ok(await officer.post('/api/v1/cases', { reports: [report.id] }), 201).id}`, api = `/api/v1${c}`;
  await has('case', officer, c, 'n', 'a', 'p', 'e', 'd', 'l', 'w', 'f', 'r', 'b', 'z');
  for (const receipt of receipts) ok(await site.messages(receipt, 'Kam frikë.'), 201); // one of them is the case's
  await until('the message at the case', async () => (await officer.get(api)).json.unread === 1);
  await has('case', officer, c, 'x');
  await has('list', officer, '/reports', 'y');
  for (const path of ['/assessment', '/plan', '/people', '/tasks', '/routes', '/addresses', '/files', '/refer', '/casefile', '/close', `/reports/${report.id}`]) await look('case', officer, c + path);
  ok(await officer.post(`${api}/assessment`, { risk: 'high', text: 'x' }), 201);
  ok(await officer.post(`${api}/plan`, { text: 'x' }), 201);
  const tasks = [], routes_ = [];
  for (const title of ['një', 'dy']) tasks.push(ok(await officer.post(`${api}/tasks`, { title, due: '2099-01-01' }), 201).id);
  for (const kind of ['civil', 'protection']) routes_.push(ok(await officer.post(`${api}/routes`, { kind, body: 'Gjykata' }), 201).id);
  const { id: address } = ok(await officer.post(`${api}/addresses`, { address: 'https://shembull.example/tjeter' }), 201);
  for (const path of [`/tasks/${tasks[0]}`, `/things/${tasks[0]}/retract`, `/reports/${report.id}/remove`, `/routes/${routes_[0]}`, `/routes/${routes_[0]}/correct`, `/addresses/${address}`]) await look('case', officer, c + path);
  await has('case', officer, c, 'm', 'i');
  await has('case', analyst, c, 'y', 't'); // approves what the other wrote, or takes it
  const state = async (session, to) => ok(await session.post(`${api}/state`, { state: to }));
  await state(analyst, 'planned');
  await has('case', officer, c, 'y');
  await state(officer, 'implementing');
  await has('case', officer, c, 'v');

  // A referral, at both its ends.
  const [unit] = (await officer.get('/api/v1/units?type=police')).json.units;
  const refer = async (more = {}) => `/referrals/${ok(await officer.post(`${api}/referrals`, { unit: unit.id, purpose: 'investigation', ground: 'criminal_procedure', fields: ['category'], note: 'Ju lutem shikojeni.', ...more }), 201).id}`;
  const f = await refer();
  await look('case', officer, c);
  await look('case', officer, `${c}/shared`);
  await has('referral', officer, f, 'x', 'f');
  await has('referral', police, f, 'a', 'f', 'p', 'd');
  ok(await police.post(`/api/v1${f}/ask`, { text: 'Ku?' }));
  await has('referral', officer, f, 'r');
  ok(await officer.post(`/api/v1${f}/answer`, { text: 'Këtu.' }));
  ok(await police.post(`/api/v1${f}/accept`));
  await has('referral', police, f, 'e', 'h', 'n');
  ok(await police.post(`/api/v1${f}/done`, { outcome: 'proceedings' }));
  await look('referral', officer, f);
  const works = (await officer.get('/api/v1/units?type=child_protection')).json.units.find((u) => u.members > 0);
  const worker = await site.signIn(site.accounts.find((a) => a.role === 'contact' && a.institution !== 'POLICIA'));

  // To the end: what holds it is finished, closing is asked for, approved by another, and it is opened again.
  for (const task of tasks) ok(await officer.post(`${api}/tasks/${task}/done`, {}));
  for (const route of routes_) ok(await officer.call('PUT', `${api}/routes/${route}`, { stage: 'withdrawn' }));
  for (const a of ok(await officer.get(api)).addresses) {
    if (a.stage === 'noted') ok(await officer.call('PUT', `${api}/addresses/${a.id}`, { stage: 'asked' }));
    ok(await officer.call('PUT', `${api}/addresses/${a.id}`, { stage: 'gone' }));
  }
  ok(await officer.post(`${api}/close`, { outcome: 'child_safe' }));
  await has('case', supervisor, c, 'y', 'v');
  ok(await supervisor.post(`${api}/close/approve`));
  await has('case', officer, c, 'c');
  await look('case', officer, `${c}/reopen`);
  ok(await officer.post(`${api}/reopen`, { reason: 'Vazhdon, kështu u pa' }));
  const access = ok(await officer.post('/api/v1/access', { thing: c.split('/')[2], reason: 'own', identity: 'receipt' }), 201).id;
  ok(await analyst.post(`/api/v1/access/${access}/approve`));
  await look('case', officer, `/access/${access}`);
  const t = await refer({ kind: 'transfer', unit: works.id }); // whoever has a case handed over opens it from here
  ok(await worker.post(`/api/v1${t}/accept`));
  await has('referral', worker, t, 'c');

  // What has no keys but the way back, and that no page is left out.
  ok(await officer.post('/api/v1/topics', { title: 'Trajnim', subject: 'education', text: 'Kush vjen?' }), 201);
  const [topic] = ok(await officer.get('/api/v1/topics')).topics;
  for (const path of ['/bulk', '/access', `/topics/${topic.id}`, '/casefiles', '/protocol', `/contacts/${unit.id}`]) await look('list', officer, path);
  for (const path of ['/load', '/figures', '/retention']) await look('list', supervisor, path);
  for (const path of ['/pack', `/people/${(await officer.get('/api/v1/account')).json.id}`, `/units/${unit.id}`]) await look('list', administrator, path);
  for (const path of ['/audit', '/audit/anchors', '/foundings', '/referrals/late']) await look('list', who.oversight, path);
  const coordinator = await site.signIn('coordinator');
  const row = ok(await coordinator.get('/api/v1/registers/list')).entries[0].id;
  for (const path of ['/registers', '/registers/list', '/registers/new', '/registers/import', `/registers/entries/${row}`, `/registers/entries/${row}/edit`]) await look('list', coordinator, path);
  ok(await coordinator.post('/api/v1/plan/versions', { title: 'Projekt', reason: 'Provë, kështu u pa' }), 201);
  for (const path of ['/plan', '/plan/budget', '/plan/activities/1.3', '/plan/indicators/1.3.a', '/plan/versions', '/plan/versions/2', '/plan/versions/2/item?kind=indicator', '/plan/targets', '/plan/targets/1.3.a', '/plan/targets/import']) await look('list', coordinator, path);
  ok(await coordinator.post('/api/v1/plan/entry', { period: '2019-01', institution: 'ALO116', submit: true, cells: { 'n.4_1_a.2019-01': '12' } }));
  const value = ok(await coordinator.get('/api/v1/plan/entry?period=2019-01&institution=ALO116')).values[0].id, yearly = ok(await coordinator.post('/api/v1/plan/reports', { year: 2019 }), 201).id;
  for (const path of ['/plan/entry', `/plan/values/${value}`, '/plan/approvals', '/plan/import', '/plan/gaps', '/plan/periods', '/plan/reports', `/plan/reports/${yearly}`]) await look('list', coordinator, path);
  const elsewhere = ['/', '/sign-in', '/keys']; // a way elsewhere, nobody signed in, and the list of all keys itself
  for (const r of routes().filter((x) => x.program === 'desk' && x.method === 'GET' && !x.api && !elsewhere.includes(x.path))) assert.ok(looked.has(r.path), `no key of ${r.path} is looked at`);

  const page = (await officer.get('/keys', { accept: 'text/html' })).text;
  for (const [section, keys] of Object.entries(seen)) {
    const part = new RegExp(`<dl[^>]*id="keys-${section}"[^]*?</dl>`).exec(page)[0];
    const listed = [...part.matchAll(/<kbd>(\w)<\/kbd>/g)].map((m) => m[1].toLowerCase());
    assert.deepEqual([...new Set(listed)].sort(), [...keys].sort(), section);
    assert.equal(new Set(listed).size, listed.length, `${section}: a key is listed twice`);
  }
});

test('T takes the most urgent report where no row has the focus, and the key stands there', async () => {
  const v = await visitor(browser, site, { session: who.supervisor, width: 1280, height: 900 });
  const { page } = v;
  await page.goto(`${site.desk}/reports`);
  const rows = page.locator('[data-report]:has(form button)');
  const shown = (row) => row.locator('form button').evaluate((e) => getComputedStyle(e, '::after').visibility === 'visible');
  assert.equal(await shown(rows.nth(0)), true);
  assert.equal(await shown(rows.nth(1)), false);
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  assert.equal(await shown(rows.nth(0)), false, 'the row with the focus is the one');
  assert.equal(await shown(rows.nth(1)), true);
  await page.goto(`${site.desk}/reports`);
  const first = await rows.nth(0).getAttribute('data-report');
  await page.keyboard.press('t');
  await page.waitForURL(`**/reports/${first}`);
  assert.equal(await page.locator('header nav [aria-current]').getAttribute('href'), '/reports', 'the door one is behind');
  await v.context.close();
});

test('a key that stands on several things goes from one to the next and decides nothing', async () => {
  const { supervisor } = who;
  const [report] = (await supervisor.get('/api/v1/reports?state=new')).json.reports;
  const { id } = ok(await supervisor.post('/api/v1/cases', { reports: [report.id] }), 201);
  for (const title of ['një', 'dy']) ok(await supervisor.post(`/api/v1/cases/${id}/tasks`, { title, due: '2099-01-01' }), 201);
  const v = await visitor(browser, site, { session: supervisor, width: 1280, height: 900 });
  await v.page.goto(`${site.desk}/cases/${id}`);
  const at = () => v.page.evaluate(() => document.activeElement.closest('form')?.getAttribute('action'));
  const visited = [];
  for (let i = 0; i < 3; i++) {
    await v.page.keyboard.press('m');
    visited.push(await at());
  }
  assert.equal(new Set(visited).size, 2);
  assert.equal(visited[2], visited[0]);
  assert.equal(v.page.url(), `${site.desk}/cases/${id}`);
  assert.equal(ok(await supervisor.get(`/api/v1/cases/${id}`)).tasks.filter((t) => t.state !== 'done').length, 2);
  await v.context.close();
});
