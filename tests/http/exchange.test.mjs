// Referrals and transfers between institutions, through the API of a running site: who sees what, who may do what when.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Instance, request, until } from '../lib/instance.mjs';

let site, officer, police, worker, administrator, policeUnit, worksUnit;
const words = { text: 'Më kërcënoi me fotot e mia.', contact: 'ana@posta.example', address: 'https://rrjeti.example/u/ana', where: 'page', category: 'SEXT', reporter: 'child', age_band: '13-15', county: 'Korçë' };

before(async () => {
  site = await Instance.start();
  site.morning();
  officer = await site.signIn('duty_officer');
  police = await site.signIn('contact');
  worker = await site.signIn(site.accounts.find((a) => a.role === 'contact' && a.institution !== 'POLICIA'));
  administrator = await site.signIn('administrator');
  const units = await officer.get('/api/v1/units?type=police');
  assert.equal(units.status, 200, units.text);
  assert.ok(units.json.units.length > 10, 'the State Police and each directorate');
  assert.ok(units.json.units[0].members > 0, 'who can receive stands first');
  assert.ok(units.json.units[0].name.length > 3, 'a unit without a name goes by its institution');
  policeUnit = units.json.units[0].id;
  worksUnit = (await officer.get('/api/v1/units?type=child_protection')).json.units.find((u) => u.members > 0).id;
  assert.equal((await officer.get('/api/v1/units?type=nothing')).status, 422);
});
after(() => site.remove());

let n = 0;
async function newCase() {
  const text = `${words.text} ${n++}`;
  assert.equal((await site.report({ ...words, text })).status, 201);
  const report = await until('the report', async () => (await officer.get('/api/v1/reports?state=new')).json.reports.find((r) => r.category === 'SEXT' && r.county === 'Korçë'));
  assert.equal((await officer.post(`/api/v1/reports/${report.id}/take`)).status, 200);
  const made = await officer.post('/api/v1/cases', { reports: [report.id] });
  assert.equal(made.status, 201, made.text);
  return made.json.id;
}
const refer = (id, more = {}) => officer.post(`/api/v1/cases/${id}/referrals`, { unit: policeUnit, purpose: 'investigation', ground: 'criminal_procedure', fields: ['category', 'text'], note: 'Ju lutem shikojeni.', ...more });
const ok = (answer, status = 200) => { assert.equal(answer.status, status, answer.text); return answer.json; };

test('a referral is read, asked about, accepted and finished by the police, and by nobody else', async () => {
  const id = await newCase();
  const { id: referral } = ok(await refer(id), 201);
  assert.match(referral, /^[0-9a-f]{32}$/);
  const inbox = ok(await police.get('/api/v1/referrals?state=sent'));
  const row = inbox.referrals.find((r) => r.id === referral);
  assert.equal(row.direction, 'received');
  assert.equal(row.fields, 'category,text');
  assert.ok(!JSON.stringify(inbox).includes('kërcënoi'), 'the list shows metadata only');
  const opened = ok(await police.get(`/api/v1/referrals/${referral}`));
  assert.deepEqual(opened.fields.map((f) => f.name).sort(), ['category', 'text']);
  assert.match(opened.fields.find((f) => f.name === 'text').value, /Më kërcënoi/);
  assert.equal(opened.note, 'Ju lutem shikojeni.');
  assert.ok(!/posta\.example|rrjeti\.example/.test(JSON.stringify(opened)), 'nothing that was not chosen');
  for (const path of [`/api/v1/referrals/${referral}`]) assert.equal((await worker.get(path)).status, 404);
  assert.equal((await police.get(`/api/v1/cases/${id}`)).status, 404);
  assert.equal((await administrator.get(`/api/v1/referrals/${referral}`)).status, 403);
  assert.equal((await worker.post(`/api/v1/referrals/${referral}/accept`)).status, 404);
  assert.equal((await officer.post(`/api/v1/referrals/${referral}/accept`)).status, 403);

  assert.equal((await police.post(`/api/v1/referrals/${referral}/done`, { outcome: 'proceedings' })).status, 409, 'not before it is accepted');
  ok(await police.post(`/api/v1/referrals/${referral}/ask`, { text: 'Në cilën shkollë?' }));
  ok(await officer.post(`/api/v1/referrals/${referral}/answer`, { text: 'Nuk e dimë.' }));
  ok(await police.post(`/api/v1/referrals/${referral}/accept`));
  const held = await officer.post(`/api/v1/cases/${id}/close`, { outcome: 'other' });
  assert.equal(held.status, 409);
  assert.ok(ok(await officer.get(`/api/v1/cases/${id}`)).holds.some((h) => h.track === 'referral' && h.thing === referral));
  ok(await police.post(`/api/v1/referrals/${referral}/done`, { outcome: 'proceedings', text: 'Nisi hetimi.' }));
  const after = ok(await officer.get(`/api/v1/cases/${id}`));
  assert.ok(!after.holds.some((h) => h.track === 'referral'));
  assert.equal(after.referrals.find((r) => r.id === referral).outcome, 'proceedings');
  const thread = ok(await officer.get(`/api/v1/referrals/${referral}`)).entries;
  assert.deepEqual(thread.map((e) => e.kind), ['ask', 'answer', 'accept', 'done']);
  assert.equal(thread[3].text, 'Nisi hetimi.');
  // What is done is done; the copy can still be taken back, once.
  ok(await officer.post(`/api/v1/referrals/${referral}/revoke`, { reason: 'Mbaroi, kështu u pa' }));
  assert.equal((await officer.post(`/api/v1/referrals/${referral}/revoke`, { reason: 'Mbaroi, kështu u pa' })).status, 409);
  const closed = await police.get(`/api/v1/referrals/${referral}`);
  assert.equal(closed.status, 403);
  assert.match(closed.json.message, /u mor mbrapsht më /);
  const [kept] = ok(await officer.get(`/api/v1/cases/${id}/shared`)).shared;
  assert.deepEqual([kept.state, kept.readable], ['done', false]);
  assert.equal(ok(await officer.get(`/api/v1/referrals/${referral}`)).outcome, 'proceedings');
});

