// The professionals' lane and trusted flaggers, through the running programs.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Instance, request, until } from '../lib/instance.mjs';

let site, officer, admin;
before(async () => {
  site = await Instance.start();
  officer = await site.signIn('duty_officer');
  admin = await site.signIn('administrator');
});
after(() => site.remove());

const portal = (target, json, headers = {}) => request(site.portal, 'POST', target, { headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(json) });
const form = (target, fields) => request(site.portal, 'POST', target, { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams(fields).toString() });
const hex = () => randomBytes(16).toString('hex');
const told = { institution: 'Shkolla “Njësia 1”, Korçë', function: 'teacher', contact: '069 000 0000', category: 'SEXT', text: 'Nxënësja më tregoi se e kërcënojnë me foto. Fjala-shenjë QERSHI.', in_danger: false };
const acknowledgement = (receipt, more = {}) => portal('/api/v1/report/acknowledgement', more, { authorization: `Receipt ${receipt}` });
const signed = (receipt, more) => until('the signature', async () => { const a = await acknowledgement(receipt, more); return a.json?.ready ? a : null; });

test('a professional reports, the desk reads who it was, and the acknowledgement is signed and can be checked by anybody', async () => {
  const sent = await portal('/api/v1/professional/reports', told);
  assert.equal(sent.status, 201, sent.text);
  const { receipt, rest } = sent.json;
  const named = await signed(receipt, { institution: told.institution, function: told.function, rest });
  assert.equal(named.json.institution, told.institution);
  assert.equal(named.json.category, 'SEXT');
  assert.ok(!named.text.includes('QERSHI'), 'not the text');
  assert.ok(!named.text.includes(told.contact), 'nor the contact');
  const document = JSON.parse(named.json.document);
  assert.equal(document.number, named.json.number);

  const opened = await until('it at the desk', async () => (await officer.get(`/api/v1/reports/${document.number}`)).json?.institution ? officer.get(`/api/v1/reports/${document.number}`) : null);
  assert.equal(opened.json.institution, told.institution);
  assert.equal(opened.json.function, 'teacher');
  assert.equal(opened.json.reporter, 'teacher');
  assert.equal(opened.json.urgency, 'U2', 'the same clocks as any report');

  const check = (text) => portal('/api/v1/acknowledgement/verify', { document: text });
  const fine = (await check(named.json.document)).json;
  assert.deepEqual([fine.genuine, fine.named, fine.institution, fine.number], [true, true, told.institution, document.number]);
  for (const [name, value] of Object.entries({ institution: 'Shkollë tjetër', function: 'doctor', category: 'CSAM', number: hex(), content: hex(), rest: hex(), signature: randomBytes(64).toString('hex'), installation: hex() })) {
    const lie = await check(JSON.stringify({ ...document, [name]: value }));
    assert.equal(lie.status, 200, `${name} ${lie.text}`);
    assert.equal(lie.json.genuine, false, name);
    assert.equal(lie.json.received_at, null, name);
  }
  const later = { ...document, received_seconds: document.received_seconds + 60 };
  assert.equal((await check(JSON.stringify(later))).status, 422, 'two times that differ');
  for (const text of ['', '{}', '[]', 'x'.repeat(5000), '{"isigurt_acknowledgement":1}', JSON.stringify({ ...document, rest: undefined })]) assert.equal((await check(text)).status, 422, text.slice(0, 40));

  const file = path.join(site.root ?? path.dirname(site.data), 'vertetim.json');
  fs.writeFileSync(file, named.json.document);
  const keys = `${site.data}-keys`;
  assert.match(site.run(['acknowledgement', 'verify', '--file', file, '--keys', keys]), /^genuine: report /);
  assert.match(site.run(['acknowledgement', 'verify', '--file', file, '--key', document.key]), /sent for Shkolla/);
  fs.writeFileSync(file, JSON.stringify({ ...document, institution: 'Tjetër' }));
  assert.throws(() => site.run(['acknowledgement', 'verify', '--file', file, '--keys', keys]));
  fs.rmSync(file);

  assert.match((await form('/ndiq?lang=sq', { receipt })).text, /action="\/vertetim\?lang=sq">\s*<input type="hidden" name="receipt"/, 'one step from following it');
  const plain = (await site.report({ category: 'HARM', text: 'Një faqe.' })).json.receipt;
  assert.ok(!(await form('/ndiq?lang=sq', { receipt: plain })).text.includes('action="/vertetim'), 'only where there is one');

  const bare = await signed(receipt);
  assert.equal(bare.json.institution, '');
  assert.equal((await acknowledgement(receipt, { institution: 'Tjetër', function: 'teacher', rest })).status, 422, 'nobody else is named');
  assert.equal((await acknowledgement('0000-0000-0000-0000-0000')).status, 404);
  assert.match(site.run(['audit', 'verify', '--data', site.data]), /^whole: \d+ entries/);
  if (!site.storeUrl) { // an altered report does not agree with what was acknowledged
    const set = (category) => execFileSync('sqlite3', ['-bail', '-cmd', '.timeout 3000', path.join(site.data, 'desk', 'desk.db')],
      { input: `update report set category = '${category}' where id = x'${document.number}'; select changes();`, encoding: 'utf8' }).trim();
    assert.equal(set('CSAM'), '1');
    assert.throws(() => site.run(['audit', 'verify', '--data', site.data]), (e) => /is not what was acknowledged/.test(`${e.stdout}${e.message}`));
    set('SEXT');
    assert.match(site.run(['audit', 'verify', '--data', site.data]), /^whole: /);
  }
});

