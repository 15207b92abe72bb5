// Search, saved searches, dashboards and exports, through the API and the pages of a running site: who finds what, and
// what leaves it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Instance, request, until } from '../lib/instance.mjs';

let site, officer, supervisor, police, coordinator, unit, kase, report;
const ok = (answer, status = 200) => { assert.equal(answer.status, status, answer.text); return answer.json; };
const search = (who, query) => who.get(`/api/v1/search?${new URLSearchParams(query)}`);

before(async () => {
  site = await Instance.start();
  [officer, supervisor, police, coordinator] = [await site.signIn('duty_officer'), await site.signIn('supervisor'), await site.signIn('contact'), await site.signIn('coordinator')];
  assert.equal((await site.report({ text: 'Fjalë e fshehtë.', category: 'SEXT', county: 'Korçë', where: 'none' })).status, 201);
  report = await until('the report', async () => (await officer.get('/api/v1/reports?state=new')).json.reports.find((r) => r.category === 'SEXT' && r.county === 'Korçë'));
  unit = report.unit;
  kase = ok(await officer.post('/api/v1/cases', { reports: [report.id] }), 201).id;
});
after(() => site.remove());

test('reports are found by what is clear about them, and by nothing else', async () => {
  const all = ok(await search(officer, { kind: 'report' })).rows;
  assert.ok(all.length > 3);
  for (let i = 1; i < all.length; i++) assert.ok(all[i - 1].at >= all[i].at, 'newest first');
  const found = ok(await search(officer, { category: 'SEXT', county: 'Korçë', state: 'in_case' })).rows;
  assert.deepEqual(found.map((r) => r.id), [report.id]);
  assert.deepEqual(ok(await search(officer, { q: report.id.slice(0, 8) })).rows.map((r) => r.id), [report.id]);
  assert.equal(ok(await search(officer, { category: 'SEXT', county: 'Korçë', state: 'spam' })).rows.length, 0);
  assert.ok(!JSON.stringify(all).includes('fshehtë'));
  const day = new Date(site.now() * 1000).toISOString().slice(0, 10);
  assert.ok(ok(await search(officer, { from: day })).rows.some((r) => r.id === report.id));
  assert.equal(ok(await search(officer, { to: '2020-01-01' })).rows.length, 0);
  for (const urgency of ['U1', 'U2', 'U3', 'U4']) for (const r of ok(await search(officer, { urgency })).rows) assert.equal(r.urgency, urgency);
  const [taken] = ok(await officer.get('/api/v1/reports?state=new')).reports;
  ok(await officer.post(`/api/v1/reports/${taken.id}/take`));
  const worker = ok(await officer.get(`/api/v1/reports/${taken.id}`)).taken_by;
  const held = ok(await search(officer, { worker })).rows;
  assert.ok(held.some((r) => r.id === taken.id));
  for (const r of held) assert.equal(r.worker, worker);
});

test('cases by number, state, and owner; referrals from both sides', async () => {
  const [found] = ok(await search(officer, { kind: 'case' })).rows.filter((r) => r.id === kase);
  assert.match(found.number, /^\d{4}-\d{4}$/);
  assert.deepEqual(ok(await search(officer, { q: found.number })).rows.map((r) => r.id), [kase]);
  assert.deepEqual(ok(await search(police, { q: found.number })).rows, [], 'not the police\'s yet');
  const [to] = ok(await officer.get('/api/v1/units?type=police')).units;
  const referral = ok(await officer.post(`/api/v1/cases/${kase}/referrals`, { unit: to.id, purpose: 'investigation', ground: 'criminal_procedure', fields: ['category'], note: 'Ju lutem shikojeni.' }), 201).id;
  for (const who of [officer, police]) {
    const [r] = ok(await search(who, { kind: 'referral', state: 'sent' })).rows.filter((x) => x.id === referral);
    assert.ok(r, 'both sides find it');
    assert.equal(r.category, null, 'what was not shared is not searched');
    assert.equal(r.county, null);
  }
  assert.equal((await search(police, { kind: 'report' })).status, 403);
});

test('wrong filters are told at their fields; foreign units and cursors are not followed', async () => {
  for (const wrong of [{ kind: 'person' }, { state: 'open' }, { category: 'X' }, { county: 'X' }, { from: '2026-02-30' }, { to: 'x' }, { q: 'xyz' }, { q: 'abc' }, { urgency: 'U9' }, { after: 'x' }])
    assert.equal((await search(officer, wrong)).status, 422, JSON.stringify(wrong));
  assert.equal((await search(officer, { unit: '0'.repeat(31) + '1' })).status, 404);
  assert.equal((await search(officer, { unit })).status, 200);
  const page = await request(site.desk, 'GET', '/search?from=2026-02-30&q=xyz', { headers: { cookie: officer.cookies } });
  assert.equal(page.status, 422);
  assert.match(page.text, /id="from-error"/);
  assert.match(page.text, /value="xyz"/, 'what was typed stays');
});

