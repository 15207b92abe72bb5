// What is sent twice is made once: a second touch on the button, a program that sends again because the answer was lost. Other words,
// another person and another number make another thing. Looked at in the rows.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Cases, ok } from '../lib/cases.mjs';

let t;
before(async () => { t = await Cases.start(); });
after(() => t.site.remove());

let n = 0;
const number = () => (++n).toString(16).padStart(32, '7');
const entries = (id, kind) => t.rows(`select @(thing) thing from desk.case_item where home = $id and kind = '${kind}'`, id);
const referrals = (id) => t.rows('select @(id) thing from desk.referral where case_id = $id', id);
const sent = { purpose: 'investigation', ground: 'criminal_procedure', fields: ['category', 'text'], note: 'Ju lutem shikojeni.' };
const things = {
  'a note': { path: 'notes', rows: (id) => entries(id, 'note'), words: () => ({ text: 'Foli me shkollën.' }), other: { text: 'Foli me nënën.' } },
  'a person': { path: 'people', rows: (id) => entries(id, 'person'), words: () => ({ role: 'child', name: 'Ana Provë' }), other: { name: 'Beni Provë' } },
  'a task': { path: 'tasks', rows: (id) => t.rows('select @(id) thing from desk.case_task where case_id = $id', id), words: () => ({ title: 'Telefono', due: '2099-01-01' }), other: { worker: () => t.analyst.id } },
  'a legal route': { path: 'routes', rows: (id) => t.rows('select @(id) thing from desk.case_route where case_id = $id', id), words: () => ({ kind: 'criminal', body: 'Prokuroria' }), other: { body: 'Gjykata' } },
  'a referral': { path: 'referrals', rows: referrals, words: () => ({ unit: t.policeUnit, ...sent }), other: { fields: ['category'] } },
  'a transfer': { path: 'referrals', rows: referrals, words: () => ({ unit: t.policeUnit, kind: 'transfer', ...sent }) },
};

for (const [name, thing] of Object.entries(things)) {
  test(`${name} sent twice at once, and once more, is there once`, async () => {
    const id = await t.open(), c = `/api/v1/cases/${id}/${thing.path}`, words = { ...thing.words(), submission: number() };
    const [one, two] = await Promise.all([ok(t.officer.post(c, words), 201), ok(t.officer.post(c, words), 201)]);
    assert.equal(one.id, two.id);
    assert.equal((await ok(t.officer.post(c, words), 201)).id, one.id, 'a program that asks again');
    assert.deepEqual(thing.rows(id).map((r) => r.thing), [one.id]);
    const history = t.rows(`select action from desk.case_history where case_id = $id and action <> 'read'`, id).map((r) => r.action);
    assert.equal(history.length, 2, `opened, and this: ${history}`);
    assert.equal((await t.officer.post(c, { ...words, submission: 'x' })).status, 422);
    if (!thing.other) return;
    const other = Object.fromEntries(Object.entries(thing.other).map(([k, v]) => [k, typeof v === 'function' ? v() : v]));
    assert.notEqual((await ok(t.officer.post(c, { ...words, ...other }), 201)).id, one.id, 'other words under the same number');
    assert.notEqual((await ok(t.analyst.post(c, { ...words, ...other }), thing.path === 'referrals' ? 409 : 201)).id, one.id, 'of somebody else');
    assert.equal(thing.rows(id).length, thing.path === 'referrals' ? 2 : 3);
  });
}

test('without a number each is one more', async () => {
  const id = await t.open(), note = () => ok(t.officer.post(`/api/v1/cases/${id}/notes`, { text: 'E njëjta.' }), 201);
  assert.notEqual((await note()).id, (await note()).id);
});