test('any report is acknowledged for whoever has its code; a report without the lane names nobody', async () => {
  const sent = await site.report({ category: 'HARM', text: 'Një faqe e keqe.' });
  const first = await acknowledgement(sent.json.receipt);
  assert.equal(first.status, 200, first.text);
  const a = await signed(sent.json.receipt);
  assert.equal(JSON.parse(a.json.document).institution, undefined);
});

test('the form works without script, keeps what was typed, and refuses with sentences', async () => {
  const empty = await request(site.portal, 'GET', '/profesionist?lang=sq');
  assert.equal(empty.status, 200);
  const wrong = await form('/profesionist?lang=sq', { text: 'Më tregoi <b>diçka</b>', category: 'BULLY' });
  assert.equal(wrong.status, 422);
  for (const s of ['id="institution-error"', 'id="function-error"', 'id="contact-error"', 'Më tregoi &lt;b&gt;diçka']) assert.ok(wrong.text.includes(s), s);
  const submission = /name="submission" value="([0-9a-f]{32})"/.exec(empty.text)[1];
  const fields = { institution: 'Qendra “Ç”', function: 'doctor', contact: 'mjeku@shembull.example', category: 'BULLY', text: 'Tekst.', submission };
  const sent = await form('/profesionist?lang=sq', fields);
  assert.equal(sent.status, 200, sent.text);
  const code = /id="receipt"[^>]*>([0-9A-Z-]{24})</.exec(sent.text)[1];
  const again = await form('/profesionist?lang=sq', fields);
  assert.ok(again.text.includes(code), 'pressed twice is one report');
  const rest = /name="rest" value="([0-9a-f]{32})"/.exec(sent.text)[1];
  const shown = await until('the page', async () => {
    const p = await form('/vertetim?lang=sq', { receipt: code, institution: fields.institution, function: 'doctor', rest });
    return p.text.includes('isigurt_acknowledgement') ? p : null;
  });
  assert.ok(shown.text.includes('Qendra “Ç”'));
  const lane = await portal('/api/v1/professional/reports', { ...told, function: 'kozmonaut' });
  assert.equal(lane.status, 422);
  assert.equal(lane.json.errors[0].field, 'function');
  assert.equal((await portal('/api/v1/reports', { where: 'none', category: 'HARM', text: 'x', institution: 'y' })).status, 422, 'the other forms ask no name');
});

async function credential(name = 'Shoqata A') {
  const [institution] = (await admin.get('/api/v1/institutions')).json.institutions;
  const made = await admin.post('/api/v1/flaggers', { name, institution: institution.id });
  assert.equal(made.status, 201, made.text);
  assert.match(made.json.credential, /^[0-9a-f]{64}$/);
  return made.json;
}
const line = (more = {}) => JSON.stringify({ submission: hex(), where: 'page', address: `https://e.shembull.example/${hex()}`, category: 'CSAM', language: 'en', ...more });

