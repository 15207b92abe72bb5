// Who owes values of the plan is reminded by mail before and after the day they are due: once, in one's own language, and with nothing told.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Instance, freePort, request, sleep, totp, until } from '../lib/instance.mjs';
import { hiring, ok } from '../lib/people.mjs';
import { valuePut } from '../lib/plan.mjs';

const source = path.resolve(import.meta.dirname, '../..');
let site, smtp, root, box, owner, mails;
const two = (n) => String(n).padStart(2, '0');

// The plan of this country is over: the same one with years that are going on.
function country(root, year) {
  const pack = path.join(root, 'pack');
  fs.cpSync(path.join(source, 'country/al'), pack, { recursive: true, filter: (file) => !/demo-(values|targets|figures)\.csv$/.test(file) });
  const file = path.join(pack, 'plan.json');
  const text = fs.readFileSync(file, 'utf8').replace(/"years": \[[^\]]*\]/g, (years) => years.replace(/20\d\d/g, (y) => String(year + Number(y) - 2018)));
  fs.writeFileSync(file, text);
  return pack;
}

let year, month; // of the period that is looked at: the month before that in which the test runs
before(async () => {
  root = fs.mkdtempSync('/tmp/isigurt-remind-');
  const now = new Date();
  [year, month] = [now.getUTCFullYear(), now.getUTCMonth() + 1];
  const port = await freePort();
  site = await Instance.start({ serve: false, init: ['--country', country(root, year)], config: { 'smtp.url': `smtp://127.0.0.1:${port}`, 'smtp.from': 'isigurt@isigurt.example' } });
  box = path.join(root, 'mail');
  for (const part of ['', 'new', 'cur', 'tmp']) fs.mkdirSync(path.join(box, part));
  smtp = spawn('/usr/bin/python3', ['-m', 'aiosmtpd', '-n', '-l', `127.0.0.1:${port}`, '-c', 'aiosmtpd.handlers.Mailbox', box], { stdio: 'ignore' });
  await until('the mail server', () => new Promise((resolve) => {
    const s = net.connect(port, '127.0.0.1', () => { s.destroy(); resolve(true); });
    s.on('error', () => resolve(false));
  }));
  mails = (who) => fs.readdirSync(path.join(box, 'new')).map((f) => fs.readFileSync(path.join(box, 'new', f), 'utf8'))
    .map((text) => ({ text, to: /^To: (.*)$/m.exec(text)[1], subject: Buffer.from(/^Subject: =\?UTF-8\?B\?(.*)\?=/m.exec(text)[1], 'base64').toString('utf8') }))
    .filter((m) => m.to === `${who}@isigurt.example`);
  await site.serve();
  const { hire } = await hiring(site);
  const person = (username, code, role, language) => hire(username, code, role, { mail: `${username}@isigurt.example`, language });
  owner = await person('alo.nje', 'ALO116', 'indicator_owner', 'sq');
  await person('alo.dy', 'ALO116', 'indicator_owner', 'en');
  await person('alo.tre', 'ALO116', 'contact', 'sq');        // there are owners
  await person('kmdp.nje', 'KMDP', 'indicator_owner', 'sq'); // owes nothing
  await person('alo.kater', 'ALO116', 'monitor', 'sq');      // enters nothing
  await person('isigurt.nje', 'ISIGURT', 'indicator_owner', 'sq'); // owes all along: what it gets says that the courier looked
});
after(async () => {
  smtp?.kill();
  await site?.remove();
  fs.rmSync(root, { recursive: true, force: true });
});

const period = () => `${year}-${two(month)}`;
// To ten in the morning of a day of the month behind the period.
function to(d) {
  const noon = Date.UTC(year, month, d, 9) / 1000;
  site.advance(noon - site.now());
}
const looked = () => sleep(11000); // the courier looks each 5 s, and sends what it found within 5 more
const counts = () => ['alo.nje', 'alo.dy', 'alo.tre', 'alo.kater', 'kmdp.nje'].map((w) => mails(w).length);
const put = (who, value, more) => valuePut(who, period(), value, more);