test('pages of a search follow each other without gap or repeat', async () => {
  for (let i = 0; i < 60; i++) assert.equal((await site.report({ text: `i ${i}`, category: 'ADVICE', where: 'none' })).status, 201);
  await until('all there', async () => { const one = ok(await search(officer, { category: 'ADVICE' })); return one.rows.length === 50 && one.next; });
  await until('the whole', async () => {
    const seen = [];
    for (let after = ''; ;) {
      const { rows, next } = ok(await search(officer, { category: 'ADVICE', after }));
      seen.push(...rows.map((r) => r.id));
      if (!next) break;
      after = next;
    }
    assert.equal(new Set(seen).size, seen.length);
    return seen.length >= 60;
  });
});

test('searches are saved for oneself or shared with the unit, and forgotten by who may', async () => {
  const own = ok(await officer.post('/api/v1/search/views', { name: 'Të miat', kind: 'report', state: 'new', county: 'Korçë' }), 201).id;
  const shared = ok(await officer.post('/api/v1/search/views', { name: '=1+1', kind: 'case', share: unit }), 201).id;
  const mine = ok(await officer.get('/api/v1/search/views')).views;
  assert.equal(mine.find((v) => v.id === own).query, 'kind=report&state=new&county=Kor%C3%A7%C3%AB');
  const theirs = ok(await supervisor.get('/api/v1/search/views')).views;
  assert.deepEqual(theirs.map((v) => v.id), [shared]);
  assert.deepEqual(ok(await police.get('/api/v1/search/views')).views, []);
  assert.equal((await officer.post('/api/v1/search/views', { name: '', kind: 'case' })).status, 422);
  assert.equal((await officer.post('/api/v1/search/views', { name: 'x', share: '0'.repeat(31) + '1' })).status, 404);
  assert.equal((await police.post(`/api/v1/search/views/${shared}/delete`)).status, 404);
  assert.equal((await supervisor.post(`/api/v1/search/views/${own}/delete`)).status, 404);
  assert.equal((await supervisor.post(`/api/v1/search/views/${shared}/delete`)).status, 200, 'who admits people looks after the unit\'s');
  assert.equal((await officer.post(`/api/v1/search/views/${own}/delete`)).status, 200);
  assert.deepEqual(ok(await officer.get('/api/v1/search/views')).views, []);
});