test('a flagger sends many, each taken or refused alone, and a repeat is the same report', async () => {
  const { id, credential: secret } = await credential();
  const lines = [line(), line({ category: 'NUK-KA' }), 'jo json', line({ submission: 'x' }), line({ reporter: 'child' }), line({ in_danger: true }), line({ address: 'data:image/png;base64,AAAA' })];
  const first = await portal('/api/v1/flagger/reports', { credential: secret, lines });
  assert.equal(first.status, 200, first.text);
  assert.deepEqual(first.json.lines.map((l) => l.accepted), [true, false, false, false, false, true, false]);
  assert.deepEqual([first.json.accepted, first.json.refused], [2, 5]);
  assert.equal(first.json.lines[1].field, 'category');
  assert.equal(first.json.lines[3].field, 'submission');
  for (const l of first.json.lines.filter((l) => !l.accepted)) assert.ok(l.sentence.length > 8);
  const second = await portal('/api/v1/flagger/reports', { credential: secret, lines });
  assert.deepEqual(second.json.lines.map((l) => l.receipt), first.json.lines.map((l) => l.receipt), 'the same receipts');
  const other = JSON.parse(lines[0]);
  const changed = await portal('/api/v1/flagger/reports', { credential: secret, lines: [JSON.stringify({ ...other, category: 'GAMB' })] });
  assert.equal(changed.json.lines[0].accepted, false, 'another content under the same number');
  const row = await until('both at the desk', async () => (await officer.get('/api/v1/flaggers')).json.flaggers.find((f) => f.id === id && f.sent === 2));
  assert.deepEqual([row.waiting, row.illegal, row.lawful, row.duplicates, row.spam], [2, 0, 0, 0, 0]);

  const report = await until('the urgent one', async () => (await officer.get('/api/v1/reports?state=new')).json.reports.find((r) => r.category === 'CSAM' && r.urgency === 'U1'));
  const opened = await officer.get(`/api/v1/reports/${report.id}`);
  assert.equal(opened.json.flagger, 'Shoqata A');
  assert.equal(report.flagger, 'Shoqata A', 'in the queue too');
  assert.match((await officer.get('/reports?lang=sq')).text, /class="badge">Raportues i besuar<\/span> <small>Shoqata A/);
  assert.equal((await officer.post(`/api/v1/reports/${report.id}/take`)).status, 200);
  assert.equal((await officer.post(`/api/v1/reports/${report.id}/state`, { state: 'spam' })).status, 200);
  assert.equal((await officer.get('/api/v1/flaggers')).json.flaggers.find((f) => f.id === id).spam, 1);
  const own = await portal('/api/v1/flagger/accuracy', { credential: secret });
  assert.equal(own.status, 200, own.text);
  assert.equal(own.json.name, 'Shoqata A');

  const many = await portal('/api/v1/flagger/reports', { credential: secret, lines: Array.from({ length: 51 }, () => line()) });
  assert.equal(many.status, 422, 'at most 50 lines');
  assert.equal((await admin.post(`/api/v1/flaggers/${id}/revoke`)).status, 200);
  for (const c of [secret, 'x', '0'.repeat(64), '']) assert.equal((await portal('/api/v1/flagger/reports', { credential: c, lines: [line()] })).status, 422, c);
  assert.equal((await portal('/api/v1/flagger/accuracy', { credential: secret })).status, 422, 'revoked');
});