test('what was revoked opens no more; declined and handed back free the case', async () => {
  const id = await newCase();
  const first = ok(await refer(id, { unit: worksUnit }), 201).id;
  ok(await worker.get(`/api/v1/referrals/${first}`));
  ok(await officer.post(`/api/v1/referrals/${first}/revoke`, { reason: 'Njësia e gabuar.' }));
  assert.equal((await worker.get(`/api/v1/referrals/${first}`)).status, 403);
  assert.equal(ok(await worker.get('/api/v1/referrals?state=revoked')).referrals.length, 1);
  const second = ok(await refer(id), 201).id;
  assert.equal((await police.post(`/api/v1/referrals/${second}/decline`, {})).status, 422, 'a reason');
  ok(await police.post(`/api/v1/referrals/${second}/decline`, { reason: 'Jashtë kompetencës.' }));
  const declined = await police.get(`/api/v1/referrals/${second}`);
  assert.equal(declined.status, 403, 'who declines keeps no copy');
  assert.match(declined.json.message, /Ju nuk e morët përsipër/);
  assert.match((await police.get(`/referrals/${second}`)).text, /Ju nuk e morët përsipër/);
  const third = ok(await refer(id), 201).id;
  ok(await police.post(`/api/v1/referrals/${third}/accept`));
  ok(await police.post(`/api/v1/referrals/${third}/return`, { reason: 'Na duhet më shumë.' }));
  ok(await officer.post(`/api/v1/referrals/${third}/revoke`, { reason: 'U kthye, kështu u pa' }));
  assert.equal((await police.get(`/api/v1/referrals/${third}`)).status, 403);
  assert.deepEqual(ok(await officer.get(`/api/v1/cases/${id}/shared`)).shared.map((r) => [r.state, r.readable]), [['revoked', false], ['declined', false], ['returned', false]]);
  assert.deepEqual(ok(await officer.get(`/api/v1/cases/${id}`)).holds, []);
});

test('consent, or the reason to do without it; known fields and grounds; another unit', async () => {
  const id = await newCase();
  for (const wrong of [{ note: '' }, { fields: [] }, { fields: ['secret'] }, { ground: 'because' }, { purpose: 'fun' }, { unit: '0'.repeat(31) + '1' }])
    assert.equal((await refer(id, wrong)).status, 422, JSON.stringify(wrong));
  ok(await refer(id, { note: '', consent: true }), 201);
  ok(await refer(id, { note: '', reason: 'Rrezik për jetën.', unit: worksUnit }), 201);
});