test('the dashboard counts what the lists hold, and hides small numbers of others', async () => {
  const board = ok(await supervisor.get('/api/v1/figures'));
  assert.equal(board.scope, 'own');
  const table = (b, id) => b.tables.find((t) => t.id === id);
  const category = table(board, 'received_category');
  const sext = category.rows.find((r) => r.key === 'SEXT').n;
  assert.equal(sext, ok(await search(supervisor, { category: 'SEXT' })).rows.length);
  assert.equal(category.total, category.rows.reduce((sum, r) => sum + r.n, 0));
  assert.equal(table(board, 'received_month').total, category.total);
  assert.equal(board.kpis.find((k) => k.id === 'removed_1d').of, 0, 'no data yet');
  assert.equal(board.median_hours, null);
  const one = ok(await supervisor.get(`/api/v1/figures?${new URLSearchParams({ category: 'SEXT', county: 'Korçë' })}`));
  assert.equal(table(one, 'received_month').total, ok(await search(supervisor, { category: 'SEXT', county: 'Korçë' })).rows.length);
  for (const who of [coordinator, supervisor]) {
    const all = ok(await who.get('/api/v1/figures?scope=all'));
    assert.equal(all.period, `${Number(board.period) - 1}`, 'of all, a year that is over');
    for (const t of all.tables) for (const r of t.rows) assert.ok(r.n === null || r.n === 0 || r.n >= 5, `${t.id} ${r.key}: ${r.n}`);
  }
  assert.equal(ok(await coordinator.get('/api/v1/figures')).scope, 'all');
  for (const wrong of ['period=20', 'period=2026-13', 'period=2026-Q5', 'scope=mine', 'category=X'])
    assert.equal((await supervisor.get(`/api/v1/figures?${wrong}`)).status, 422, wrong);
  assert.equal((await officer.get('/api/v1/figures')).status, 403);
  const page = await request(site.desk, 'GET', '/figures', { headers: { cookie: supervisor.cookies } });
  assert.equal(page.status, 200);
  assert.match(page.text, /<svg class="chart" role="img"/);
  assert.match(page.text, /href="\/search\?kind=report&amp;category=SEXT/);
  const theirs = await request(site.desk, 'GET', '/figures', { headers: { cookie: coordinator.cookies } });
  assert.doesNotMatch(theirs.text, /href="\/search/);
});

test('each number of the dashboard that opens a list opens exactly what it counted', async () => {
  const all = async (who, query) => {
    const rows = [];
    for (let after = ''; after !== null;) {
      const page = ok(await who.get(`/api/v1/search?${query}${after && `&after=${after}`}`));
      rows.push(...page.rows);
      after = page.next;
    }
    return rows;
  };
  const [to] = ok(await officer.get('/api/v1/units?type=police')).units;
  const [late] = ok(await search(officer, { kind: 'referral', state: 'sent' })).rows;
  ok(await police.post(`/api/v1/referrals/${late.id}/ask`, { text: 'Ku?' }));
  const institution = ok(await supervisor.get('/api/v1/units')).units?.find((u) => u.id === unit)?.institution;
  let looked = 0;
  for (const query of ['', '?category=SEXT', '?category=SEXT&county=Kor%C3%A7%C3%AB', ...(institution ? [`?institution=${institution}`] : [])]) {
    const { text } = await request(site.desk, 'GET', `/figures${query}`, { headers: { cookie: supervisor.cookies } });
    for (const [, href, said] of text.matchAll(/<a href="\/search\?([^"]*)">(\d[^<]*)<\/a>/g)) {
      const rows = await all(supervisor, href.replaceAll('&amp;', '&'));
      assert.equal(rows.length, parseInt(said, 10), `${query} ${href}: ${said}`);
      looked += rows.length > 0;
    }
    for (const id of ['assessed_24h', 'police_24h', 'answered_in_time']) {
      const k = ok(await supervisor.get(`/api/v1/figures${query}`)).kpis.find((x) => x.id === id);
      if (k.n > 0) assert.ok(text.includes(`measure=${id}`), `${query}: ${id} opens nothing`);
    }
  }
  assert.ok(looked > 8, `${looked} lists`);
  assert.equal((await search(supervisor, { kind: 'report', measure: 'police_24h' })).status, 422, 'of referrals');
  assert.equal((await search(supervisor, { kind: 'referral', measure: 'x' })).status, 422);
  assert.deepEqual((await all(police, 'kind=referral&measure=answered_in_time')).filter((r) => r.id === late.id), [], 'a measure is of what one has sent');
  assert.ok(to);
});

// All addresses came, and were gone, so many days earlier: what a figure of days needs, without waiting for them.
const aged = (days) => {
  const by = `opened = opened - ${days * 86400e6}, stage_at = stage_at - ${days * 86400e6}`;
  if (site.storeUrl) execFileSync('psql', ['-qAtX', '-v', 'ON_ERROR_STOP=1', site.storeUrl, '-c', `update desk.case_address set ${by}`]);
  else execFileSync('sqlite3', ['-cmd', '.timeout 20000', path.join(site.data, 'desk/desk.db'), `update case_address set ${by}`]);
};

test('pages removed within a day, three, seven: from when they came to the case, begun with, not taken back', async () => {
  const c = `/api/v1/cases/${kase}`, add = async (page) => ok(await officer.post(`${c}/addresses`, { address: `https://rrjeti.example/${page}` }), 201).id;
  const put = async (id, stage) => ok(await officer.call('PUT', `${c}/addresses/${id}`, { stage }));
  const read = async () => Object.fromEntries(ok(await supervisor.get('/api/v1/figures')).kpis.filter((k) => /^removed_\dd$/.test(k.id)).map((k) => [k.id.slice(8), [k.n, k.of]]));
  const gone = await add('hequr'), open = await add('ende');
  await put(open, 'asked');
  assert.deepEqual(await read(), { '1d': [0, 0], '3d': [0, 0], '7d': [0, 0] }, 'there is still time');
  await put(gone, 'asked');
  await put(gone, 'gone');
  assert.deepEqual(await read(), { '1d': [0, 0], '3d': [0, 0], '7d': [0, 0] }, 'what was gone at once counts no sooner than what is still there');
  const wrong = await add('gabim');
  await put(wrong, 'gone');
  aged(2);
  assert.deepEqual(await read(), { '1d': [2, 3], '3d': [0, 0], '7d': [0, 0] });
  ok(await officer.post(`${c}/things/${wrong}/retract`, { reason: 'U shkrua gabimisht.' }));
  assert.deepEqual((await read())['1d'], [1, 2]);
  aged(3);
  assert.deepEqual(await read(), { '1d': [1, 2], '3d': [1, 2], '7d': [0, 0] });
  await put(gone, 'back');
  assert.deepEqual((await read())['1d'], [0, 2], 'it is there again');
});

test('and by where they lay, as far as somebody knows it', async () => {
  const c = `/api/v1/cases/${kase}`, add = async (page, more) => ok(await officer.post(`${c}/addresses`, { address: `https://ku.example/${page}`, ...more }), 201).id;
  const put = async (id, body) => ok(await officer.call('PUT', `${c}/addresses/${id}`, body));
  const by = async () => Object.fromEntries(ok(await supervisor.get('/api/v1/figures')).kpis.filter((k) => /^removed_7d:/.test(k.id)).map((k) => [k.id.slice(11), [k.n, k.of]]));
  assert.equal((await officer.post(`${c}/addresses`, { address: 'https://ku.example/x', hosted: 'mars' })).status, 422);
  const here = await add('a', { hosted: 'here' }), other = await add('b');
  await put(here, { stage: 'gone' });
  await put(other, { stage: 'gone' });
  aged(8);
  assert.deepEqual(await by(), { here: [1, 1] }, 'what nobody knows is of none');
  await put(other, { stage: 'back', hosted: 'abroad' });
  assert.deepEqual(await by(), { here: [1, 1], abroad: [0, 1] });
  await put(other, { stage: 'gone' });
  assert.deepEqual(await by(), { here: [1, 1], abroad: [0, 1] }, 'after eight days; it stays where it was said to be');
  // The list behind: cases with such a page.
  const list = async (measure) => ok(await supervisor.get(`/api/v1/search?kind=case&measure=${measure}`)).rows.map((x) => x.id);
  assert.deepEqual(await list('removed_7d'), [kase]);
  assert.deepEqual(await list('removed_7d:abroad'), []);
  assert.deepEqual(await list('removed_7d_late:abroad'), [kase]);
  assert.deepEqual(await list('removed_7d:platform'), []);
  assert.equal((await supervisor.get('/api/v1/search?kind=case&measure=removed_7d:mars')).status, 422);
  assert.equal((await supervisor.get('/api/v1/search?kind=report&measure=assessed_24h:here')).status, 422);
  const form = (await supervisor.get('/search?kind=case&measure=removed_7d:abroad', { accept: 'text/html' })).text;
  assert.match(form, /value="removed_7d:abroad" selected>Faqe të hequra brenda 7 ditësh – Jashtë vendit/);
  const read = ok(await officer.get(c));
  assert.deepEqual([here, other].map((id) => read.addresses.find((a) => a.id === id).hosted), ['here', 'abroad']);
  assert.match((await officer.get(`/cases/${kase}`, { accept: 'text/html' })).text, /Jashtë vendit/);
  assert.match((await supervisor.get('/figures', { accept: 'text/html' })).text, /Faqe të hequra brenda 7 ditësh – Jashtë vendit/);
});

test('a filter that cannot be is said, with the form and what was typed', async () => {
  const get = (path) => supervisor.get(path, { accept: 'text/html' });
  const turned = await get('/search?from=2026-05-02&to=2026-05-01&state=new');
  assert.equal(turned.status, 422);
  for (const said of ['Dita e fundit është para ditës së parë', 'value="2026-05-02"', 'value="2026-05-01"', 'value="new" selected']) assert.ok(turned.text.includes(said), said);
  assert.equal((await supervisor.get('/api/v1/search?from=2026-05-02&to=2026-05-01')).status, 422);
  assert.equal((await get('/search?from=2026-05-01&to=2026-05-01')).status, 200, 'one day');
  // A list that has no form of its own way back: without the wrong filter, with the others and what was typed.
  const contacts = await get('/contacts?county=Atlantis&q=policia');
  assert.equal(contacts.status, 422);
  for (const said of ['<form class="card" method="get" action="/contacts">', 'value="policia"', 'role="alert"']) assert.ok(contacts.text.includes(said), said);
  for (const path of ['/cases?state=nothing', '/referrals?state=nothing', '/reports?state=nothing']) {
    const list = await get(path);
    assert.equal(list.status, 422, path);
    assert.match(list.text, /class="tabs"/, `${path}: the way on`);
  }
  const nowhere = await get('/cases/0123456789abcdef0123456789abcdef');
  assert.equal(nowhere.status, 404);
  assert.match(nowhere.text, /<a class="button" href="\/">/, 'to one\'s own start page');
});

test('of one\'s own units the file runs up to today, whole; and is one\'s own', async () => {
  const year = new Date(site.now() * 1000).getUTCFullYear(), board = ok(await supervisor.get('/api/v1/figures?scope=own'));
  const csv = await supervisor.get('/api/v1/figures/export?scope=own');
  assert.equal(csv.status, 200, csv.text);
  assert.equal(csv.headers['content-disposition'], `attachment; filename="isigurt-own-${year}.csv"`);
  const lines = csv.text.split('\r\n'), total = board.tables.find((x) => x.id === 'received_month').total;
  assert.ok(total > 0 && lines.some((l) => l.endsWith(`,${total}`)), 'the total of the dashboard');
  for (const row of board.tables.find((x) => x.id === 'received_category').rows) assert.ok(lines.some((l) => l.includes(row.label.split(' ')[0]) && l.endsWith(`,${row.n}`)), row.label);
  const page = (await supervisor.get('/figures', { accept: 'text/html' })).text;
  assert.ok(page.includes(`/api/v1/figures/export?scope=own&amp;period=${year}&amp;format=xlsx`));
  const month = await supervisor.get(`/api/v1/figures/export?scope=own&period=${year}-02&format=xlsx`);
  assert.equal(month.status, 200);
  assert.equal((await supervisor.get('/api/v1/figures/export?scope=own&period=x')).status, 422);
  assert.equal((await supervisor.get('/api/v1/figures/export?scope=theirs')).status, 422);
  assert.equal((await (await site.signIn('coordinator')).get('/api/v1/figures/export?scope=own')).status, 422, 'who is of no unit has none');
});

test('a year that is not over stays; one that is leaves with small numbers hidden', async () => {
  const year = new Date(site.now() * 1000).getUTCFullYear();
  assert.equal((await supervisor.get(`/api/v1/figures/export?year=${year}`)).status, 422);
  assert.equal((await supervisor.get('/api/v1/figures/export?year=1')).status, 422);
  assert.equal((await supervisor.get(`/api/v1/figures/export?year=${year - 1}&format=ods`)).status, 422);
  assert.equal((await officer.get(`/api/v1/figures/export?year=${year - 1}`)).status, 403);
  const kept = ok(await supervisor.get('/api/v1/figures?scope=own')).tables.find((t) => t.id === 'received_month').total;
  site.advance(Date.UTC(year + 1, 0, 25) / 1000 - site.now()); // referrals settle last
  const later = await site.signIn('supervisor');
  await until('the year whole', async () => (await later.get(`/api/v1/figures/export?year=${year}`)).status === 200, 60000);
  const csv = await later.get(`/api/v1/figures/export?year=${year}&format=csv`);
  assert.match(csv.headers['content-type'], /^text\/csv/);
  assert.equal(csv.headers['content-disposition'], `attachment; filename="isigurt-${year}.csv"`);
  assert.match(csv.headers['cache-control'], /no-store/);
  assert.equal(ok(await later.get(`/api/v1/figures?period=${year}`)).tables.find((t) => t.id === 'received_month').total, kept, 'the sums stay as they were');
  const rule = 5;
  for (const line of csv.text.split('\r\n').slice(7)) for (const cell of line.split(','))
    if (/^\d+$/.test(cell)) assert.ok(Number(cell) === 0 || Number(cell) >= rule, line);
  const session = later.cookies;
  const answer = await fetch(`${site.desk}/api/v1/figures/export?year=${year}&format=xlsx`, { headers: { cookie: session } });
  const xlsx = { status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()) };
  assert.equal(xlsx.status, 200);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'xlsx-'));
  fs.writeFileSync(path.join(folder, 'a.xlsx'), xlsx.bytes);
  const read = execFileSync('python3', ['-c', `
import sys, zipfile, re
z = zipfile.ZipFile(sys.argv[1])
names = [n for n in z.namelist() if n.startswith('xl/worksheets/sheet')]
print(len(names), sum('<f>' in z.read(n).decode() for n in names))
numbers = [int(v) for n in names[1:] for v in re.findall(r'<c r="[A-Z]+[0-9]+"(?: s="[0-9]+")?><v>([0-9]+)</v>', z.read(n).decode())]
print(sum(0 < v < 5 for v in numbers), len(numbers))`, path.join(folder, 'a.xlsx')], { encoding: 'utf8' }).trim().split(/\s+/).map(Number);
  fs.rmSync(folder, { recursive: true });
  assert.ok(read[0] >= 9, `${read[0]} sheets`);
  assert.equal(read[1], 0, 'no formula');
  assert.equal(read[2], 0, 'no small number');
  assert.ok(read[3] > 100, 'typed numbers');
});
