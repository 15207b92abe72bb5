// The content track: addresses of a case, each with its own life; what is still there holds the case open.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Instance } from '../lib/instance.mjs';

let site, officer, supervisor, contact, kase;
const secret = 'https://shembull.example/FSHEHTE-42?n=1';
before(async () => {
  site = await Instance.start();
  officer = await site.signIn('duty_officer');
  supervisor = await site.signIn('supervisor');
  contact = await site.signIn('contact');
  const report = (await officer.get('/api/v1/reports?state=new')).json.reports[0];
  kase = `/api/v1/cases/${(await officer.post('/api/v1/cases', { reports: [report.id] })).json.id}`;
});
after(() => site.remove());

const note = async (body = { address: secret }) => {
  const made = await officer.post(`${kase}/addresses`, body);
  assert.equal(made.status, 201, made.text);
  return made.json.id;
};
const step = (id, body, who = officer) => who.call('PUT', `${kase}/addresses/${id}`, body);
const content = async () => (await officer.get(kase)).json.holds.filter((h) => h.track === 'content').map((h) => h.thing);

test('every step that may follow, and none that may not', async () => {
  const may = { up: ['asked', 'gone', 'left'], asked: ['up', 'gone', 'left'], gone: ['back'], back: ['asked', 'gone', 'left'], left: ['asked', 'back'] };
  const way = { up: [], asked: ['asked'], gone: ['gone'], back: ['gone', 'back'], left: ['left'] };
  for (const from of Object.keys(may)) {
    for (const to of Object.keys(may)) {
      const id = await note();
      for (const stage of way[from]) assert.equal((await step(id, { stage, text: 'arsye' })).status, 200);
      const answer = await step(id, { stage: to, text: 'arsye' });
      assert.equal(answer.status, may[from].includes(to) ? 200 : 409, `${from} to ${to}: ${answer.text}`);
      const now = may[from].includes(to) ? to : from;
      const read = (await officer.get(kase)).json.addresses.find((a) => a.id === id);
      assert.deepEqual([read.stage, read.address, read.open], [now, secret, !['gone', 'left'].includes(now)]);
      assert.equal((await content()).includes(id), read.open, 'what is there holds the case');
      if (read.open) assert.equal((await step(id, { stage: 'left', text: 'mbaroi prova' })).status, 200);
    }
  }
});

test('the case does not close while an address is there, and closes when it is gone', async () => {
  const id = await note();
  const held = await officer.post(`${kase}/close`, { outcome: 'content_gone' });
  assert.equal(held.status, 409, held.text);
  assert.ok(held.json.holds.some((h) => h.track === 'content' && h.thing === id));
  assert.equal((await step(id, { stage: 'gone' })).status, 200);
  assert.deepEqual(await content(), []);
  const asked = await officer.post(`${kase}/close`, { outcome: 'content_gone' });
  assert.equal(asked.status, 200, asked.text);
  await officer.post(`${kase}/state`, { state: 'review', text: 'ende jo' });
});

test('what is refused, with sentences', async () => {
  const id = await note();
  assert.equal((await officer.post(`${kase}/addresses`, { address: 'dy fjalë' })).status, 422);
  assert.equal((await officer.post(`${kase}/addresses`, { address: '  ' })).status, 422);
  assert.equal((await step(id, { stage: 'left' })).status, 422, 'without a reason');
  assert.equal((await step(id, { stage: 'decided' })).status, 422, 'of a legal route');
  assert.equal((await officer.post(`${kase}/routes`, { kind: 'content' })).status, 422, 'no legal route');
  assert.equal((await step('0'.repeat(32), { stage: 'gone' })).status, 404);
  for (const [who, allowed] of [[contact, [403, 404]]]) {
    assert.ok(allowed.includes((await step(id, { stage: 'gone' }, who)).status));
    assert.ok(allowed.includes((await who.post(`${kase}/addresses`, { address: secret })).status));
  }
  const race = await Promise.all([step(id, { stage: 'gone' }), step(id, { stage: 'gone' }), step(id, { stage: 'gone' })]);
  assert.deepEqual(race.map((r) => r.status).sort(), [200, 409, 409], 'one of three at once');
});

test('the address lies nowhere in the clear', async () => {
  const walk = (dir) => fs.readdirSync(dir, { withFileTypes: true }).flatMap((f) => f.isDirectory() ? walk(path.join(dir, f.name)) : f.isFile() ? [path.join(dir, f.name)] : []);
  for (const f of walk(site.data)) assert.ok(!fs.readFileSync(f).includes('FSHEHTE-42'), f);
  assert.ok(!site.log.includes('FSHEHTE-42'));
});
