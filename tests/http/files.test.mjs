// Evidence files of a case: in, listed, out, removed; who may; and what of them lies on the disk.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import net from 'node:net';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Instance, emptyDatabase, request, sleep } from '../lib/instance.mjs';

let site, officer, supervisor, contact, administrator, kase, second;
before(async () => {
  site = await Instance.start();
  officer = await site.signIn('duty_officer');
  supervisor = await site.signIn('supervisor');
  contact = await site.signIn('contact');
  administrator = await site.signIn('administrator');
  const [first, other] = (await officer.get('/api/v1/reports?state=new')).json.reports;
  const open = async (report) => {
    const made = await officer.post('/api/v1/cases', { reports: [report.id] });
    assert.equal(made.status, 201, made.text);
    return `/api/v1/cases/${made.json.id}`;
  };
  kase = await open(first);
  second = await open(other); // where many files lie
});
after(() => site.remove());

const edge = 'xX1234567890';
function parts(bytes, { name = 'dëshmi.pdf', text, csrf, field = 'file' } = {}) {
  const one = (n, v) => `--${edge}\r\nContent-Disposition: form-data; name="${n}"\r\n\r\n${v}\r\n`;
  const head = (csrf ? one('csrf', csrf) : '') + (text ? one('text', text) : '') +
    `--${edge}\r\nContent-Disposition: form-data; name="${field}"; filename="${name}"\r\nContent-Type: text/html\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${edge}--\r\n`)]);
}
const kind = `multipart/form-data; boundary=${edge}`;
const put = (who, bytes, more, to = kase) => request(site.desk, 'POST', `${to}/files`, {
  headers: { ...(who ? { cookie: who.cookies, 'x-csrf-token': who.csrf } : {}), 'content-type': kind, 'content-length': parts(bytes, more).length }, body: parts(bytes, more) });
const pdf = (marker, size = 0) => Buffer.concat([Buffer.from(`%PDF-1.7\n${marker}\n`), Buffer.alloc(size, 0xa5)]);
const digest = (bytes) => createHash('sha256').update(bytes).digest('hex');
function onDisk(word) {
  const walk = (dir) => fs.readdirSync(dir, { withFileTypes: true }).flatMap((f) => f.isDirectory() ? walk(path.join(dir, f.name)) : f.isFile() ? [path.join(dir, f.name)] : []);
  return walk(site.data).filter((f) => fs.readFileSync(f).includes(word));
}
const sqlite = (process.env.ISIGURT_STORE ?? 'sqlite') === 'sqlite';

test('a file goes in, is listed, comes out as an attachment, and is nowhere in the clear', async () => {
  const bytes = pdf('SHENJA-E-TESTIT-42', 3_000_000);
  const made = await put(officer, bytes, { text: 'Biseda e plotë' });
  assert.equal(made.status, 201, made.text);
  const listed = (await officer.get(`${kase}/files`)).json;
  assert.equal(listed.files.length, 1);
  const [file] = listed.files;
  assert.deepEqual([file.id, file.name, file.text, file.type, file.size, file.hash, file.removed_at],
    [made.json.id, 'dëshmi.pdf', 'Biseda e plotë', 'application/pdf', bytes.length, digest(bytes), null]);
  const out = await new Promise((resolve, reject) => fetch(`${site.desk}${kase}/files/${file.id}`, { headers: { cookie: officer.cookies } })
    .then(async (r) => resolve({ status: r.status, headers: r.headers, bytes: Buffer.from(await r.arrayBuffer()) }), reject));
  assert.equal(out.status, 200);
  assert.ok(out.bytes.equals(bytes), 'the same bytes');
  assert.match(out.headers.get('content-disposition'), /^attachment; filename="\d{4}-\d{4}-[0-9a-f]{8}\.pdf"$/);
  assert.equal(out.headers.get('x-content-type-options'), 'nosniff');
  assert.equal(out.headers.get('cache-control'), 'no-store');
  assert.equal(out.headers.get('content-type'), 'application/pdf');
  assert.match(out.headers.get('content-security-policy'), /sandbox/);
  const seen = (await officer.get(kase)).json;
  assert.ok(seen.timeline.some((l) => l.kind === 'file' && l.thing === file.id));
  assert.ok(seen.history.some((h) => h.action === 'file_read'));
  assert.doesNotMatch(JSON.stringify(seen), /file_key/);
  for (const word of ['SHENJA-E-TESTIT-42', 'dëshmi.pdf', digest(bytes)]) assert.deepEqual(onDisk(word), [], word);
});