test('a transfer hands the case over once it is accepted', async () => {
  const id = await newCase();
  const transfer = ok(await refer(id, { kind: 'transfer', unit: worksUnit }), 201).id;
  assert.equal((await worker.get(`/api/v1/cases/${id}`)).status, 404);
  ok(await worker.post(`/api/v1/referrals/${transfer}/accept`));
  const taken = ok(await worker.get(`/api/v1/cases/${id}`));
  // The new owner reads the reports by the case's key, nobody else does; the former owner reads nothing new.
  const report = ok(await worker.get(`/api/v1/cases/${id}/reports/${taken.reports[0]}`));
  assert.match(report.fields.find((f) => f.name === 'text').value, /Më kërcënoi/);
  assert.match((await worker.get(`/cases/${id}`)).text, new RegExp(`href="/cases/${id}/reports/${taken.reports[0]}"`));
  assert.equal((await police.get(`/api/v1/cases/${id}/reports/${taken.reports[0]}`)).status, 404);
  assert.equal((await worker.get(`/api/v1/cases/${id}/reports/${id}`)).status, 404, 'no report of this case');
  const gone = await officer.get(`/api/v1/cases/${id}`);
  assert.equal(gone.status, 403, 'the key was taken away');
  assert.match(gone.json.message, /^Ky rast iu kalua më .* një njësie tjetër: /);
  assert.equal((await officer.get(`/api/v1/cases/${id}/shared`)).status, 404);
  assert.equal((await refer(id)).status, 404, 'no longer ours to refer');
  ok(await officer.get(`/api/v1/referrals/${transfer}`));
});

test('who must not be told is said before sharing, however many persons a case has', async () => {
  const id = await newCase();
  for (let i = 1; i <= 61; i++) ok(await officer.post(`/api/v1/cases/${id}/people`, { role: 'witness', name: `Dëshmitari ${i}.`, must_not_be_told: i === 61 }), 201);
  const warned = (await officer.get(`/cases/${id}/refer`)).text.match(/aria-labelledby="untold"[\s\S]*?<\/section>/)?.[0] ?? '';
  assert.match(warned, /Dëshmitari 61\./);
});

test('more than the template needs a reason; consent as the ground needs consent; persons by need to know', async () => {
  const id = await newCase();
  for (const person of [{ role: 'child', name: 'Ana Provë', school: 'Shkolla 1' }, { role: 'suspect', name: 'Njerku Provë', must_not_be_told: true }, { role: 'witness', name: 'Fqinja Provë' }])
    ok(await officer.post(`/api/v1/cases/${id}/people`, person), 201);
  ok(await officer.post(`/api/v1/cases/${id}/assessment`, { risk: 'high', text: 'Jeton me të.' }), 201);
  ok(await officer.post(`/api/v1/cases/${id}/plan`, { text: 'Te gjyshja.' }), 201);
  const more = (fields, rest) => refer(id, { unit: worksUnit, purpose: 'protection', ground: 'child_protection', consent: true, note: '', fields, ...rest });
  for (const step of ['', `?unit=${worksUnit}&purpose=protection`]) {
    const page = (await officer.get(`/cases/${id}/refer${step}`)).text;
    const warned = page.match(/aria-labelledby="untold"[\s\S]*?<\/section>/)?.[0] ?? '';
    assert.match(warned, /Njerku Provë/, `who must not be told is said before anything is sent ${step}`);
    assert.ok(!/Ana Provë|Fqinja/.test(warned));
  }
  assert.match((await officer.get(`/cases/${id}`)).text.split('<div class="cols')[0], /Njerku Provë/, 'in the head of the case too');
  const minimum = ['case_number', 'person_child', 'not_told', 'risk'];
  const refused = await more([...minimum, 'person_suspect']);
  assert.equal(refused.status, 422);
  assert.deepEqual(refused.json.errors.map((e) => e.field), ['more_reason']);
  assert.equal((await more(minimum, { consent: false, ground: 'consent', reason: 'Arsye e provës.' })).status, 422);
  const least = ok(await more(minimum), 201).id;
  const read = ok(await worker.get(`/api/v1/referrals/${least}`));
  const value = (name) => read.fields.filter((f) => f.name === name).map((f) => f.value);
  assert.match(value('person_child')[0], /Ana Provë[\s\S]*Shkolla 1/);
  assert.deepEqual(value('risk'), ['high']);
  assert.match(value('not_told').join(), /Njerku Provë/);
  assert.ok(!/Fqinja|Te gjyshja|Jeton me/.test(JSON.stringify(read)), 'nothing that was not chosen');
  const wide = ok(await more([...minimum, 'person_suspect', 'plan', 'assessment'], { more_reason: 'Jeton në të njëjtën shtëpi.' }), 201).id;
  const all = ok(await worker.get(`/api/v1/referrals/${wide}`));
  assert.equal(all.more_reason, 'Jeton në të njëjtën shtëpi.');
  assert.match(JSON.stringify(all.fields), /Te gjyshja[\s\S]*|Jeton me të/);
  assert.match(all.fields.find((f) => f.name === 'person_suspect').value, /Njerku Provë/);
  assert.ok(!/Fqinja/.test(JSON.stringify(all)));

  // What was shared with whom, at a glance, and taken back.
  const shared = ok(await officer.get(`/api/v1/cases/${id}/shared`)).shared;
  assert.deepEqual(shared.map((s) => [s.id, s.to, s.readable]), [[least, worksUnit, true], [wide, worksUnit, true]]);
  assert.deepEqual(shared[0].fields, minimum);
  ok(await officer.post(`/api/v1/referrals/${wide}/revoke`, { reason: 'Shumë, kështu u pa' }));
  assert.deepEqual(ok(await officer.get(`/api/v1/cases/${id}/shared`)).shared.map((s) => s.readable), [true, false]);
  assert.equal((await worker.get(`/api/v1/cases/${id}/shared`)).status, 404);

  // The receiver's own notes are nobody else's.
  ok(await worker.post(`/api/v1/referrals/${least}/notes`, { text: 'Shkuam në shtëpi.' }), 201);
  ok(await worker.post(`/api/v1/referrals/${least}/notes`, { text: 'Fëmija flet.' }), 201);
  assert.deepEqual(ok(await worker.get(`/api/v1/referrals/${least}`)).notes.map((n) => n.text), ['Shkuam në shtëpi.', 'Fëmija flet.']);
  const sender = ok(await officer.get(`/api/v1/referrals/${least}`));
  assert.deepEqual(sender.notes, []);
  assert.ok(!JSON.stringify(sender).includes('Shkuam'));
  assert.equal((await officer.post(`/api/v1/referrals/${least}/notes`, { text: 'x' })).status, 403);
  assert.equal((await police.post(`/api/v1/referrals/${least}/notes`, { text: 'x' })).status, 404);
  assert.equal((await worker.post(`/api/v1/referrals/${wide}/notes`, { text: 'x' })).status, 409, 'revoked');
  assert.ok(ok(await worker.get('/api/v1/referrals?direction=received')).referrals.every((r) => r.direction === 'received'));
  assert.deepEqual(ok(await worker.get('/api/v1/referrals?direction=sent')).referrals, []);
});

