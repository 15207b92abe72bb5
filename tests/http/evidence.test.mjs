// Evidence files of values of the plan and rows of registers: in, listed, out, removed; who may; what lies on the disk; restored.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Instance, emptyDatabase, request } from '../lib/instance.mjs';
import { hiring, ok } from '../lib/people.mjs';
import { valuePut } from '../lib/plan.mjs';

let site, alo, other, coordinator, second, monitor, owner, isp, value, entry;
const sqlite = (process.env.ISIGURT_STORE ?? 'sqlite') === 'sqlite';
before(async () => {
  site = await Instance.start();
  const { person } = await hiring(site);
  alo = await person('alo.nje', 'ALO116', 'indicator_owner');
  other = await person('akep.nje', 'AKEP', 'indicator_owner');
  second = await person('koordinator.dy', 'MSHMS', 'coordinator');
  isp = await person('isp.nje', 'ISP', 'clerk');
  [coordinator, monitor, owner] = [await site.signIn('coordinator'), await site.signIn('monitor'), await site.signIn('indicator_owner')];
  value = `/api/v1/plan/values/${ok(await valuePut(alo, '2018-01', '37')).id}`;
  const training = { title: 'Trajnim prove', topic: 'filters', audience: 'teachers', mode: 'online', date: '2024-05-06' };
  entry = `/api/v1/registers/entries/${ok(await owner.post('/api/v1/registers/entries', { code: 'training', fields: training }), 201).id}`;
});
after(() => site.remove());

const edge = 'xX1234567890';
const kind = `multipart/form-data; boundary=${edge}`;
function parts(bytes, name, csrf) {
  const one = (n, v) => `--${edge}\r\nContent-Disposition: form-data; name="${n}"\r\n\r\n${v}\r\n`;
  return Buffer.concat([Buffer.from(`${csrf ? one('csrf', csrf) : ''}--${edge}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: text/html\r\n\r\n`), bytes, Buffer.from(`\r\n--${edge}--\r\n`)]);
}
const send = (who, to, bytes, name = 'prova.pdf') => request(site.desk, 'POST', `${to}/files`, { headers: { ...(who ? { cookie: who.cookies, 'x-csrf-token': who.csrf } : {}), 'content-type': kind }, body: parts(bytes, name) });
const pdf = (marker, size = 0) => Buffer.concat([Buffer.from(`%PDF-1.7\n${marker}\n`), Buffer.alloc(size, 0xa5)]);
const files = async (who, of) => ok(await who.get(of)).files;
function onDisk(word) {
  const walk = (dir) => fs.readdirSync(dir, { withFileTypes: true }).flatMap((f) => f.isDirectory() ? walk(path.join(dir, f.name)) : f.isFile() ? [path.join(dir, f.name)] : []);
  return walk(site.data).filter((f) => fs.readFileSync(f).includes(word));
}
const owners = () => [[value, alo], [entry, owner]];

