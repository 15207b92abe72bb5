// The content track: addresses of a case, each with its own life; what is still there holds the case open.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Instance, request, until } from '../lib/instance.mjs';

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

let n = 1;
const fresh = () => `${secret.slice(0, -1)}${++n}`; // the same page is noted once
const note = async (body = { address: fresh() }) => {
  const made = await officer.post(`${kase}/addresses`, body);
  assert.equal(made.status, 201, made.text);
  return made.json.id;
};
const step = (id, body, who = officer) => who.call('PUT', `${kase}/addresses/${id}`, body);
const addresses = async (at = kase) => (await officer.get(at)).json.addresses;
const content = async () => (await officer.get(kase)).json.holds.filter((h) => h.track === 'content').map((h) => h.thing);

test('every step that may follow, and none that may not', async () => {
  const may = { up: ['asked', 'gone', 'left'], asked: ['up', 'gone', 'left'], gone: ['back'], back: ['asked', 'gone', 'left'], left: ['asked', 'back'] };
  const way = { up: [], asked: ['asked'], gone: ['gone'], back: ['gone', 'back'], left: ['left'] };
  for (const from of Object.keys(may)) {
    for (const to of [...Object.keys(may), 'noted']) {
      const address = fresh(), id = await note({ address });
      for (const stage of way[from]) assert.equal((await step(id, { stage, text: 'arsye e plotë' })).status, 200);
      const answer = await step(id, { stage: to, text: 'arsye e plotë' });
      assert.equal(answer.status, may[from].includes(to) ? 200 : 409, `${from} to ${to}: ${answer.text}`);
      const now = may[from].includes(to) ? to : from;
      const read = (await officer.get(kase)).json.addresses.find((a) => a.id === id);
      assert.deepEqual([read.stage, read.address, read.open], [now, address, !['gone', 'left'].includes(now)]);
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
  const before = (await addresses()).length;
  for (const address of ['data:image/png;base64,iVBORw0KGgo=', 'DATA:text/html,<script>', 'javascript:alert(1)', 'vbscript:x', 'file:///etc/passwd', 'blob:https://e.example/1', "javascript:x='https://e.example/1'", 'x', 'https://', 'about:blank']) {
    const refused = await officer.post(`${kase}/addresses`, { address });
    assert.equal(refused.status, 422, address);
    assert.match(refused.text, /adresën e (plotë të )?faqes/, address);
  }
  assert.equal((await addresses()).length, before);
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

test('the same page twice: 409, which tells the one that is there', async () => {
  const id = await note({ address: 'https://dyfish.example/a' });
  for (const address of ['https://dyfish.example/a', 'http://dyfish.example/a/', 'https://DYFISH.example/a#x']) {
    const twice = await officer.post(`${kase}/addresses`, { address });
    assert.equal(twice.status, 409, `${address}: ${twice.text}`);
    assert.equal(twice.json.id, id);
    assert.match(twice.json.message, /është tashmë te ky rast/);
  }
  assert.equal((await addresses()).filter((a) => a.address.toLowerCase().includes('dyfish')).length, 1);
  const both = await Promise.all([0, 1].map(() => officer.post(`${kase}/addresses`, { address: 'https://dyfish.example/garë' })));
  assert.deepEqual(both.map((a) => a.status).sort(), [201, 409], 'one of two at once');
});

// ── what reports name comes with them ──
const told = { where: 'page', category: 'BULLY', reporter: 'teacher', county: 'Korçë', in_danger: false, text: 'Tallen me të.' };
async function reported(fields) {
  const before = new Set((await officer.get('/api/v1/reports?state=new')).json.reports.map((r) => r.id));
  const sent = await site.report({ ...told, ...fields });
  assert.equal(sent.status, 201, sent.text);
  return until('at the desk', async () => (await officer.get('/api/v1/reports?state=new')).json.reports.map((r) => r.id).find((id) => !before.has(id)));
}
const open = async (...reports) => {
  const made = await officer.post('/api/v1/cases', { reports });
  assert.equal(made.status, 201, made.text);
  return `/api/v1/cases/${made.json.id}`;
};

test('the addresses and accounts of the reports come with them, each page once', async () => {
  const page = 'https://Faqja.example/a/b?utm_source=x&n=7';
  const first = await reported({ address: page }), again = await reported({ address: 'http://faqja.EXAMPLE:80/a/b?n=7#poshtë' });
  const account = await reported({ where: 'app', app: 'Instagram', account: '@Dikush.99' }), bare = await reported({ where: 'none' });
  const one = await open(first, again, account, bare);
  const brought = await addresses(one);
  assert.deepEqual(brought.map((a) => [a.address, a.app, a.report, a.stage, a.open]).sort((a, b) => a[0] < b[0] ? -1 : 1),
    [['@Dikush.99', 'Instagram', account, 'noted', false], [page, null, first, 'noted', false]]);
  const read = (await officer.get(one)).json;
  assert.deepEqual(read.holds, [], 'nothing waits for what nobody has begun with');
  assert.equal(read.timeline.filter((l) => l.kind === 'address').length, 2);
  // More reports: what the case has, by whatever way, does not come again.
  assert.equal((await officer.post(`${one}/addresses`, { address: 'https://tjeter.example/x/' })).status, 201);
  for (const fields of [{ address: 'faqja.example/a/b?n=7' }, { where: 'app', app: 'INSTAGRAM', account: 'dikush.99' }, { address: 'http://tjeter.example/x' }])
    assert.equal((await officer.post(`${one}/reports`, { reports: [await reported(fields)] })).status, 201);
  assert.equal((await addresses(one)).length, 3);
  const more = await reported({ address: 'https://faqja.example/a/c' });
  assert.equal((await officer.post(`${one}/reports`, { reports: [more] })).status, 201);
  assert.deepEqual((await addresses(one)).filter((a) => a.report === more).map((a) => [a.address, a.stage]), [['https://faqja.example/a/c', 'noted']]);
});

test('what was noted holds the case from when somebody begins with it; a case may close over what was only noted', async () => {
  const two = await open(await reported({ address: 'https://e-treta.example/1' }), await reported({ address: 'https://e-treta.example/2' }));
  const [a, b] = await addresses(two);
  const set = (id, body) => officer.call('PUT', `${two}/addresses/${id}`, body);
  assert.equal((await set(a.id, { stage: 'back' })).status, 409, 'it was never gone');
  assert.equal((await set(a.id, { stage: 'noted' })).status, 409);
  assert.equal((await set(a.id, { stage: 'asked' })).status, 200);
  const held = await officer.post(`${two}/close`, { outcome: 'content_gone' });
  assert.equal(held.status, 409, held.text);
  assert.deepEqual(held.json.holds.map((h) => [h.track, h.thing]), [['content', a.id]]);
  assert.equal((await set(a.id, { stage: 'gone' })).status, 200);
  assert.equal((await set(b.id, { stage: 'left' })).status, 422, 'left says why');
  assert.equal((await officer.post(`${two}/close`, { outcome: 'content_gone' })).status, 200);
  assert.deepEqual((await addresses(two)).map((x) => x.stage).sort(), ['gone', 'noted']);
});

test('the page says what nobody has begun with, and one button begins', async () => {
  const three = await open(await reported({ address: 'https://e-katert.example/FSHEHTE-42' }));
  const [a] = await addresses(three), page = three.slice(7);
  const shown = await officer.get(page);
  assert.match(shown.text, /1 adresë erdhi nga raportimet dhe askush nuk ka nisur punë/);
  const csrf = /name="csrf" value="([^"]+)"/.exec(shown.text)[1];
  const begun = await request(site.desk, 'POST', `${page}/addresses/${a.id}`, { headers: { cookie: officer.cookies, 'content-type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams({ csrf, stage: 'asked' }).toString() });
  assert.equal(begun.status, 303, begun.text);
  assert.deepEqual((await addresses(three)).map((x) => [x.stage, x.open]), [['asked', true]]);
  assert.doesNotMatch((await officer.get(page)).text, /askush nuk ka nisur punë|Nis punën/);
});

test('where much was opened at once the case is opened all the same, and says that addresses are missing', async () => {
  const officers = await site.signIn('supervisor');
  const reports = (await officers.get('/api/v1/reports?state=new')).json.reports.map((r) => r.id);
  const many = [];
  while (reports.length + many.length < 30) many.push(await reported({ address: `https://shume.example/${many.length}` }));
  const made = await officers.post('/api/v1/cases', { reports: [...reports, ...many].slice(0, 30) });
  assert.equal(made.status, 201, made.text);
  site.advance(61);
  const read = (await officers.get(`/api/v1/cases/${made.json.id}`)).json;
  const notes = read.timeline.filter((l) => l.kind === 'note');
  assert.equal(notes.length, 1);
  assert.match(notes[0].text, /shënojini adresat me dorë/);
  assert.ok(read.addresses.length > 0 && read.addresses.length < 30, `${read.addresses.length}`);
});

test('the address lies nowhere in the clear', async () => {
  const walk = (dir) => fs.readdirSync(dir, { withFileTypes: true }).flatMap((f) => f.isDirectory() ? walk(path.join(dir, f.name)) : f.isFile() ? [path.join(dir, f.name)] : []);
  for (const f of walk(site.data)) assert.ok(!fs.readFileSync(f).includes('FSHEHTE-42'), f);
  assert.ok(!site.log.includes('FSHEHTE-42'));
});