test('who must not be told: each receiver is warned without a name, also of somebody marked after it was sent', async () => {
  const id = await newCase();
  const early = ok(await refer(id), 201).id;
  assert.equal(ok(await police.get(`/api/v1/referrals/${early}`)).not_told, false);
  const page = async (r) => (await police.get(`/referrals/${r}`)).text;
  const warning = /Në këtë rast ka dikë që nuk duhet ta marrë vesh\. Para se të kontaktoni ndokënd, pyesni këtë njësi: /;
  assert.doesNotMatch(await page(early), warning);
  const person = ok(await officer.post(`/api/v1/cases/${id}/people`, { role: 'suspect', name: 'Njerku Provë', must_not_be_told: true }), 201).id;
  const unaware = async () => ok(await officer.get(`/api/v1/cases/${id}/shared`)).shared.filter((s) => s.unaware).map((s) => s.id);
  assert.deepEqual(await unaware(), [early]);
  for (const place of [`/cases/${id}`, `/cases/${id}/shared`])
    assert.match((await officer.get(place)).text, new RegExp(`Njoftojini:[\\s\\S]*href="/referrals/${early}"`), place);
  const late = ok(await refer(id, { fields: ['category'] }), 201).id; // without the field not_told
  assert.deepEqual(await unaware(), [early], 'what is sent now carries the warning');
  for (const r of [early, late]) {
    const read = ok(await police.get(`/api/v1/referrals/${r}`));
    assert.equal(read.not_told, true);
    assert.ok(!JSON.stringify(read).includes('Njerku'), 'that there is somebody, not who');
    assert.match(await page(r), warning);
  }
  assert.deepEqual(await unaware(), [], 'the receiver has seen it');
  const { version } = ok(await officer.get(`/api/v1/cases/${id}`));
  ok(await officer.post(`/api/v1/cases/${id}/people`, { person, version, role: 'suspect', name: 'Njerku Provë', may_be_told: true }), 201);
  assert.equal(ok(await police.get(`/api/v1/referrals/${early}`)).not_told, false);
  assert.equal(ok(await police.get(`/api/v1/referrals/${late}`)).not_told, true, 'as it was sent');
});

