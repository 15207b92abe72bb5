// Keeping and erasing through the running programs: the rules act, two persons erase, nothing readable is left in the raw
// files, an older backup does not bring it back, and the trail stays whole.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Instance, postgres, request, until } from '../lib/instance.mjs';

let site, officer, supervisor, admin, oversight;
before(async () => { site = await Instance.start({ store: 'sqlite' }); site.morning(); await people(); });
after(() => site.remove());
async function people() {
  officer = await site.signIn('duty_officer');
  supervisor = await site.signIn('supervisor');
  admin = await site.signIn('administrator');
  oversight = await site.signIn('oversight');
}
const ok = async (promise, status = 200) => {
  const answer = await promise;
  assert.equal(answer.status, status, answer.text);
  return answer.json;
};

let sent = 0;
async function report(fields = {}) {
  const known = new Set((await officer.get('/api/v1/reports?state=new')).json.reports.map((r) => r.id));
  const answer = await site.report({ category: 'SEXT', in_danger: true, text: `fjala-${++sent}-e-fshehur`, where: 'page', address: `https://faqe${sent}.example/x`, ...fields });
  assert.equal(answer.status, 201, answer.text);
  const id = (await until('it at the desk', async () => (await officer.get('/api/v1/reports?state=new')).json.reports.find((r) => !known.has(r.id)))).id;
  return { id, receipt: answer.json.receipt };
}
async function ended(fields) {
  const r = await report(fields);
  await ok(officer.post(`/api/v1/reports/${r.id}/take`));
  await ok(officer.post(`/api/v1/reports/${r.id}/answer`, { text: 'përgjigje-e-fshehur' }));
  await ok(officer.post(`/api/v1/reports/${r.id}/state`, { state: 'closed' }));
  await until('told', async () => (await site.follow(r.receipt)).json.state === 'closed');
  await until('its tags, which the desk settles in the background', () => rows(`select count(*) n from report where id = x'${r.id}' and tag_box is not null`)[0].n === 0);
  await until('nothing left to tell: before that no pass erases it', () => rows(`select count(*) n from reply_due d join report r on r.seq = d.report where r.id = x'${r.id}'`)[0].n === 0);
  return r;
}
const rows = (sql) => JSON.parse(execFileSync('sqlite3', ['-readonly', '-json', path.join(site.data, 'desk/desk.db'), sql], { encoding: 'utf8', maxBuffer: 1 << 26 }) || '[]');
// Every byte string of a report that opens or names something, as it lies in the store now; 40 bytes of each.
function secrets(id) {
  const found = rows(`select hex(s.item) item, hex(s.unit_wrap) unit_wrap, hex(s.thread_wrap) thread_wrap, hex(s.content) content,
    hex(r.lookup) lookup, hex(r.page_tag) page_tag, hex(r.host_tag) host_tag, hex(r.thread) thread
    from report r join report_sealed s on s.seq = r.seq where r.id = x'${id}'`)[0];
  rows(`select hex(item) item from message where thread = x'${found.thread}'`).forEach((m, i) => { found[`message ${i}`] = m.item; });
  rows(`select hex(sealed) sealed from child_wrap where child = x'${id}' or parent = x'${id}'`).forEach((m, i) => { found[`child wrap ${i}`] = m.sealed; });
  delete found.thread; // a random name, as the report's own id: the trail says that it was opened, and by whom
  return Object.entries(found).filter(([, v]) => v).map(([name, v]) => [name, Buffer.from(v, 'hex').subarray(0, 40)]);
}
const files = (folder) => fs.readdirSync(folder, { recursive: true, withFileTypes: true }).filter((f) => f.isFile()).map((f) => path.join(f.parentPath ?? f.path, f.name));
function lies(folder, list) {
  const where = [];
  for (const file of files(folder)) {
    const bytes = fs.readFileSync(file);
    for (const [name, piece] of list) if (bytes.includes(piece)) where.push(`${name} in ${path.relative(folder, file)}`);
  }
  return where;
}
const gone = (folder, list) => until('nothing left', () => { const where = lies(folder, list); if (where.length) throw new Error(where.join(', ')); return true; }, 20000);
const ask = (who, thing, reason = 'asked') => who.post('/api/v1/retention/erasures', { thing, reason });

