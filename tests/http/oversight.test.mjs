// Oversight's seat: the audit trail a page at a time, by person, action and day; never content; the looking is in it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createPrivateKey, sign } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Instance, request, until } from '../lib/instance.mjs';

let site, officer, oversight;
before(async () => {
  site = await Instance.start();
  officer = await site.signIn('duty_officer');
  oversight = await site.signIn('oversight');
});
after(() => site.remove());
const trail = async (query = '') => {
  const answer = await oversight.get(`/api/v1/audit${query}`);
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
};

test('what an officer did and read stands there, with the look itself, and no word of it', async () => {
  const [report] = (await officer.get('/api/v1/reports?state=new')).json.reports;
  const read = (await officer.get(`/api/v1/reports/${report.id}`)).json;
  assert.equal((await officer.post(`/api/v1/reports/${report.id}/take`)).status, 200);
  const { entries } = await trail();
  assert.equal(entries[0].action, 'trail', 'this look is the newest entry');
  assert.ok(entries.every((e, i) => i === 0 || e.seq < entries[i - 1].seq), 'newest first');
  const taken = entries.find((e) => e.action === 'report_take' && e.object === report.id);
  const opened = entries.find((e) => e.action === 'open' && e.object === report.id);
  assert.ok(taken && opened);
  assert.equal(taken.person, opened.person);
  assert.equal(taken.status, 'ok');
  const all = JSON.stringify(entries);
  for (const word of [read.text, read.contact, read.address].filter((w) => w && w.length > 5)) assert.ok(!all.includes(word), word);
});

test('by person, by action, refusals too', async () => {
  const first = (await trail()).entries.find((e) => e.action === 'report_take');
  const his = (await trail(`?person=${first.person}`)).entries;
  assert.ok(his.length > 1 && his.every((e) => e.person === first.person));
  assert.equal((await officer.get('/api/v1/audit')).status, 403, 'nobody else looks');
  assert.equal((await (await site.signIn('administrator')).get('/api/v1/audit')).status, 403);
  const signed = (await trail('?action=sign_in')).entries;
  assert.ok(signed.length >= 3 && signed.every((e) => e.action === 'sign_in'));
  for (const [query, field] of [['?action=nothing', 'action'], ['?until=2026-02-30', 'until'], ['?until=x', 'until']]) {
    const refused = await oversight.get(`/api/v1/audit${query}`);
    assert.equal(refused.status, 422, query);
    assert.equal(refused.json.errors[0].field, field);
  }
  for (const query of ['?person=xyz', '?before=-1', '?before=99999999999999999999']) assert.ok([200, 400, 422].includes((await oversight.get(`/api/v1/audit${query}`)).status), query);
});

test('page by page each entry comes once, down to the first', async () => {
  for (let i = 0; i < 110; i++) await oversight.get('/api/v1/audit?action=init');
  const seen = new Set();
  let query = '', pages = 0, last;
  do {
    last = await trail(query);
    for (const e of last.entries) {
      assert.ok(!seen.has(e.seq), `entry ${e.seq} twice`);
      seen.add(e.seq);
    }
    query = `?before=${last.next}`;
    pages++;
  } while (last.next && pages < 100);
  assert.ok(pages > 2, `${pages} pages`);
  const most = Math.max(...seen);
  assert.equal(Math.min(...seen), 1);
  assert.equal(seen.size, most, 'without a gap');
});

test('up to a day', async () => {
  const day = (at) => new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Tirane' }).format(at); // 2026-11-24
  const now = site.now() * 1000;
  assert.equal((await trail(`?until=${day(now - 3 * 86400e3)}`)).entries.length, 0, 'nothing was then');
  site.advance(2 * 86400);
  oversight = await site.signIn('oversight');
  const before = await trail(`?until=${day(now)}`);
  assert.ok(before.entries.length > 0 && before.entries.every((e) => Date.parse(e.at) < now + 86400e3));
  assert.ok((await trail()).entries[0].seq > before.entries[0].seq);
});

test('the page reads without script, filters, and leads on', async () => {
  const page = await oversight.get('/audit?action=sign_in', { accept: 'text/html' });
  assert.equal(page.status, 200);
  assert.match(page.text, /<table class="queue">/);
  assert.match(page.text, /value="sign_in" selected/);
  const person = /href="\/audit\?person=([0-9a-f]{32})"/.exec(page.text)[1];
  const his = await oversight.get(`/audit?person=${person}`, { accept: 'text/html' });
  assert.match(his.text, new RegExp(`name="person" value="${person}"`));
  assert.equal((await request(site.desk, 'GET', '/audit')).status, 303);
});

// What the holder of the database may try: SQL on the keeper's tables while nothing runs.
const sql = (text) => (site.storeUrl ? execFileSync('psql', ['-qAtX', '-v', 'ON_ERROR_STOP=1', site.storeUrl, '-c', text], { encoding: 'utf8' })
  : execFileSync('sqlite3', [path.join(site.data, 'keeper/keeper.db'), text.replaceAll('keeper.', '')], { encoding: 'utf8' })).trim();
const verify = (anchor) => {
  try {
    return { code: 0, out: site.run(['audit', 'verify', '--data', site.data, ...(anchor ? ['--anchor', anchor] : [])]) };
  } catch (e) {
    return { code: e.status, out: e.stdout };
  }
};