// Every act in every state, through the API: the table of docs/exchange.md, written here once more. Both sides ask at once.
test('after a transfer the new owner works on with a new key and reads what was before', async () => {
  const id = await newCase();
  const edge = 'xX1234567890';
  const pdf = (word) => Buffer.from(`%PDF-1.7\n${word}\n`);
  const parts = (bytes) => Buffer.concat([Buffer.from(`--${edge}\r\nContent-Disposition: form-data; name="file"; filename="provë.pdf"\r\n\r\n`), bytes, Buffer.from(`\r\n--${edge}--\r\n`)]);
  const put = async (who, bytes) => ok(await request(site.desk, 'POST', `/api/v1/cases/${id}/files`, { body: parts(bytes),
    headers: { cookie: who.cookies, 'x-csrf-token': who.csrf, 'content-type': `multipart/form-data; boundary=${edge}`, 'content-length': parts(bytes).length } }), 201).id;
  const file = async (who, which) => Buffer.from(await (await fetch(`${site.desk}/api/v1/cases/${id}/files/${which}`, { headers: { cookie: who.cookies } })).arrayBuffer());
  ok(await officer.post(`/api/v1/cases/${id}/notes`, { text: 'Para dorëzimit.' }), 201);
  ok(await officer.post(`/api/v1/cases/${id}/people`, { role: 'child', name: 'Ana Provë' }), 201);
  const before = await put(officer, pdf('para'));
  const transfer = ok(await refer(id, { kind: 'transfer', unit: worksUnit }), 201).id;
  const second = await refer(id, { kind: 'transfer' });
  assert.equal(second.status, 409, 'one transfer at a time');
  assert.match(second.json.message, /dorëzim/);
  ok(await worker.post(`/api/v1/referrals/${transfer}/accept`));

  ok(await worker.post(`/api/v1/cases/${id}/notes`, { text: 'Pas dorëzimit.' }), 201);
  const after = await put(worker, pdf('pas'));
  ok(await worker.post(`/api/v1/cases/${id}/people`, { role: 'witness', name: 'Fqinja Provë' }), 201);
  const read = ok(await worker.get(`/api/v1/cases/${id}`));
  assert.ok(read.timeline.every((l) => !l.altered), JSON.stringify(read.timeline));
  const told = read.timeline.map((l) => l.text).join('|');
  assert.match(told, /Para dorëzimit\..*Pas dorëzimit\./);
  assert.ok(read.timeline.some((l) => l.kind === 'key' && l.thing === transfer));
  assert.deepEqual(read.people.map((p) => p.name).sort(), ['Ana Provë', 'Fqinja Provë']);
  assert.ok((await file(worker, before)).equals(pdf('para')));
  assert.ok((await file(worker, after)).equals(pdf('pas')));
  assert.match((await worker.get(`/cases/${id}`)).text, /ia mbylli rastin njësisë që u largua/);
  assert.equal((await officer.get(`/api/v1/cases/${id}`)).status, 403);
  assert.notEqual((await officer.get(`/api/v1/cases/${id}/files/${after}`)).status, 200);
  // On it goes: a referral with what was written before and after, and a transfer to a third unit.
  const on = { consent: true, note: '', purpose: 'protection', ground: 'child_protection', fields: ['person_child', 'person_witness', 'text'], more_reason: 'Duhet e gjitha.' };
  const referral = ok(await worker.post(`/api/v1/cases/${id}/referrals`, { unit: policeUnit, ...on }), 201).id;
  const copy = JSON.stringify(ok(await police.get(`/api/v1/referrals/${referral}`)).fields);
  assert.ok(/Ana Provë/.test(copy) && /Fqinja Provë/.test(copy) && /Më kërcënoi/.test(copy), copy);
  ok(await worker.post(`/api/v1/referrals/${referral}/revoke`, { reason: 'Mjafton, kështu u pa' }));
  const third = ok(await worker.post(`/api/v1/cases/${id}/referrals`, { unit: policeUnit, ...on, kind: 'transfer' }), 201).id;
  ok(await police.post(`/api/v1/referrals/${third}/accept`));
  const last = ok(await police.get(`/api/v1/cases/${id}`));
  assert.ok(last.timeline.every((l) => !l.altered));
  assert.match(last.timeline.map((l) => l.text).join('|'), /Para dorëzimit\..*Pas dorëzimit\./);
  assert.ok((await file(police, before)).equals(pdf('para')));
  assert.ok((await file(police, after)).equals(pdf('pas')));
  assert.equal((await worker.get(`/api/v1/cases/${id}`)).status, 403);
  assert.match(site.run(['audit', 'verify', '--data', site.data]), /^whole/);
});