test('one asks, another approves: at once no byte of it is left, and the trail is whole', async () => {
  const other = await ended();
  const r = await ended();
  const before = secrets(r.id);
  assert.ok(before.length >= 7, before.map(([name]) => name).join());
  assert.ok(lies(site.data, before).length >= before.length, 'the test finds what is there');
  for (const [thing, status] of [['2026-9999', 422], ['ff'.repeat(16), 422]]) assert.equal((await ask(supervisor, thing)).status, status);
  const open = await report();
  assert.equal((await ask(supervisor, open.id)).status, 409, 'still being worked on');
  assert.equal((await ask(supervisor, r.id, 'nothing')).status, 422);
  const { id } = await ok(ask(admin, r.id), 201);
  assert.equal((await ask(supervisor, r.id)).status, 409, 'asked for already');
  assert.equal((await admin.post(`/api/v1/retention/erasures/${id}/approve`)).status, 403, 'whoever makes accounts decides nothing');
  assert.equal((await supervisor.post(`/api/v1/retention/erasures/${id}/approve`)).status, 403, 'not this role');
  assert.equal((await officer.get('/api/v1/retention')).status, 403);
  assert.equal((await oversight.post(`/api/v1/retention/erasures/${'0'.repeat(31)}1/approve`)).status, 404);
  await ok(oversight.post(`/api/v1/retention/erasures/${id}/approve`));
  assert.equal((await oversight.post(`/api/v1/retention/erasures/${id}/approve`)).status, 409);
  await gone(site.data, before);
  assert.equal((await officer.get(`/api/v1/reports/${r.id}`)).status, 404);
  assert.match((await officer.get(`/reports/${r.id}`, { accept: 'text/html' })).text, /Ky raportim u fshi më/, 'it says why');
  assert.equal((await officer.post(`/api/v1/reports/${r.id}/take`)).status, 404);
  assert.ok(!(await ok(officer.get('/api/v1/reports?state=closed'))).reports.some((x) => x.id === r.id), 'no row that opens nothing');
  const found = (await ok(officer.get(`/api/v1/search?kind=report&q=${r.id}`))).rows;
  assert.deepEqual(found.map((x) => x.erased), [true], 'counted still');
  const page = (await officer.get(`/search?kind=report&q=${r.id}`, { accept: 'text/html' })).text;
  assert.ok(page.includes('u fshi') && !page.includes(`/reports/${r.id}`), 'and no link to it');
  assert.equal((await site.follow(r.receipt)).status, 404);
  assert.equal((await ok(officer.get(`/api/v1/reports/${other.id}`))).id, other.id, 'its neighbour opens');
  assert.ok(lies(site.data, secrets(other.id)).length > 6);
  assert.match(site.run(['audit', 'verify', '--data', site.data]), /^whole/);
  const { entries } = await ok(oversight.get('/api/v1/audit?action=erase'));
  assert.equal(entries.find((e) => e.object === r.id && e.status === 'ok').object2, r.id);
  const list = await ok(admin.get('/api/v1/retention'));
  assert.equal(list.erasures.find((e) => e.id === id).state, 'done');
  assert.ok(list.done.some((d) => d.thing === r.id && d.act === 'erased'));
});

test('many reports, so that pages of the files split and merge: not one piece stays', async () => {
  const all = [];
  for (let i = 0; i < 40; i++) all.push(await ended({ text: `e gjatë ${'ë'.repeat(40 * i)}` }));
  const odd = all.filter((_, i) => i % 2), pieces = odd.flatMap((r) => secrets(r.id));
  for (const r of odd) {
    const { id } = await ok(ask(admin, r.id), 201);
    await ok(oversight.post(`/api/v1/retention/erasures/${id}/approve`));
  }
  await gone(site.data, pieces);
  for (const r of all.filter((_, i) => i % 2 === 0).slice(0, 3)) await ok(officer.get(`/api/v1/reports/${r.id}`));
});

