// What must be said before anything of a case leaves: a reason that is one, by API and page, in both languages, and nothing typed is lost.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Cases, ok } from '../lib/cases.mjs';

let t, id;
before(async () => { t = await Cases.start(); id = await t.open(); });
after(() => t.site.remove());

const send = (json, to = id) => t.officer.post(`/api/v1/cases/${to}/referrals`, { unit: t.policeUnit, purpose: 'investigation', ground: 'criminal_procedure', fields: ['case_number'], ...json });
const errors = async (promise, ...fields) => {
  const answer = await promise;
  assert.equal(answer.status, 422, answer.text);
  assert.deepEqual(answer.json.errors.map((e) => e.field), fields);
  return answer.json.errors[0].message;
};
const page = (fields, lang = 'sq') => t.form(t.officer, `/cases/${id}/referrals`, { unit: t.policeUnit, purpose: 'investigation', ground: 'criminal_procedure', urgency: 'U1', fields: 'case_number', lang, ...fields });
const none = () => assert.deepEqual(t.rows('select @(id) id from desk.referral where case_id = $id', id), []);
const shorts = ['x', '.', 'nëntë wor', `   ${'ë'.repeat(9)} \n `];

test('a short note or reason is no reason to do without consent', async () => {
  for (const short of shorts) for (const field of ['note', 'reason'])
    assert.match(await errors(send({ [field]: short }), 'reason'), /pse jepet gjithsesi, me të paktën 10 shenja/, `${field} ${short}`);
  await errors(send({ note: 'nëntë wor', reason: 'nëntë wor' }), 'reason');
  none();
  await ok(send({ reason: 'ë'.repeat(10) }), 201);
  assert.equal(t.rows('select consent from desk.referral where case_id = $id', id).length, 1);
});

test('nor to share more than the template says', async () => {
  for (const short of shorts) for (const field of ['note', 'reason', 'more_reason'])
    assert.match(await errors(send({ consent: true, fields: ['contact'], [field]: short }), 'more_reason'), /me të paktën 10 shenja/);
  await ok(send({ consent: true, fields: ['contact'], more_reason: 'Duhet të thirret sonte.' }), 201);
});

test('the page says so at the field, in both languages, with all that was typed', async () => {
  for (const [lang, without, more] of [['sq', 'me të paktën 10 shenja', 'shkruani pse duhet, me të paktën 10 shenja'], ['en', 'in at least 10 characters', 'write why it is needed, in at least 10 characters']]) {
    const at = (answer, field) => new RegExp(`<p class="error" id="${field}-error">[^]*?</p>`).exec(answer.text)?.[0] ?? '';
    const first = await page({ note: 'shënim im', reason: 'shkurt' }, lang);
    assert.equal(first.status, 422, first.text);
    assert.ok(at(first, 'reason').includes(without), lang);
    for (const typed of ['shënim im', 'shkurt']) assert.ok(first.text.includes(typed), typed);
    const second = await page({ note: 'nuk e dua', reason: 'Rrezik për jetën.', fields: 'contact', more_reason: 'pak' }, lang);
    assert.equal(second.status, 422);
    assert.ok(at(second, 'more_reason').includes(more), lang);
    for (const typed of ['nuk e dua', 'Rrezik për jetën.', 'pak']) assert.ok(second.text.includes(typed), typed);
    assert.match(second.text, /value="contact"[^>]* checked/);
  }
});

test('and a case file without consent wants one too', async () => {
  const file = (reason) => t.officer.post(`/api/v1/cases/${id}/casefile`, { way: 'outside', recipient: 'Gjykata', ground: 'criminal_procedure', reason });
  for (const short of shorts) assert.match(await errors(file(short), 'reason'), /të paktën 10 shenja/);
  await ok(file('E kërkoi gjykata.'), 201);
});