test('who may not: no session, another unit, another role, a foreign case or file', async () => {
  const [file] = (await officer.get(`${kase}/files`)).json.files;
  const nowhere = `/api/v1/cases/${'0'.repeat(32)}`;
  assert.equal((await put(null, pdf('x'))).status, 401);
  assert.equal((await put(administrator, pdf('x'))).status, 403);
  assert.ok([403, 404].includes((await put(contact, pdf('x'))).status));
  assert.equal((await put(officer, pdf('x'), {}, nowhere)).status, 404);
  for (const target of [`${kase}/files`, `${kase}/files/${file.id}`]) {
    assert.equal((await request(site.desk, 'GET', target, {})).status, 401);
    assert.equal((await administrator.get(target)).status, 403);
    assert.ok([403, 404].includes((await contact.get(target)).status));
  }
  assert.equal((await officer.get(`${nowhere}/files/${file.id}`)).status, 404);
  assert.equal((await officer.get(`${kase}/files/${'1'.repeat(32)}`)).status, 404);
  assert.ok([403, 404].includes((await contact.post(`${kase}/files/${file.id}/remove`)).status));
  assert.equal((await administrator.post(`${kase}/files/${file.id}/remove`)).status, 403);
  const bare = await request(site.desk, 'POST', `${kase}/files`, { headers: { cookie: officer.cookies, 'content-type': kind }, body: parts(pdf('x')) });
  assert.equal(bare.status, 403, 'no CSRF token');
});

test('what is not taken: other kinds, too large, broken, nothing', async () => {
  for (const bytes of ['<svg\0', 'MZ\x90\0\x03', 'PK\x03\x04zip', '\x7fELF\0'].map((s) => Buffer.from(s, 'latin1')))
    assert.equal((await put(officer, bytes, { name: 'x.pdf' })).status, 422);
  const none = await put(officer, Buffer.alloc(0), { name: '' });
  assert.equal(none.status, 422, none.text);
  assert.equal((await put(officer, pdf('x', 20 * 1024 * 1024))).status, 422);
  const large = await request(site.desk, 'POST', `${kase}/files`, { headers: { cookie: officer.cookies, 'x-csrf-token': officer.csrf, 'content-type': kind, 'content-length': 30_000_000 } });
  assert.equal(large.status, 413);
  assert.equal((await request(site.desk, 'POST', `${kase}/files`, { headers: { cookie: officer.cookies, 'x-csrf-token': officer.csrf, 'content-type': kind }, body: 'x' })).status, 400);
  assert.equal((await put(officer, pdf('x'), { field: 'other' })).status, 400);
  assert.equal((await officer.get(`${kase}/files`)).json.files.length, 1, 'nothing of it stayed');
});

test('the page: form without script, refusal beside the field', async () => {
  const page = `${kase.slice(7)}/files`;
  const shown = await officer.get(page);
  assert.equal(shown.status, 200);
  const csrf = /name="csrf" value="([^"]+)"/.exec(shown.text)[1];
  const send = (bytes, more) => request(site.desk, 'POST', page, { headers: { cookie: officer.cookies, 'content-type': kind }, body: parts(bytes, { csrf, ...more }) });
  assert.equal((await send(Buffer.from('Shënim i thjeshtë.\n'), { name: '../../x.txt' })).status, 303);
  const refused = await send(Buffer.from([0, 1, 2]), { text: 'e shkruar' });
  assert.equal(refused.status, 422);
  assert.match(refused.text, /value="e shkruar"/);
  const { files } = (await officer.get(`${kase}/files`)).json;
  assert.deepEqual(files.map((f) => f.name).sort(), ['dëshmi.pdf', 'x.txt']);
});

test('removal: bytes are gone from the disk, that it was there stays', async () => {
  const { files } = (await officer.get(`${kase}/files`)).json;
  if (sqlite) assert.ok(onDisk('isigurt.stream.1').length > 0);
  for (const f of files) assert.equal((await supervisor.post(`${kase}/files/${f.id}/remove`, { text: 'Gabim' })).status, 200);
  assert.equal((await supervisor.post(`${kase}/files/${files[0].id}/remove`)).status, 404, 'twice');
  assert.equal((await officer.get(`${kase}/files/${files[0].id}`)).status, 404);
  assert.ok((await officer.get(`${kase}/files`)).json.files.every((f) => f.removed_at));
  assert.equal((await officer.get(kase)).json.timeline.filter((l) => l.kind === 'file_removed').length, 2);
  if (sqlite) assert.deepEqual(onDisk('isigurt.stream.1'), [], 'no sealed stream is left');
});