test('a hold stops it with its reason, and freeing lets it go on', async () => {
  const r = await ended();
  await ok(supervisor.post('/api/v1/retention/holds', { thing: r.id, reason: 'proceedings' }), 201);
  assert.equal((await supervisor.post('/api/v1/retention/holds', { thing: r.id, reason: 'proceedings' })).status, 409);
  assert.equal((await ask(admin, r.id)).status, 409);
  site.advance(731 * 86400);
  site.morning();
  await people();
  await ok(oversight.post('/api/v1/retention/run'));
  assert.ok((await ok(officer.get(`/api/v1/reports/${r.id}`))).id);
  const { due, holds } = await ok(supervisor.get('/api/v1/retention'));
  assert.ok(due.find((d) => d.thing === r.id).held);
  assert.equal(holds.find((h) => h.thing === r.id).reason, 'proceedings');
  await ok(supervisor.post(`/api/v1/retention/holds/${r.id}/free`));
  assert.equal((await supervisor.post(`/api/v1/retention/holds/${r.id}/free`)).status, 404);
  const pieces = secrets(r.id);
  assert.ok((await ok(oversight.post('/api/v1/retention/run'))).passed >= 1);
  await gone(site.data, pieces);
  assert.equal((await officer.get(`/api/v1/reports/${r.id}`)).status, 404);
});

test('years later the row goes too, the tombstone stays, figures and trail stay right', async () => {
  const r = await ended();
  await ok(officer.post('/api/v1/access', { thing: r.id, reason: 'own', identity: 'receipt' }), 201);
  const row = () => ({ found: rows(`select county, lookup, received, category from report where id = x'${r.id}'`)[0],
    stone: rows(`select count(*) n from tombstone where id = x'${r.id}'`)[0].n });
  site.advance(731 * 86400);
  await people();
  await ok(oversight.post('/api/v1/retention/run'));
  assert.equal(row().found.county, null);
  assert.equal(row().found.lookup, null);
  assert.equal(row().found.received % 86400000000, 0, 'to the day');
  assert.equal(row().found.category, 'SEXT', 'figures still count it');
  assert.equal(row().stone, 1);
  const asked = () => rows(`select count(*) n from access where thing = x'${r.id}'`)[0].n;
  assert.equal(asked(), 1, 'who asked what is kept stays as long as the row');
  site.advance(1100 * 86400);
  await people();
  await ok(oversight.post('/api/v1/retention/run'));
  assert.equal(row().found, undefined);
  assert.equal(asked(), 0, 'and goes with it');
  assert.equal(row().stone, 1);
  assert.match(site.run(['audit', 'verify', '--data', site.data]), /^whole/);
});

test('a closed case goes with its reports; one that is open does not', async () => {
  const r = await report();
  const { id } = await ok(officer.post('/api/v1/cases', { reports: [r.id] }), 201);
  const c = `/api/v1/cases/${id}`;
  await ok(officer.post(`${c}/notes`, { text: 'shënim' }), 201);
  await ok(request(site.desk, 'POST', `${c}/files`, { headers: { cookie: officer.cookies, 'x-csrf-token': officer.csrf, 'content-type': 'multipart/form-data; boundary=x' },
    body: '--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\ndëshmi e fshehur\r\n--x--' }), 201);
  assert.equal((await ask(admin, id)).status, 409);
  await ok(officer.post(`${c}/close`, { outcome: 'child_safe' }), 200);
  await ok(supervisor.post(`${c}/close/approve`));
  assert.equal((await ask(admin, r.id)).status, 422, 'the case is what one asks for');
  const number = (await ok(officer.get(c))).number;
  await until('told', async () => (await site.follow(r.receipt)).json.state === 'closed');
  const pieces = secrets(r.id);
  rows(`select hex(item) item from case_item where home = x'${id}'`).forEach((x, i) => pieces.push([`entry ${i}`, Buffer.from(x.item, 'hex').subarray(0, 40)]));
  const streams = rows(`select hex(p.sealed) sealed from case_upload_piece p join case_upload u on u.id = p.upload where u.case_id = x'${id}'`);
  assert.equal(streams.length, 1);
  streams.forEach((x) => pieces.push(['file', Buffer.from(x.sealed, 'hex').subarray(16, 100)]));
  rows(`select hex(sealed) sealed from unit_wrap where home = x'${id}'`).forEach((x, i) => pieces.push([`case wrap ${i}`, Buffer.from(x.sealed, 'hex')]));
  const asked = await ok(ask(supervisor, number), 201);
  assert.equal((await admin.post(`/api/v1/retention/erasures/${asked.id}/approve`)).status, 403, 'he could have made the one who asked');
  await ok(oversight.post(`/api/v1/retention/erasures/${asked.id}/approve`));
  await gone(site.data, pieces);
  assert.equal((await officer.get(c)).status, 404);
  assert.equal((await officer.get(`/api/v1/reports/${r.id}`)).status, 404);
  assert.match(site.run(['audit', 'verify', '--data', site.data]), /^whole/);
});