test('a checkpoint taken away: nobody else may, it is written down, its digest is what verify prints', async () => {
  oversight = await site.signIn('oversight');
  // The clock went on days before this: a checkpoint may be made between the two answers.
  const [list, page] = await until('the list and its page of one checkpoint', async () => {
    const { anchors } = (await oversight.get('/api/v1/audit/anchors')).json;
    const html = await oversight.get('/audit/anchors', { accept: 'text/html' });
    return html.text.includes(anchors[0].digest) && [anchors, html];
  });
  assert.equal(list.length, 1);
  const [{ writer, seq, at, digest }] = list;
  assert.match(writer, /^[0-9a-f]{16}$/);
  assert.match(digest, /^([0-9a-f]{4} ){4}[0-9a-f]{4}$/);
  assert.ok(seq > 0 && Date.parse(at) <= site.now() * 1000);
  assert.ok(page.text.includes(`/api/v1/audit/anchors/file?writer=${writer}`));
  const file = await oversight.get(`/api/v1/audit/anchors/file?writer=${writer}`, { accept: 'text/html' });
  assert.equal(file.status, 200);
  assert.match(file.headers['content-disposition'], new RegExp(`^attachment; filename="checkpoint\\.${writer}"$`));
  const taken = (await trail('?action=anchor')).entries;
  assert.ok(taken.some((e) => e.detail === writer), 'the taking names the writer');
  for (const wrong of ['0000000000000001', 'zzzzzzzzzzzzzzzz', writer.slice(2)]) {
    const answer = await oversight.get(`/api/v1/audit/anchors/file?writer=${wrong}`);
    assert.equal(answer.status, 404, wrong);
  }
  assert.equal((await oversight.get('/api/v1/audit/anchors/file')).status, 422);
  for (const role of ['administrator', 'supervisor', 'duty_officer', 'coordinator']) {
    const session = await site.signIn(role);
    for (const target of ['/api/v1/audit/anchors', `/api/v1/audit/anchors/file?writer=${writer}`]) assert.equal((await session.get(target)).status, 403, `${role} ${target}`);
  }
});

const raw = (session, target) => new Promise((resolve, reject) => {
  const url = new URL(site.desk);
  http.get({ host: url.hostname, port: url.port, path: target, agent: false, headers: { host: url.host, cookie: session.cookies } }, (answer) => {
    const parts = [];
    answer.on('data', (part) => parts.push(part));
    answer.on('end', () => resolve(Buffer.concat(parts)));
  }).on('error', reject);
});

test('who holds database, files and the node key cuts the trail unseen, but not before the checkpoint kept elsewhere', async () => {
  const first = Number(sql('select count(*) from keeper.checkpoint'));
  site.advance(2 * 3600); // so that there is a checkpoint later than the first
  await until('the next checkpoint', () => Number(sql('select count(*) from keeper.checkpoint')) > first, 60000);
  oversight = await site.signIn('oversight');
  const [{ writer, digest, seq }] = (await oversight.get('/api/v1/audit/anchors')).json.anchors;
  const file = await raw(oversight, `/api/v1/audit/anchors/file?writer=${writer}`);
  const anchor = path.join(site.root, 'kept-elsewhere'), touched = path.join(site.root, 'touched');
  fs.writeFileSync(anchor, file);
  fs.writeFileSync(touched, Buffer.concat([file.subarray(0, 40), Buffer.from([file[40] ^ 1]), file.subarray(41)]));
  await site.stop();
  const whole = verify(anchor);
  assert.equal(whole.code, 0, whole.out);
  assert.ok(whole.out.includes(`anchor: ${digest}`), whole.out);
  assert.match(verify(touched).out, /the anchor does not verify/, 'a file that was touched is no anchor');
  // Back to behind the first checkpoint: entries, later checkpoints, head and checkpoint file, all signed as they should be.
  const hex = (column) => (site.storeUrl ? `encode(${column}, 'hex')` : `lower(hex(${column}))`);
  const at = Number(sql('select min(at) from keeper.checkpoint'));
  const [last, h] = sql(`select seq || ' ' || ${hex('h')} from keeper.entry where seq = 3`).split(' ');
  assert.ok(Number(last) < seq);
  const heads = path.join(site.keys, 'audit');
  fs.rmSync(path.join(heads, `checkpoint.${writer}`));
  sql(`delete from keeper.entry where seq > ${last}; delete from keeper.checkpoint where at > ${at}`);
  const body = Buffer.concat([Buffer.from('isigurt.head...1'), Buffer.from(writer, 'hex'), Buffer.alloc(8), Buffer.from(h, 'hex')]);
  body.writeBigUInt64LE(BigInt(last), 24);
  const key = createPrivateKey({ key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), fs.readFileSync(path.join(site.keys, 'node.key')).subarray(0, 32)]), format: 'der', type: 'pkcs8' });
  fs.writeFileSync(path.join(heads, `head.${writer}`), Buffer.concat([body, sign(null, body, key)]));
  const alone = verify();
  assert.equal(alone.code, 0, `the thief was careful: ${alone.out}`);
  const broken = verify(anchor);
  assert.equal(broken.code, 1);
  assert.match(broken.out, new RegExp(`broken: .*cut off: the anchor names entry ${seq}`));
});