test('no step that the table does not know, by API or race', async () => {
  const table = { sent: { accept: 'accepted', decline: 'declined', ask: 'asked', revoke: 'revoked' }, asked: { decline: 'declined', answer: 'sent', revoke: 'revoked' },
    accepted: { return: 'returned', done: 'done', revoke: 'revoked' }, declined: {}, returned: { revoke: 'returned' }, done: { revoke: 'done' }, revoked: {} };
  const words = { accept: {}, decline: { reason: 'Arsye e provës.' }, ask: { text: 'x' }, answer: { text: 'x' }, return: { reason: 'Arsye e provës.' }, done: { outcome: 'other' }, revoke: { reason: 'Arsye e provës.' } };
  const by = (act) => ['answer', 'revoke'].includes(act) ? officer : police;
  const way = { sent: [], asked: ['ask'], accepted: ['accept'], declined: ['decline'], returned: ['accept', 'return'], done: ['accept', 'done'], revoked: ['revoke'] };
  const id = await newCase();
  const apart = ['text', 'county', 'language', 'app', 'seen', 'contact', 'address']; // the same twice is refused while the first waits
  for (const [state, acts] of Object.entries(way)) {
    site.advance?.(61); // openings have a budget a minute
    const referral = ok(await refer(id, { fields: ['category', apart.pop()] }), 201).id;
    for (const act of acts) ok(await by(act).post(`/api/v1/referrals/${referral}/${act}`, words[act]));
    for (const act of Object.keys(words))
      if (!table[state][act]) assert.equal((await by(act).post(`/api/v1/referrals/${referral}/${act}`, words[act])).status, 409, `${act} in ${state}`);
    const raced = Object.keys(table[state]);
    if (!raced.length) continue;
    const answers = await Promise.all(raced.map(async (act) => [act, await by(act).post(`/api/v1/referrals/${referral}/${act}`, words[act])]));
    for (const [act, a] of answers) assert.ok([200, 409].includes(a.status), `${act}: ${a.status} ${a.text}`);
    assert.ok(answers.some(([, a]) => a.status === 200), `somebody in ${state}`);
    // Whatever was first, what was answered 200 is a way of the table from here.
    const done = answers.filter(([, a]) => a.status === 200).map(([act, a]) => [act, a.json.state]);
    const follows = (from, left) => !left.length || left.some(([act, to], i) => table[from][act] === to && follows(to, left.filter((_, k) => k !== i)));
    assert.ok(follows(state, done), `${state}: ${JSON.stringify(done)}`);
  }
});

test('a new version of the protocol shuts out who has not accepted it', async () => {
  const id = await newCase();
  assert.equal((await officer.post('/api/v1/protocol', { version: 2 })).status, 403);
  for (const wrong of [{ version: 2 }, { version: 2, decision: '12/2026', decided: '2026-02-30' }, { version: 2, decision: ' ', decided: '2026-11-20' },
    { version: 99, decision: '12/2026', decided: '2026-11-20' }, { version: 2, decision: '12/2026', decided: '2099-01-01' }])
    assert.equal((await administrator.post('/api/v1/protocol', wrong)).status, 422, JSON.stringify(wrong));
  assert.equal((await officer.post('/api/v1/protocol', { version: 2, decision: '12/2026', decided: '2026-11-20' })).status, 403);
  // Ahead, so that nothing stops: who has accepted the one in force may accept the next, and no other.
  assert.match((await worker.get('/protocol', { accept: 'text/html' })).text, /pranojeni që tani/);
  assert.equal((await worker.post(`/api/v1/units/${worksUnit}/protocol`, { version: 3 })).status, 409);
  ok(await worker.post(`/api/v1/units/${worksUnit}/protocol`, { version: 2 }));
  ok(await officer.post(`/api/v1/cases/${id}/referrals`, { unit: worksUnit, purpose: 'protection', ground: 'child_protection', fields: ['category'], note: 'Duhet për rastin.' }), 201);
  assert.match((await administrator.get('/protocol', { accept: 'text/html' })).text, /njësi nuk e kanë pranuar ende versionin tjetër/);
  const forced = ok(await administrator.post('/api/v1/protocol', { version: 2, decision: '12/2026', decided: '2026-11-20' }));
  assert.equal(forced.version, 2);
  const [newest] = forced.versions;
  assert.deepEqual([newest.version, newest.decision, newest.in_force, newest.altered], [2, '12/2026', true, false]);
  assert.ok(newest.points.length > 5);
  assert.ok(forced.gaps.includes(policeUnit) && !forced.gaps.includes(worksUnit), 'who accepted it ahead is no gap');
  ok(await officer.post(`/api/v1/cases/${id}/referrals`, { unit: worksUnit, purpose: 'investigation', ground: 'child_protection', fields: ['category'], note: 'Duhet për rastin.' }), 201);
  assert.equal((await administrator.post('/api/v1/protocol', { version: 1, decision: '13/2026', decided: '2026-11-20' })).status, 409, 'never back');
  assert.equal((await refer(id)).status, 409);
  assert.equal((await police.post(`/api/v1/units/${policeUnit}/protocol`, { version: 1 })).status, 409);
  assert.equal((await police.post(`/api/v1/units/${worksUnit}/protocol`, { version: 2 })).status, 404);
  const agreed = ok(await police.post(`/api/v1/units/${policeUnit}/protocol`, { version: 2 }));
  assert.ok(!agreed.gaps.includes(policeUnit));
  ok(await refer(id), 201);
});