test('of a report that went with its case nothing is left either: not where it was, not where it went', async () => {
  const police = await site.signIn('contact'), unitOf = async (who) => (await ok(who.get('/api/v1/account'))).units[0].id;
  const r = await report(), { id } = await ok(officer.post('/api/v1/cases', { reports: [r.id] }), 201), c = `/api/v1/cases/${id}`;
  const hand = async (from, to) => {
    const sent = await ok(from.post(`${c}/referrals`, { unit: await unitOf(to), kind: 'transfer', purpose: 'protection', ground: 'criminal_procedure', fields: ['category'], note: 'Merreni ju.', more_reason: 'Kaq ju duhet për punën.' }), 201);
    await ok(to.post(`/api/v1/referrals/${sent.id}/accept`));
  };
  const before = secrets(r.id);
  assert.ok(before.some(([name]) => name === 'unit_wrap'));
  await hand(officer, police);
  assert.ok(!secrets(r.id).some(([name]) => name === 'unit_wrap'), 'the former unit has no way to it');
  await ok(request(site.portal, 'POST', '/api/v1/report/messages', { headers: { authorization: `Receipt ${r.receipt}`, 'content-type': 'application/json' }, body: JSON.stringify({ text: 'pas kalimit' }) }), 201);
  await until('read there', async () => (await ok(police.get(`${c}/reports/${r.id}`))).messages.length === 1);
  await ok(police.post(`${c}/reports/${r.id}/answer`, { text: 'përgjigje e fshehur' }));
  const there = secrets(r.id);
  await hand(police, officer);
  await ok(officer.post(`${c}/close`, { outcome: 'child_safe' }));
  await ok(supervisor.post(`${c}/close/approve`));
  await until('told', async () => (await site.follow(r.receipt)).json.state === 'closed');
  const { number } = await ok(officer.get(c)), asked = await ok(ask(supervisor, number), 201);
  const moved = () => rows(`select count(*) n from report_moved where report = x'${r.id}'`)[0].n;
  assert.equal(moved(), 1);
  const pieces = [...before, ...there, ...secrets(r.id)];
  assert.ok(pieces.filter(([name]) => name.startsWith('message')).length >= 4);
  await ok(oversight.post(`/api/v1/retention/erasures/${asked.id}/approve`));
  await gone(site.data, pieces);
  assert.equal((await site.follow(r.receipt)).status, 404);
  for (const who of [officer, police]) assert.notEqual((await who.get(`${c}/reports/${r.id}`)).status, 200);
  assert.match(site.run(['audit', 'verify', '--data', site.data]), /^whole/);
});

test('a request can be refused, and stays refused', async () => {
  const r = await ended();
  const { id } = await ok(ask(supervisor, r.id), 201);
  await ok(oversight.post(`/api/v1/retention/erasures/${id}/refuse`));
  assert.equal((await oversight.post(`/api/v1/retention/erasures/${id}/approve`)).status, 409);
  const own = (await ok(ask(oversight, (await ended()).id), 201)).id;
  assert.equal((await oversight.post(`/api/v1/retention/erasures/${own}/approve`)).status, 403, 'nobody approves his own');
  await ok(officer.get(`/api/v1/reports/${r.id}`));
});