const number_of = (page) => /name="submission" value="([0-9a-f]{32})"/.exec(page)?.[1];
test('the page: two touches of one button, each in its own form', async () => {
  const id = await t.open(), c = `/cases/${id}`;
  const fields = { people: { role: 'child', name: 'Ana Provë' }, tasks: { title: 'Telefono', due: '2099-01-01' }, routes: { kind: 'civil' } };
  for (const [path, words] of Object.entries(fields)) {
    const page = (await t.officer.get(`${c}/${path}`)).text, version = /name="version" value="(\d+)"/.exec(page)[1];
    const touches = await Promise.all([0, 1].map(() => t.form(t.officer, `${c}/${path}`, { ...words, version, submission: number_of(page) })));
    assert.deepEqual(touches.map((a) => [a.status, a.headers.location]), [[303, c], [303, c]], path);
  }
  const note = number_of((await t.officer.get(c)).text);
  const notes = await Promise.all([0, 1].map(() => t.form(t.officer, `${c}/notes`, { text: 'Foli.', submission: note })));
  assert.deepEqual(notes.map((a) => a.status), [303, 303]);
  for (const kind of ['person', 'task', 'route', 'note']) assert.equal(entries(id, kind).length, 1, kind);

  const refer = number_of((await t.officer.get(`${c}/refer?unit=${t.policeUnit}&purpose=investigation`)).text);
  const form = { unit: t.policeUnit, purpose: 'investigation', ground: 'criminal_procedure', urgency: 'U1', fields: 'case_number', consent: '1', note: '', submission: refer };
  const went = await Promise.all([0, 1].map(() => t.form(t.officer, `${c}/referrals`, form)));
  const [row] = referrals(id);
  assert.deepEqual(went.map((a) => [a.status, a.headers.location]), Array(2).fill([303, `/referrals/${row.thing}`]), went.map((a) => a.text).join());
  assert.equal(referrals(id).length, 1);
  // Each page has a number of its own.
  assert.notEqual(number_of((await t.officer.get(c)).text), note);
});

test('the receiver\'s own note, twice at once, also as the first', async () => {
  const id = await t.open(), referral = (await ok(t.refer(id), 201)).id, notes = `/api/v1/referrals/${referral}/notes`;
  for (const text of ['E para.', 'E dyta.']) {
    const words = { text, submission: number() };
    const [one, two] = await Promise.all([ok(t.police.post(notes, words), 201), ok(t.police.post(notes, words), 201)]);
    assert.equal(one.id, two.id);
  }
  assert.deepEqual((await ok(t.police.get(`/api/v1/referrals/${referral}`))).notes.map((x) => x.text), ['E para.', 'E dyta.']);
});

test('the same referral is refused while the unit has not answered the first, by whom and how often it is sent', async () => {
  const id = await t.open();
  const answers = await Promise.all([t.officer, t.analyst, t.supervisor, t.officer].map((who) => who.post(`/api/v1/cases/${id}/referrals`, things['a referral'].words())));
  assert.deepEqual(answers.map((a) => a.status).sort(), [201, 409, 409, 409]);
  for (const a of answers.filter((x) => x.status === 409)) assert.match(a.json.message, /e ka tashmë këtë referim/);
  const [first] = referrals(id);
  await ok(t.refer(id, { unit: t.worksUnit, reason: 'Duhet edhe mbrojtja.' }), 201); // another unit
  await ok(t.refer(id, { fields: ['category', 'text', 'county'], reason: 'Edhe qarku duhet.' }), 201); // more is shared
  await ok(t.police.post(`/api/v1/referrals/${first.thing}/ask`, { text: 'Ku?' }));
  assert.equal((await t.refer(id)).status, 409, 'a question is answered, not sent anew');
  await ok(t.officer.post(`/api/v1/referrals/${first.thing}/answer`, { text: 'Këtu.' }));
  await ok(t.police.post(`/api/v1/referrals/${first.thing}/accept`));
  await ok(t.refer(id), 201); // what has come to the case since
});

test('what was done stands in the trail, whole', () => {
  assert.match(t.site.run(['audit', 'verify', '--data', t.site.data]), /^whole/);
});

test('an answer to the reporter, from the report and from its case, twice at once and once more', async () => {
  const said = (report) => t.rows("select @(m.id) id from desk.message m join desk.report r on r.thread = m.thread where m.direction = 2 and r.id = $id", report).length;
  const alone = await t.report();
  await ok(t.officer.post(`/api/v1/reports/${alone}/take`));
  const id = await t.open(), [report] = (await ok(t.officer.get(`/api/v1/cases/${id}`))).reports;
  for (const [path, of] of [[`/reports/${alone}/answer`, alone], [`/cases/${id}/reports/${report}/answer`, report]]) {
    const words = { text: 'Të dëgjojmë.', submission: number() }, post = () => ok(t.officer.post(`/api/v1${path}`, words));
    const [one, two] = await Promise.all([post(), post()]);
    assert.equal(one.seq, two.seq, path);
    assert.equal((await post()).seq, one.seq);
    assert.equal(said(of), 1, path);
    await ok(t.officer.post(`/api/v1${path}`, { ...words, text: 'Edhe kjo.' }));
    assert.equal(said(of), 2, 'other words');
    const page = number_of((await t.officer.get(path.replace('/answer', ''))).text);
    const touches = await Promise.all([0, 1].map(() => t.form(t.officer, path, { text: 'Një herë.', submission: page })));
    assert.deepEqual(touches.map((a) => a.status), [303, 303], path);
    assert.equal(said(of), 3, path);
  }
});