// Each way in which a line can be bad, between good ones: the good come in, the bad are named in their place with field and sentence, and
// the figures count what came in, nothing else.
test('half of fifty lines bad: each named in its place, the good ones in, the figures right', async () => {
  const { id, credential: secret } = await credential('Shoqata C');
  const wrong = [['category', () => line({ category: 'NUK-KA' })], ['lines', () => 'jo json'], ['lines', () => '[]'], ['lines', () => '{"submission":1}'], ['submission', () => line({ submission: 'x' })],
    ['lines', () => line({ reporter: 'child' })], ['address', () => line({ address: 'data:image/png;base64,AAAA' })], ['lines', () => `${line()}{`], ['lines', () => line().replace('"where"', '"where":"page","where"')],
    ['text', () => line({ text: 'x'.repeat(20001) })], ['lines', () => line({ in_danger: 'po' })], ['county', () => line({ county: 'Atlantida' })]];
  const lines = Array.from({ length: 50 }, (_, i) => (i % 2 ? wrong[(i >> 1) % wrong.length][1]() : line({ category: ['CSAM', 'SEXT', 'BULLY'][(i >> 1) % 3] })));
  const sent = await portal('/api/v1/flagger/reports', { credential: secret, lines });
  assert.equal(sent.status, 200, sent.text);
  assert.deepEqual([sent.json.accepted, sent.json.refused, sent.json.lines.length], [25, 25, 50]);
  sent.json.lines.forEach((l, i) => {
    assert.equal(l.accepted, i % 2 === 0, `line ${i}: ${JSON.stringify(l)}`);
    assert.equal(/^[0-9A-Z-]{24}$/.test(l.receipt ?? ''), i % 2 === 0);
    assert.equal(l.field, i % 2 ? wrong[(i >> 1) % wrong.length][0] : null, `line ${i}: ${lines[i].slice(0, 90)}`);
    assert.equal((l.sentence ?? '').length > 8, i % 2 === 1);
  });
  assert.equal(new Set(sent.json.lines.filter((l) => l.accepted).map((l) => l.receipt)).size, 25);
  const figures = async () => { const f = (await officer.get('/api/v1/flaggers')).json.flaggers.find((x) => x.id === id); return [f.sent, f.waiting, f.illegal, f.lawful, f.duplicates, f.spam]; };
  await until('all at the desk', async () => (await figures())[0] === 25);
  assert.deepEqual(await figures(), [25, 25, 0, 0, 0, 0]);
  // Judged: three spam, two duplicates, one lawful by one person, one illegal by two, one illegal by one alone, which waits.
  const mine = (await officer.get('/api/v1/reports?state=new')).json.reports.filter((r) => r.flagger === 'Shoqata C').map((r) => r.id);
  assert.ok(mine.length >= 8);
  const analyst = await site.signIn('analyst');
  const ok = async (p) => { const a = await p; assert.equal(a.status, 200, a.text); };
  const lawful = ['risk_kind:content', 'risk_nature:sexual', 'incident:SEXT', 'verdict:not_illegal'];
  const illegal = ['risk_kind:content', 'risk_nature:sexual', 'incident:CSAM', 'verdict:illegal_baseline', 'age_group:unknown', 'severity:A1'];
  for (const [i, report] of mine.slice(0, 8).entries()) {
    await ok(officer.post(`/api/v1/reports/${report}/take`));
    if (i < 5) await ok(officer.post(`/api/v1/reports/${report}/state`, i < 3 ? { state: 'spam' } : { state: 'duplicate', of: mine[7] }));
    else await ok(officer.post(`/api/v1/reports/${report}/assessment`, { answers: i === 5 ? lawful : illegal }));
    if (i === 6) await ok(analyst.post(`/api/v1/reports/${report}/assessment/second`, { answers: illegal }));
  }
  assert.deepEqual(await figures(), [25, 18, 1, 1, 2, 3]);
  // The same lines once more are the same reports: nothing is counted twice.
  const again = await portal('/api/v1/flagger/reports', { credential: secret, lines });
  assert.deepEqual(again.json.lines.map((l) => l.receipt), sent.json.lines.map((l) => l.receipt));
  assert.deepEqual(await figures(), [25, 18, 1, 1, 2, 3]);
  site.advance(61); // what a flagger sees of itself is copied each minute
  await until('its own figures', async () => {
    const own = (await portal('/api/v1/flagger/accuracy', { credential: secret })).json;
    return JSON.stringify([own.sent, own.waiting, own.illegal, own.lawful, own.duplicates, own.spam]) === '[25,18,1,1,2,3]';
  }, 70000);
});

test('who may give and take credentials; the secret is shown once and stored nowhere', async () => {
  const { id, credential: secret } = await credential('Shoqata B');
  assert.ok(!(await admin.get('/api/v1/flaggers')).text.includes(secret));
  assert.equal((await officer.post('/api/v1/flaggers', { name: 'x', institution: id })).status, 403);
  assert.equal((await officer.post(`/api/v1/flaggers/${id}/revoke`)).status, 403);
  assert.equal((await request(site.desk, 'GET', '/api/v1/flaggers')).status, 401);
  assert.equal((await admin.post(`/api/v1/flaggers/${hex()}/revoke`)).status, 404);
  assert.equal((await admin.post('/api/v1/flaggers', { name: 'x', institution: hex() })).status, 422);
  const contact = await site.signIn('contact');
  assert.equal((await contact.get('/api/v1/flaggers')).status, 403);
  if (!site.storeUrl) {
    const raw = Buffer.from(secret, 'hex');
    for (const file of fs.readdirSync(site.data, { recursive: true, withFileTypes: true }).filter((f) => f.isFile())) {
      const bytes = fs.readFileSync(path.join(file.parentPath ?? file.path, file.name));
      assert.ok(!bytes.includes(secret) && !bytes.includes(raw), file.name);
    }
  }
});