test('before the day it is due: one mail each, in one’s language, numbers and periods and a link', async () => {
  to(7);
  const coordinator = await site.signIn('coordinator'), alo = await site.signIn(owner);
  for (let m = 1; m < month; m++) ok(await coordinator.post('/api/v1/plan/periods/lock', { period: `${year}-${two(m)}` })); // what is locked is not asked for
  ok(await put(alo, '471147', { comment: 'SHENJE1' }));
  await looked();
  assert.deepEqual(counts(), [0, 0, 0, 0, 0], 'eight days before');
  to(8);
  const mail = await until('the mail', () => mails('alo.nje')[0], 20000), other = await until('the other', () => mails('alo.dy')[0], 20000);
  assert.equal(mail.subject, 'isigurt: 1 vlerë e planit nuk është dorëzuar');
  assert.equal(other.subject, 'isigurt: 1 value of the plan is not handed in');
  assert.match(other.text, new RegExp(`${year}: 1 value, due on 15 `));
  for (const m of [mail, other]) {
    assert.ok(m.text.includes(`${site.desk}/plan/entry?period=${period()}`), m.text);
    for (const word of ['471147', 'SHENJE1', '4.1.a', 'ALO116', 'Test alo']) assert.ok(!m.text.includes(word), `${word} in the mail`);
  }
  await looked();
  assert.deepEqual(counts(), [1, 1, 0, 0, 0]);
});

test('once over restarts, again on the day it is due', async () => {
  await site.stop();
  await site.serve();
  await looked();
  assert.deepEqual(counts(), [1, 1, 0, 0, 0]);
  to(9);
  await looked();
  assert.deepEqual(counts(), [1, 1, 0, 0, 0], 'the day after');
  to(15);
  await until('the second mails', () => counts().slice(0, 2).join() === '2,2', 20000);
});

test('after it, as long as it is owed; not of what was handed in, approved or left empty on purpose', async () => {
  to(22);
  await until('the third mails', () => counts().slice(0, 2).join() === '3,3', 20000);
  assert.match(mails('alo.dy').map((m) => m.text).join('\n'), new RegExp(`${year}: 1 value, was due on 15 `));
  const alo = await site.signIn(owner), coordinator = await site.signIn('coordinator');
  const next = { period: month === 12 ? `${year + 1}-01` : `${year}-${two(month + 1)}` };
  ok(await put(alo, '', { ...next, blank: 'Linja nuk punoi këtë muaj.' }));
  const { values } = ok(await alo.get(`/api/v1/plan/entry?period=${period()}`));
  ok(await alo.post(`/api/v1/plan/values/${values[0].id}/submit`, { version: values[0].version }));
  ok(await coordinator.post(`/api/v1/plan/values/${values[0].id}/approve`, { version: values[0].version + 1 }));
  const told = mails('isigurt.nje').length;
  site.advance(Date.UTC(year, month + 1, 15, 9) / 1000 - site.now()); // the day on which the next month's are due
  await until('the mail to who still owes', () => mails('isigurt.nje').length > told, 20000);
  await sleep(2000);
  assert.deepEqual(counts(), [3, 3, 0, 0, 0]);
});

test('the mail’s link leads past the sign-in to the sheet of its period', async () => {
  const link = /\/plan\/entry\?period=\S+/.exec(mails('alo.nje')[0].text)[0];
  const sent = await request(site.desk, 'GET', link);
  assert.equal(sent.headers.location, `/sign-in?again=/plan/entry%3Fperiod%3D${period()}`);
  const page = await request(site.desk, 'GET', sent.headers.location);
  const again = /name="again" value="([^"]*)"/.exec(page.text)[1];
  assert.equal(again, link);
  site.advance(120);
  const there = await request(site.desk, 'POST', '/sign-in', { headers: { origin: site.desk, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ username: owner.username, password: owner.password, totp: totp(owner.totp_secret, site.now()), again }).toString() });
  assert.equal(there.status, 303, there.text);
  assert.equal(there.headers.location, link);
});