test('the page works without script, in both languages', async () => {
  for (const [lang, words] of [['sq', /Ruajtja dhe fshirja/], ['en', /Keeping and erasing/]]) {
    const page = await request(site.desk, 'GET', `/retention?lang=${lang}`, { headers: { cookie: admin.cookies } });
    assert.equal(page.status, 200);
    assert.match(page.text, words);
  }
  const refused = await request(site.desk, 'POST', '/retention/erasures', {
    headers: { cookie: admin.cookies, 'content-type': 'application/x-www-form-urlencoded', origin: site.desk },
    body: new URLSearchParams({ csrf: admin.csrf, thing: 'asgjë', reason: 'asked' }).toString() });
  assert.equal(refused.status, 422, refused.text);
  assert.match(refused.text, /value="asgjë"/, 'nothing typed is lost');
});

test('a backup made after holds nothing of it; an older one does not bring it back', async () => {
  const r = await ended(), stays = await ended();
  const pieces = secrets(r.id);
  const old = path.join(site.root, 'old.backup'), fresh = path.join(site.root, 'fresh.backup');
  site.run(['backup', '--data', site.data, '--to', old]);
  const { id } = await ok(ask(admin, r.id), 201);
  await ok(oversight.post(`/api/v1/retention/erasures/${id}/approve`));
  await gone(site.data, pieces);
  site.run(['backup', '--data', site.data, '--to', fresh]);
  await site.stop();
  for (const [file, again] of [[fresh, false], [old, true]]) {
    fs.rmSync(site.data, { recursive: true });
    const said = site.run(['restore', '--data', site.data, '--from', file, '--key', path.join(site.keys, 'backup.key')]);
    assert.equal(/erased again/.test(said), again, said);
    assert.deepEqual(lies(site.data, pieces), [], file);
    assert.match(site.run(['audit', 'verify', '--data', site.data]), /^whole/);
  }
  await site.serve();
  await people();
  assert.equal((await officer.get(`/api/v1/reports/${r.id}`)).status, 404);
  await until('the code leads nowhere', async () => (await site.follow(r.receipt)).status === 404);
  await ok(officer.get(`/api/v1/reports/${stays.id}`));
  await gone(site.data, pieces);
});

test('restored to PostgreSQL it does not come back either', { skip: !process.env.ISIGURT_TEST_PG }, async () => {
  const r = await ended();
  const old = path.join(site.root, 'pg.backup'), name = `ret${process.pid}`;
  const lookup = rows(`select hex(lookup) l from report where id = x'${r.id}'`)[0].l;
  site.run(['backup', '--data', site.data, '--to', old]);
  const { id } = await ok(ask(admin, r.id), 201);
  await ok(oversight.post(`/api/v1/retention/erasures/${id}/approve`));
  await site.stop();
  fs.rmSync(site.data, { recursive: true });
  execFileSync('psql', ['-qX', postgres('postgres'), '-c', `create database ${name}`], { stdio: 'pipe' });
  try {
    assert.match(site.run(['restore', '--data', site.data, '--from', old, '--key', path.join(site.keys, 'backup.key'), '--store', postgres(name)]), /erased again/);
    const count = (sql) => Number(execFileSync('psql', ['-qXAt', postgres(name), '-c', sql], { encoding: 'utf8' }));
    assert.equal(count(`select count(*) from desk.report_sealed s join desk.report r on r.seq = s.seq where r.id = '\\x${r.id}'`), 0);
    assert.equal(count(`select count(*) from desk.report where lookup = '\\x${lookup}'`) + count(`select count(*) from reply.thread where lookup = '\\x${lookup}'`) +
      count(`select count(*) from reply.message where lookup = '\\x${lookup}'`) + count('select count(*) from desk.reply_gone'), 0);
    assert.ok(count('select count(*) from desk.report_sealed') > 0, 'the others are there');
    assert.match(site.run(['audit', 'verify', '--data', site.data]), /^whole/);
  } finally {
    execFileSync('psql', ['-qX', postgres('postgres'), '-c', `drop database ${name} with (force)`], { stdio: 'pipe' });
  }
});
