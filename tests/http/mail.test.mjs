// Where nobody looks, people are called by mail along the roster: urgency and link, nothing else; U1 again and again.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Instance, freePort, sleep, until } from '../lib/instance.mjs';
import { traces } from '../lib/traces.mjs';

let site, smtp, box, gateway;
const calls = []; // of the webhook
before(async () => {
  const port = await freePort();
  gateway = http.createServer((q, a) => {
    let text = '';
    q.on('data', (d) => (text += d));
    q.on('end', () => { calls.push(JSON.parse(text)); a.end(); });
  }).listen(0, '127.0.0.1');
  await new Promise((done) => gateway.on('listening', done));
  site = await Instance.start({ serve: false, config: { 'smtp.url': `smtp://127.0.0.1:${port}`, 'smtp.from': 'isigurt@isigurt.example', 'webhook.url': `http://127.0.0.1:${gateway.address().port}/sms` } });
  box = path.join(site.root, 'mail');
  fs.mkdirSync(box);
  for (const part of ['new', 'cur', 'tmp']) fs.mkdirSync(path.join(box, part)); // a Maildir
  smtp = spawn('/usr/bin/python3', ['-m', 'aiosmtpd', '-n', '-l', `127.0.0.1:${port}`, '-c', 'aiosmtpd.handlers.Mailbox', box], { stdio: 'ignore' });
  await until('the mail server', () => new Promise((resolve) => {
    const s = net.connect(port, '127.0.0.1', () => { s.destroy(); resolve(true); });
    s.on('error', () => resolve(false));
  }));
  await site.serve();
});
after(async () => {
  smtp?.kill();
  gateway?.close();
  await site.remove();
});

const mails = () => fs.readdirSync(path.join(box, 'new')).map((f) => fs.readFileSync(path.join(box, 'new', f), 'utf8'))
  .map((text) => ({ text, to: /^To: (.*)$/m.exec(text)[1], subject: Buffer.from(/^Subject: =\?UTF-8\?B\?(.*)\?=/m.exec(text)[1], 'base64').toString('utf8') }));

test('mail climbs the roster until somebody takes the report', async () => {
  // The samples of the demo are waiting too: take them all, so that one report stands alone.
  const officer = await site.signIn('duty_officer');
  for (let i = 0; i < 3; i++) {
    for (const r of (await officer.get('/api/v1/reports?state=new')).json.reports) await officer.post(`/api/v1/reports/${r.id}/take`);
    await sleep(300);
  }
  await until('a quiet courier', async () => { const n = mails().length; await sleep(6000); return mails().length === n; }, 60000);
  const before = mails().length;

  const sent = await site.report({ in_danger: true, category: 'SEXT', text: 'SHENJE9', address: 'https://shenje9.example/', where: 'page' });
  assert.equal(sent.status, 201);
  const first = await until('the first mail', () => mails()[before], 15000);
  assert.match(first.subject, /U1/);
  assert.match(first.text, new RegExp(`${site.desk}/reports/[0-9a-f]{32}`));
  for (const word of ['SHENJE9', 'shenje9', 'SEXT']) assert.ok(!first.text.includes(word), `${word} in the mail`);
  assert.equal(traces(site.root, ['SHENJE9']), '', 'the mail spool and all beside it');
  const call = await until('the webhook', () => calls.find((c) => first.text.includes(c.link)));
  assert.deepEqual(call, { urgency: 'U1', link: call.link }, 'urgency and link, nothing else');
  const people = ['duty_officer', 'analyst', 'supervisor'].map((role) => `${site.account(role).username}@isigurt.example`);
  assert.equal(first.to, people[0], 'the first on the roster');
  const seen = [];
  for (let i = 1; i <= 3; i++) { // round and round
    site.advance(600);
    const mail = await until(`mail ${i + 1}`, () => mails().filter((m) => /U1/.test(m.subject)).slice(0).length >= i + 1 && mails(), 15000);
    seen.push(mail.length);
  }
  const called = new Set(mails().slice(0).map((m) => m.to));
  for (const person of people) assert.ok(called.has(person), `${person} was called: ${[...called]}`);

  const again = await site.signIn('duty_officer');
  const [report] = (await again.get('/api/v1/reports?state=new')).json.reports.filter((r) => r.urgency === 'U1');
  assert.equal((await again.post(`/api/v1/reports/${report.id}/take`)).status, 200);
  await sleep(6000);
  const quiet = mails().length;
  site.advance(1200);
  await sleep(6000);
  assert.equal(mails().length, quiet, 'taken: nobody is called any more');
  site.advance(1200); // an hour after it came, and not assessed: that clock climbs too
  const late = await until('a mail about the clock', () => mails().find((m) => /U1.*afat/.test(m.subject)), 15000);
  assert.match(late.text, new RegExp(`${site.desk}/reports`));
});

test('nobody is called while somebody looks and there is time', async () => {
  const officer = await site.signIn('duty_officer');
  const stream = officer.events();
  await stream.opened;
  await sleep(6000); // the desk tells the courier each 5 s
  const before = mails().length;
  const sent = await site.report({ in_danger: true, category: 'THREAT', text: 'tjetër' });
  assert.equal(sent.status, 201);
  await stream.next((e) => e.data.category === 'THREAT');
  await sleep(7000);
  assert.equal(mails().length, before);
  site.advance(16 * 60); // U1 must be taken within 15 minutes; nobody did
  await until('the call after the time is over', () => mails().length > before, 15000);
  stream.close();
});

test('a unit hears that a case file has come: its contact, a link and nothing else, once', async () => {
  const officer = await site.signIn('duty_officer'), police = await site.signIn(site.accounts.find((a) => a.role === 'contact' && a.institution === 'POLICIA'));
  const ok = async (promise, status = 200) => { const a = await promise; assert.equal(a.status, status, a.text); return a.json; };
  const unit = (await ok(officer.get('/api/v1/units?type=police'))).units[0].id;
  const [report] = (await ok(officer.get('/api/v1/reports?state=new'))).reports;
  await ok(officer.post(`/api/v1/reports/${report.id}/take`));
  const { id: kase, number } = await ok(officer.post('/api/v1/cases', { reports: [report.id] }), 201);
  const make = () => ok(officer.post(`/api/v1/cases/${kase}/casefile`, { way: 'unit', unit, ground: 'criminal_procedure', reason: 'SHENJE7 e kërkoi gjykata.' }), 201);
  const about = () => mails().filter((m) => /dosje/.test(m.subject));
  assert.deepEqual(about(), []);
  const { id: file } = await make();
  const mail = await until('the mail', () => about()[0], 15000);
  assert.equal(mail.to, `${site.accounts.find((a) => a.role === 'contact' && a.institution === 'POLICIA').username}@isigurt.example`);
  assert.equal(mail.subject, 'isigurt: njësinë tuaj e pret një dosje');
  assert.ok(mail.text.includes(`${site.desk}/casefiles`), mail.text);
  for (const word of ['SHENJE7', number, kase, file, report.id]) assert.ok(!mail.text.includes(word), `${word} in the mail`);
  await ok(police.post(`/api/v1/casefiles/${file}/open`));
  await sleep(7000);
  assert.equal(about().length, 1, 'once');
  await make();
  await until('the second mail', () => about().length === 2, 15000);
});