test('a file goes in, is listed with who and when, comes out as an attachment, and is nowhere in the clear', async () => {
  for (const [of, who] of owners()) {
    const bytes = pdf('SHENJA-E-PROVES-77', 3_000_000);
    const before_ = ok(await who.get(of)).version;
    const made = ok(await send(who, of, bytes, 'dosja/lista-e-fshehtë.pdf'), 201);
    const [file] = made.files;
    assert.deepEqual([file.name, file.type, file.size, file.removed_at], ['lista-e-fshehtë.pdf', 'application/pdf', bytes.length, null]);
    assert.ok(file.person_name.length > 0 && file.at);
    assert.equal(made.version, before_ + 1, 'whoever approves another version is told');
    assert.equal(made.history[0].action, 'file');
    const out = await fetch(`${site.desk}${of}/files/${file.id}`, { headers: { cookie: who.cookies } });
    assert.equal(out.status, 200);
    assert.ok(Buffer.from(await out.arrayBuffer()).equals(bytes), 'the same bytes');
    assert.match(out.headers.get('content-disposition'), /^attachment; filename="isigurt-[0-9a-f]{8}\.pdf"$/);
    assert.equal(out.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(out.headers.get('cache-control'), 'no-store');
    assert.match(out.headers.get('content-security-policy'), /sandbox/);
  }
  for (const word of ['SHENJA-E-PROVES-77', 'lista-e-fshehtë']) assert.deepEqual(onDisk(word), [], word);
});

test('who may not: no session, another role, another institution, a foreign thing or file', async () => {
  for (const [of, who, foreign] of [[value, alo, other], [entry, owner, isp]]) {
    const [file] = await files(who, of), nowhere = of.replace(/[0-9a-f]{32}$/, '0'.repeat(32));
    const swapped = of === value ? entry : value;
    assert.equal((await send(null, of, pdf('x'))).status, 401);
    assert.equal((await request(site.desk, 'GET', `${of}/files/${file.id}`, {})).status, 401);
    assert.equal((await send(foreign, of, pdf('x'))).status, 404);
    assert.equal((await foreign.get(`${of}/files/${file.id}`)).status, 404);
    assert.equal((await foreign.post(`${of}/files/${file.id}/remove`)).status, 404);
    assert.equal((await send(monitor, of, pdf('x'))).status, 403);
    assert.equal((await monitor.post(`${of}/files/${file.id}/remove`)).status, 403);
    assert.ok([403, 404].includes((await monitor.get(`${of}/files/${file.id}`)).status));
    assert.equal((await send(who, nowhere, pdf('x'))).status, 404);
    assert.equal((await who.get(`${nowhere}/files/${file.id}`)).status, 404);
    assert.equal((await who.get(`${of}/files/${'1'.repeat(32)}`)).status, 404);
    assert.equal((await coordinator.get(`${swapped}/files/${file.id}`)).status, 404, 'a file of something else');
    assert.equal((await coordinator.get(`${of}/files/${file.id}`)).status, 200, 'whoever approves reads');
    const bare = await request(site.desk, 'POST', `${of}/files`, { headers: { cookie: who.cookies, 'content-type': kind }, body: parts(pdf('x'), 'x.pdf') });
    assert.equal(bare.status, 403, 'no CSRF token');
    assert.equal((await files(who, of)).length, 1);
  }
  assert.deepEqual(await files(isp, entry), [], 'a row is seen by all, its evidence is not');
});

test('what is not taken: a name that lies, other kinds, too large, nothing; the page says why', async () => {
  for (const [of, who] of owners()) {
    const lies = await send(who, of, Buffer.from('\x89PNG\r\n\x1a\n....', 'latin1'), 'foto.pdf');
    assert.equal(lies.status, 422);
    assert.match(lies.text, /emri/);
    for (const name of ['raport.docx', 'raport.exe', 'raport.pdf.html']) assert.equal((await send(who, of, pdf('x'), name)).status, 422, name);
    for (const bytes of ['<svg\0', 'MZ\x90\0\x03', 'PK\x03\x04zip', '\x7fELF\0'].map((s) => Buffer.from(s, 'latin1'))) assert.equal((await send(who, of, bytes)).status, 422);
    assert.equal((await send(who, of, Buffer.alloc(0), '')).status, 422);
    assert.equal((await send(who, of, pdf('x', 20 * 1024 * 1024))).status, 422);
    const large = await request(site.desk, 'POST', `${of}/files`, { headers: { cookie: who.cookies, 'x-csrf-token': who.csrf, 'content-type': kind, 'content-length': 30_000_000 } });
    assert.equal(large.status, 413);
    const page = await request(site.desk, 'POST', `${of.slice(7)}/files`, { headers: { cookie: who.cookies, 'content-type': kind }, body: parts(Buffer.from([0, 1, 2]), 'x.pdf', who.csrf) });
    assert.equal(page.status, 422);
    assert.match(page.text, /id="file-error"/);
    assert.match(page.text, /type="file"/);
    assert.equal((await files(who, of)).length, 1, 'nothing of it stayed');
  }
});

test('the form of the page without script; the sheet says how many there are; no more than twenty', async () => {
  for (const [of, who] of owners()) {
    const shown = await who.get(of.slice(7));
    const csrf = /name="csrf" value="([^"]+)"/.exec(shown.text)[1];
    const sent = await request(site.desk, 'POST', `${of.slice(7)}/files`, { headers: { cookie: who.cookies, 'content-type': kind }, body: parts(Buffer.from('Shënim i thjeshtë.\n'), 'x.txt', csrf) });
    assert.equal(sent.status, 303, sent.text);
    assert.match((await who.get(of.slice(7))).text, /x\.txt/);
    for (let n = 2; n < 20; n++) ok(await send(who, of, pdf(`${n}`)), 201);
    const many = await send(who, of, pdf('një më shumë'));
    assert.equal(many.status, 422);
    assert.match(many.text, /20 skedarë/);
    assert.equal((await files(who, of)).length, 20);
  }
  const sheet = ok(await alo.get('/api/v1/plan/entry?period=2018-01'));
  assert.equal(sheet.values.find((v) => v.period === '2018-01').files, 20);
  assert.match((await alo.get('/plan/entry?period=2018-01')).text, /20 skedarë/);
});