test('points of contact: the demonstration has them, a member names the deputy', async () => {
  const shown = ok(await officer.get('/api/v1/contacts'));
  assert.equal(shown.contacts.filter((c) => c.place === 1).length, 2);
  assert.ok(shown.points.length > 130, `${shown.points.length} units`);
  assert.equal(shown.gaps.length, shown.points.length - 2, 'all that have nobody');
  const korce = ok(await officer.get(`/api/v1/contacts?county=${encodeURIComponent('Korçë')}`)).points;
  assert.equal(korce.length, 16, 'six municipalities and their units, police, prosecution, court and education');
  assert.equal(ok(await officer.get('/api/v1/contacts?q=malesi')).points.length, 2, 'found without ë');
  assert.equal(ok(await officer.get(`/api/v1/contacts?type=child_protection&gaps=1`)).points.length, 60);
  assert.equal((await officer.get('/api/v1/contacts?county=Atlantis')).status, 422);
  const me = shown.contacts.find((c) => c.unit === policeUnit).person;
  const twice = await police.post('/api/v1/contacts', { unit: policeUnit, person: me, place: 2 });
  assert.equal(twice.status, 422);
  assert.match(twice.text, /askush nuk zëvendëson veten/);
  const freed = ok(await police.post('/api/v1/contacts', { unit: policeUnit, place: 1 }));
  assert.deepEqual([freed.gap, freed.contacts.length], [true, 0]);
  assert.deepEqual(ok(await police.post('/api/v1/contacts', { unit: policeUnit, person: me, place: 2 })).contacts.map((c) => [c.person, c.place]), [[me, 2]]);
  assert.equal((await police.post('/api/v1/contacts', { unit: policeUnit, person: me, place: 3 })).status, 422);
  ok(await police.post('/api/v1/contacts', { unit: policeUnit, place: 2 }));
  ok(await police.post('/api/v1/contacts', { unit: policeUnit, person: me, place: 1 }));
  const told = (page, words) => Number(words.exec(page)[1]);
  assert.equal(told((await officer.get('/contacts', { accept: 'text/html' })).text, /Njësi me anëtarë<\/dt><dd>(\d+)/),
    told((await officer.get('/protocol', { accept: 'text/html' })).text, /(\d+) njësi me anëtarë/), 'one count');
  const own = ok(await officer.get('/api/v1/account')).units[0].id;
  assert.equal((await officer.get(`/api/v1/contacts/${own}`)).status, 200, 'the duty unit receives too');
  assert.equal((await police.post('/api/v1/contacts', { unit: worksUnit, person: me, place: 2 })).status, 422);
  const hours = ok(await police.post(`/api/v1/contacts/${policeUnit}/duty`, { hours: 'çdo ditë, 0:00–24:00', phone: '129' }));
  assert.deepEqual([hours.hours, hours.phone, hours.gap, hours.contacts.length], ['çdo ditë, 0:00–24:00', '129', false, 1]);
  assert.equal((await police.post(`/api/v1/contacts/${policeUnit}/duty`, { phone: '<b>' })).status, 422);
  assert.equal((await police.post(`/api/v1/contacts/${worksUnit}/duty`, { hours: 'kurrë' })).status, 404);
  const local = ok(await (await site.signIn('coordinator')).get(`/api/v1/contacts/${worksUnit}`));
  assert.deepEqual([local.county, local.municipality, local.type], ['Korçë', 'Korçë', 'child_protection']);
  assert.equal((await (await site.signIn('editor')).get('/api/v1/contacts')).status, 403);
});

