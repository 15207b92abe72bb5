// Markers as text, address, account and name: none is found in any file, log or mail of the place, and none in a backup.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Instance, until } from '../lib/instance.mjs';
import { traces } from '../lib/traces.mjs';

const marker = { text: 'SHENJATEKST7731', host: 'shenjahost7731.example', account: 'shenjallogari7731', contact: 'shenjakontakt7731', answer: 'SHENJAPERGJIGJE7731', message: 'SHENJAMESAZH7731', seen: 'SHENJAPARE7731' };
let site;
before(async () => { site = await Instance.start(); });
after(() => site.remove());

const found = (folder) => traces(folder, Object.values(marker));

test('nothing that was typed lies anywhere in the clear', async () => {
  const officer = await site.signIn('duty_officer');
  const known = new Set((await officer.get('/api/v1/reports?state=new')).json.reports.map((r) => r.id));
  const sent = await site.report({ where: 'page', address: `https://${marker.host}/x`, account: marker.account, app: 'Instagram', text: marker.text, contact: marker.contact, seen: marker.seen, category: 'NCII' });
  assert.equal(sent.status, 201, sent.text);
  const report = await until('the report', async () => (await officer.get('/api/v1/reports?state=new')).json.reports.find((r) => !known.has(r.id)));
  assert.equal((await officer.get(`/api/v1/reports/${report.id}`)).json.text, marker.text, 'it can be read by who may');
  await officer.post(`/api/v1/reports/${report.id}/take`);
  assert.ok((await officer.post(`/api/v1/reports/${report.id}/answer`, { text: marker.answer })).status < 300);
  await until('the answer', async () => (await site.follow(sent.json.receipt)).text.includes(marker.answer));
  assert.ok((await site.messages(sent.json.receipt, marker.message)).status < 300);
  await until('the message', async () => (await officer.get(`/api/v1/reports/${report.id}`)).text.includes(marker.message));
  const planted = path.join(site.data, 'planted');
  for (const form of [marker.answer, Buffer.from(`x${marker.answer}`).toString('hex')]) { // the search finds what lies there
    fs.writeFileSync(planted, `\0\x01 ${form} \0`);
    assert.ok(found(site.root).includes(planted), form);
  }
  fs.rmSync(planted);
  assert.equal(found(site.root), '', 'the data directory, WAL and keys');
  for (const word of Object.values(marker)) assert.ok(!site.log.includes(word), 'the log');
  assert.ok(!site.log.includes(sent.json.receipt), 'the receipt');
  const file = path.join(site.root, 'copy.backup');
  site.run(['backup', '--data', site.data, '--to', file]);
  assert.equal(found(site.root), '', 'the backup');
  await site.stop();
  assert.equal(found(site.root), '', 'after the stop');
  for (const pattern of ['core', 'core.*']) assert.equal(execFileSync('find', [site.root, '-name', pattern], { encoding: 'utf8' }), '');
});