test('removed while it is open, with a trace; bytes and name are gone', async () => {
  for (const [of, who] of owners()) {
    const list = await files(who, of);
    for (const file of list.slice(1)) ok(await who.post(`${of}/files/${file.id}/remove`));
    assert.equal((await who.post(`${of}/files/${list[1].id}/remove`)).status, 404, 'twice');
    assert.equal((await who.get(`${of}/files/${list[1].id}`)).status, 404);
    const now = ok(await who.get(of));
    assert.equal(now.history[0].action, 'file_removed');
    assert.deepEqual(now.files.filter((f) => f.removed_at).map((f) => f.name), Array(19).fill(null));
    assert.equal(now.files.filter((f) => !f.removed_at).length, 1);
  }
});

test('an approved value keeps its files; who looked at an older version does not approve; a locked period takes nothing', async () => {
  const { version } = ok(await alo.get(value));
  ok(await alo.post(`${value}/submit`, { version }));
  ok(await send(alo, value, pdf('më vonë'), 'vone.pdf'), 201);
  assert.equal((await coordinator.post(`${value}/approve`, { version: version + 1 })).status, 409, 'a file came meanwhile');
  assert.equal(ok(await coordinator.post(`${value}/approve`, { version: version + 2 })).state, 'approved');
  const [file] = (await files(alo, value)).filter((f) => !f.removed_at);
  const kept = await alo.post(`${value}/files/${file.id}/remove`);
  assert.equal(kept.status, 409);
  assert.match(kept.json.message, /miratuar/);
  ok(await send(alo, value, pdf('pas miratimit'), 'pas.pdf'), 201);
  assert.equal(ok(await alo.get(value)).state, 'approved');
  assert.deepEqual(ok(await other.get(value)).files, [], 'the value is seen by all, its evidence is not');
  assert.equal((await other.get(`${value}/files/${file.id}`)).status, 404);
  ok(await second.post('/api/v1/plan/periods/lock', { period: '2018' }));
  assert.equal((await send(alo, value, pdf('x'))).status, 409);
  assert.equal((await send(second, value, pdf('x'))).status, 409, 'from nobody');
  assert.equal((await alo.post(`${value}/files/${file.id}/remove`)).status, 409);
  assert.equal((await alo.get(`${value}/files/${file.id}`)).status, 200, 'and is read on');
});

test('a backup carries them; a restored place opens them; a row that is taken out takes its files along', async () => {
  const bytes = Buffer.from('rresht i provës\n'.repeat(20000));
  const made = ok(await send(owner, entry, bytes, 'a.txt'), 201), file = made.files.find((f) => f.name === 'a.txt');
  const of_value = (await files(alo, value)).find((f) => !f.removed_at);
  const copy = path.join(site.root, 'copy'), again = path.join(site.root, 'again');
  site.run(['backup', '--data', site.data, '--to', copy]);
  await site.stop();
  if (site.storeUrl) emptyDatabase(site.storeUrl);
  site.run(['restore', '--data', again, '--keys', site.keys, '--from', copy, '--key', path.join(site.keys, 'backup.key'), ...(site.storeUrl ? ['--store', site.storeUrl] : [])]);
  site.data = again;
  await site.serve(['--keys', site.keys]);
  [owner, coordinator] = [await site.signIn('indicator_owner'), await site.signIn('coordinator')];
  assert.equal((await owner.get(`${entry}/files/${file.id}`)).text, bytes.toString());
  assert.equal((await coordinator.get(`${value}/files/${of_value.id}`)).status, 200);
  ok(await owner.post(`${entry}/remove`, { version: made.version, note: 'Rreshti u shkrua gabim.' }));
  assert.equal((await owner.get(`${entry}/files/${file.id}`)).status, 404);
  assert.ok((await files(owner, entry)).every((f) => f.removed_at && f.name === null));
  site.run(['audit', 'verify', '--data', site.data, '--keys', site.keys]);
});