test('a report opened through its case counts and has the limit of any other', async () => {
  officer = await site.signIn('duty_officer');
  const id = await newCase(), boss = await site.signIn('supervisor');
  const { reports: [report] } = ok(await officer.get(`/api/v1/cases/${id}`)), me = (await officer.get('/api/v1/account')).json.id;
  const today = async () => ok(await boss.get('/api/v1/load')).workers.find((w) => w.person === me).today;
  assert.equal((await officer.get(`/api/v1/cases/${id}/reports/${id}`)).status, 404);
  const before = await today();
  ok(await officer.get(`/api/v1/cases/${id}/reports/${report}`));
  site.advance(120);
  assert.ok(await today() >= before + 120);
  let status = 200;
  for (let i = 0; i < 20 && status === 200; i++) { site.advance(280); ({ status } = await officer.get(`/api/v1/cases/${id}/reports/${report}`)); }
  assert.equal(status, 429, 'an hour without a break');
  assert.match((await officer.get(`/cases/${id}/reports/${report}`)).text, /pushim/);
  assert.equal((await officer.get(`/api/v1/reports/${report}`)).status, 429);
  assert.equal((await officer.get(`/api/v1/cases/${id}`)).status, 200, 'the case itself stays open');
});

test('what is late is shown to the coordinator, with whom to call and nothing of the case', async () => {
  const coordinator = await site.signIn('coordinator'); // the sessions of the tests before may have ended
  [officer, police] = [await site.signIn('duty_officer'), await site.signIn('contact')];
  const id = await newCase(), { id: referral } = ok(await refer(id, { urgency: 'U1' }), 201);
  const list = async (who = coordinator) => ok(await who.get('/api/v1/referrals/late')).referrals;
  const sent = ok(await police.get('/api/v1/referrals?state=sent')).referrals.find((r) => r.id === referral);
  const mine = (rows) => rows.filter((r) => r.answer_due === sent.answer_due && r.to === policeUnit);
  assert.deepEqual(mine(await list()), [], 'not late yet');
  const { seen } = ok(await police.get(`/api/v1/contacts/${policeUnit}`));
  ok(await police.post(`/api/v1/contacts/${policeUnit}/duty`, { hours: 'gjithmonë', phone: '129', seen }));
  site.advance((Date.parse(sent.answer_due) - 1000 * site.now()) / 1000 + 3 * 3600 + 60);
  const again = [await site.signIn('coordinator'), await site.signIn('oversight'), await site.signIn('contact')];
  for (const who of again.slice(0, 2)) {
    const [row] = mine(await list(who));
    assert.ok(row, 'late');
    assert.deepEqual([row.from_name, row.to_name], [sent.from_name, sent.to_name]);
    assert.deepEqual([row.urgency, row.purpose, row.sent_at, row.unit, row.phone, row.hours], ['U1', 'investigation', sent.sent_at, policeUnit, '129', 'gjithmonë']);
    assert.ok(row.late_minutes >= 180 && row.late_minutes < 200, String(row.late_minutes));
    assert.ok(row.contacts.every((c) => c.name && c.place));
    const text = JSON.stringify(await list(who));
    for (const secret of [referral, id, 'Ju lutem', 'SEXT', 'kërcënoi', 'Korçë']) assert.ok(!text.includes(secret), secret);
    const page = await who.get('/referrals/late', { accept: 'text/html' });
    assert.equal(page.status, 200);
    assert.ok(page.text.includes(row.to_name) && page.text.includes('129') && page.text.includes('3 orë'));
    assert.ok(!page.text.includes(referral) && !page.text.includes(id));
  }
  assert.equal((await again[0].get(`/referrals/${referral}`)).status, 403);
  assert.equal((await again[2].get('/api/v1/referrals/late')).status, 403, 'units see their own lists');
  assert.equal((await again[0].get('/api/v1/referrals/late?after=x')).status, 422);
  ok(await again[2].post(`/api/v1/referrals/${referral}/accept`));
  assert.deepEqual(mine(await list(again[0])), [], 'answered');
});

test('who has no list of referrals finds the points of contact, the protocol and what is late in the menu', async () => {
  for (const [role, late] of [['coordinator', true], ['oversight', true], ['administrator', false], ['contact', false]]) {
    const page = await (await site.signIn(role)).get('/account', { accept: 'text/html' });
    const menu = /<nav[^]*?<\/nav>/.exec(page.text)[0], shows = (path) => menu.includes(`href="${path}"`);
    assert.deepEqual([shows('/contacts'), shows('/protocol'), shows('/referrals/late')], [role !== 'contact', role !== 'contact', late], role);
  }
});