test('less urgent than the case: with a reason, which both sides read, and the trail says it', async () => {
  const kase = await t.open(), { urgency } = await ok(t.officer.get(`/api/v1/cases/${kase}`));
  assert.equal(urgency, 'U1', 'a report in danger');
  for (const short of ['', ...shorts]) assert.match(await errors(send({ consent: true, urgency: 'U3', urgency_reason: short }, kase), 'urgency_reason'), /të paktën 10 shenja/);
  assert.equal((await send({ note: 'Ju lutem shikojeni.', urgency: 'U2' }, kase)).status, 422, 'no other field says it');
  const form = { unit: t.policeUnit, purpose: 'investigation', ground: 'criminal_procedure', urgency: 'U4', fields: 'case_number', consent: '1', note: 'shënim im', urgency_reason: 'pak' };
  for (const [lang, said] of [['sq', 'Zgjodhët më pak urgjencë se ajo e rastit'], ['en', 'You chose less urgency than the case has']]) {
    const page = await t.form(t.officer, `/cases/${kase}/referrals`, { ...form, lang });
    assert.equal(page.status, 422, page.text);
    assert.match(page.text, new RegExp(`<details open>[^]*<p class="error" id="urgency_reason-error">[^]*${said}`), lang);
    assert.match(page.text, /<option value="4" selected>/);
    assert.match(page.text, /name="note"[^]*?>\s*shënim im</);
    assert.match(page.text, /name="urgency_reason"[^]*?>\s*pak</);
  }
  assert.deepEqual(t.rows('select @(id) id from desk.referral where case_id = $id', kase), []);

  const why = 'Fëmija është i sigurt te gjyshja.', lower = (await ok(send({ consent: true, urgency: 'U3', urgency_reason: why }, kase), 201)).id;
  for (const who of [t.officer, t.police]) {
    const read = await ok(who.get(`/api/v1/referrals/${lower}`));
    assert.deepEqual([read.urgency, read.urgency_reason], ['U3', why]);
    assert.ok((await who.get(`/referrals/${lower}`)).text.includes(why));
  }
  const same = (await ok(send({ consent: true, urgency: 'U1', urgency_reason: why, unit: t.worksUnit, more_reason: 'Duhet numri i rastit.' }, kase), 201)).id;
  assert.equal((await ok(t.works.get(`/api/v1/referrals/${same}`))).urgency_reason, null, 'nothing was lowered');
  const { entries } = await ok(t.oversight.get('/api/v1/audit'));
  const detail = (id) => Buffer.from(entries.find((e) => e.action === 'referral' && e.object === id).detail, 'hex').toString();
  assert.match(detail(lower), /urgency U3 of U1/);
  assert.match(detail(same), /urgency U1 of U1/);
  assert.ok(!detail(lower).includes('gjyshja'));
});

test('more persons than a referral takes: said before, refused with everything typed; fewer roles go, and nobody is left out', async () => {
  const kase = await t.open(), c = `/api/v1/cases/${kase}`, people = (role, name) => ok(t.officer.post(`${c}/people`, { role, name }), 201);
  await people('child', 'Ana Provë');
  for (let i = 1; i <= 60; i++) await people('witness', `Dëshmitari ${i}.`);
  await t.later(61);
  const form = `/cases/${kase}/refer?unit=${t.worksUnit}&purpose=protection`;
  const words = { unit: t.worksUnit, purpose: 'protection', ground: 'child_protection', consent: true, more_reason: 'Duhen të gjithë dëshmitarët.' };
  for (const [lang, many, refused] of [['sq', 'Ky rast ka 61 persona, dhe një referim merr më së shumti 60', 'Një referim merr më së shumti 60 persona'],
    ['en', 'This case has 61 persons, and one referral takes at most 60', 'One referral takes at most 60 persons']]) {
    assert.ok((await t.officer.get(`${form}&lang=${lang}`)).text.includes(many), lang);
    const page = await t.form(t.officer, `/cases/${kase}/referrals`, { ...words, consent: '1', urgency: 'U1', note: 'shënimi im', lang, fields: ['person_child', 'person_witness'] });
    assert.equal(page.status, 422, page.text);
    assert.match(page.text, new RegExp(`<p class="error" id="fields-error">[^<]*<span[^]*?</span>${refused}`), lang);
    for (const typed of ['shënimi im', words.more_reason]) assert.ok(page.text.includes(typed));
    for (const field of ['person_child', 'person_witness']) assert.match(page.text, new RegExp(`value="${field}"[^>]* checked`));
  }
  assert.match(await errors(t.officer.post(`${c}/referrals`, { ...words, fields: ['person_child', 'person_witness'] }), 'fields'), /më së shumti 60 persona/);
  assert.deepEqual(t.rows('select @(id) id from desk.referral where case_id = $id', kase), []);
  for (const [fields, n] of [[['person_child'], 1], [['person_witness'], 60]]) {
    const { id: referral } = await ok(t.officer.post(`${c}/referrals`, { ...words, fields }), 201);
    const read = await ok(t.works.get(`/api/v1/referrals/${referral}`));
    assert.equal(read.fields.length, n);
    assert.equal(new Set(read.fields.map((f) => f.value)).size, n);
  }
  // A case file asks for each by itself, and shows them all.
  const { persons } = await ok(t.officer.get(`${c}/casefile`));
  assert.equal(persons.length, 61);
  const file = await ok(t.officer.post(`${c}/casefile`, { way: 'print', recipient: 'Gjykata', ground: 'criminal_procedure', consent: true, persons: persons.map((p) => p.id) }));
  assert.equal(file.parts.filter((p) => p.kind === 'person').length, 61);
  assert.equal((await t.officer.get(`/cases/${kase}/casefile`)).text.match(/name="persons"/g).length, 61);
});