test('many large files at once: some are taken, the others are told to wait, and nobody is cut off', async () => {
  const bytes = pdf('x', 6_000_000);
  const answers = await Promise.all(Array.from({ length: 10 }, () => put(officer, bytes, {}, second)));
  assert.deepEqual([...new Set(answers.map((a) => a.status))].sort(), [201, 503], JSON.stringify(answers.map((a) => a.status)));
  for (const a of answers.filter((a) => a.status === 503)) {
    assert.ok(a.headers['retry-after']);
    assert.ok(a.json.message.length > 20, a.text);
  }
  assert.equal((await officer.get(`${second}/files`)).json.files.length, answers.filter((a) => a.status === 201).length);
});

test('who may not has no place among the large ones: strangers that dawdle keep nobody out', async () => {
  const head = (cookie) => `POST ${second}/files HTTP/1.1\r\nHost: ${new URL(site.desk).host}\r\n${cookie ? `Cookie: ${cookie}\r\n` : ''}Content-Type: ${kind}\r\nContent-Length: 8000000\r\n\r\n`;
  const { port } = new URL(site.desk);
  const dawdling = [null, 'desk=' + 'ab'.repeat(32), administrator.cookies].flatMap((cookie) => [1, 2].map(() => {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(head(cookie) + 'x'.repeat(1000));
    return socket;
  }));
  await sleep(500);
  const made = await put(officer, pdf('x', 3_000_000), {}, second);
  for (const socket of dawdling) socket.destroy();
  assert.equal(made.status, 201, made.text);
  for (const [who, status] of [[null, 401], [administrator, 403]]) assert.equal((await put(who, pdf('x', 3_000_000), {}, second)).status, status);
});

test('a backup carries files, and a restored place opens them', async () => {
  const bytes = Buffer.from('rresht i dëshmisë\n'.repeat(20000));
  const made = await put(officer, bytes, { name: 'a.txt' });
  assert.equal(made.status, 201, made.text);
  const copy = path.join(site.root, 'copy'), again = path.join(site.root, 'again');
  site.run(['backup', '--data', site.data, '--to', copy]);
  await site.stop();
  if (site.storeUrl) emptyDatabase(site.storeUrl);
  site.run(['restore', '--data', again, '--keys', site.keys, '--from', copy, '--key', path.join(site.keys, 'backup.key'), ...(site.storeUrl ? ['--store', site.storeUrl] : [])]);
  site.data = again;
  await site.serve(['--keys', site.keys]);
  officer = await site.signIn('duty_officer');
  const out = await officer.get(`${kase}/files/${made.json.id}`);
  assert.equal(out.status, 200, out.text);
  assert.equal(out.text, bytes.toString());
});

// Files stop long before the disk is full: what is left is for notes and for whoever has something to tell.
// PostgreSQL watches its own disk: there is nothing to try there.
if (sqlite) test('where the disk gets low files are refused with a sentence, notes and reports go on, and removing works', async () => {
  const { bavail, bsize } = fs.statfsSync(os.tmpdir());
  const free = Math.floor(bavail * bsize / 1048576), limit = Math.floor(free * 0.7); // what the portal wants is there, twice that is not
  const low = await Instance.start();
  try {
    let who = await low.signIn('duty_officer'), boss;
    const made = await who.post('/api/v1/cases', { reports: [(await who.get('/api/v1/reports?state=new')).json.reports[0].id] });
    const to = `/api/v1/cases/${made.json.id}`;
    const send = (session, bytes) => request(low.desk, 'POST', `${to}/files`, { headers: { cookie: session.cookies, 'x-csrf-token': session.csrf, 'content-type': kind }, body: parts(bytes) });
    const kept = await send(who, pdf('para', 3_000_000));
    assert.equal(kept.status, 201, kept.text);
    await low.stop();
    const conf = path.join(low.data, 'isigurt.conf');
    fs.writeFileSync(conf, fs.readFileSync(conf, 'utf8').replace('disk.free_mb = 0', `disk.free_mb = ${limit}`));
    await low.serve();
    [who, boss] = [await low.signIn('duty_officer'), await low.signIn('supervisor')];
    const refused = await send(who, pdf('pas', 1000));
    assert.equal(refused.status, 503, refused.text);
    assert.match(refused.json.message, /disku|disk/i);
    assert.equal((await who.post(`${to}/notes`, { text: 'shënim' })).status, 201);
    assert.equal((await low.report({ category: 'BULLY', text: 'raport' })).status, 201);
    const gone = await boss.post(`${to}/files/${kept.json.id}/remove`, {});
    assert.equal(gone.status, 200, gone.text);
    assert.equal((await who.get(`${to}/files/${kept.json.id}`)).status, 404);
  } finally { await low.remove(); }
});
