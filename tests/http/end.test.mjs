// What a former owner of a case had sent goes on when the case is handed over, and holds it. Who has the case now sees it and ends it,
// without its key: the reason stands in the case, the receiver sees that it was revoked, the hold goes. Nobody else can.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Cases, ok } from '../lib/cases.mjs';

let t, colleague;
before(async () => {
  t = await Cases.start();
  colleague = await t.site.signIn(t.site.accounts.find((a) => a.role === 'contact' && a.institution !== 'POLICIA')); // a second session of the new owner
});
after(() => t.site.remove());

// A case with a referral to the police that they hold in that state, handed over to the unit for child protection.
async function inherited(...acts) {
  const id = await t.open(), referral = (await ok(t.refer(id), 201)).id;
  for (const [act, words] of acts) await ok(t.police.post(`/api/v1/referrals/${referral}/${act}`, words));
  const transfer = (await ok(t.refer(id, { kind: 'transfer', unit: t.worksUnit, purpose: 'protection' }), 201)).id;
  await ok(t.works.post(`/api/v1/referrals/${transfer}/accept`));
  return { id, referral, end: (who, reason = 'Rasti është yni tani.') => who.post(`/api/v1/cases/${id}/referrals/${referral}/revoke`, { reason }) };
}
const holds = (id) => t.rows('select @(thing) thing from desk.case_hold where case_id = $id', id).map((h) => h.thing);

test('the new owner ends it with a reason, and the case is held no more', async () => {
  const { id, referral, end } = await inherited(['accept']);
  assert.deepEqual(holds(id), [referral]);
  const [shown] = (await ok(t.works.get(`/api/v1/cases/${id}/shared`))).shared;
  assert.deepEqual([shown.id, shown.state, shown.readable, shown.to], [referral, 'accepted', true, t.policeUnit]);
  assert.notEqual(shown.from, t.worksUnit);
  assert.equal((await t.works.get(`/api/v1/referrals/${referral}`)).status, 404, 'its words are not the new owner\'s');
  for (const place of [`/cases/${id}`, `/cases/${id}/shared`, `/cases/${id}/refer`]) {
    const page = (await t.works.get(place)).text;
    assert.ok(!page.includes(`href="/referrals/${referral}"`), `${place}: no link that leads nowhere`);
  }
  const page = (await t.works.get(`/cases/${id}/shared`)).text;
  assert.ok(page.includes(`action="/cases/${id}/referrals/${referral}/revoke"`) && !page.includes(`action="/referrals/${referral}/revoke"`));
  assert.ok(page.includes(shown.from_name), 'whose it was');
  const close = await t.works.post(`/api/v1/cases/${id}/close`, { outcome: 'other' });
  assert.deepEqual([close.status, close.json.holds.map((h) => h.thing)], [409, [referral]]);

  for (const [who, status] of [[t.officer, 404], [t.police, 404], [t.oversight, 403]]) assert.equal((await end(who)).status, status);
  for (const reason of ['', ' ', '.']) assert.equal((await end(t.works, reason)).status, 422);
  assert.equal((await t.works.post(`/api/v1/cases/${id}/referrals/${id}/revoke`, { reason: 'Arsye e provës.' })).status, 404);
  assert.deepEqual(holds(id), [referral]);
  assert.deepEqual(await ok(end(t.works)), { id: referral, state: 'revoked' });

  assert.deepEqual(holds(id), []);
  const kase = await ok(t.works.get(`/api/v1/cases/${id}`)), entry = kase.timeline.find((l) => l.kind === 'referral_ended');
  assert.deepEqual([entry.thing, entry.unit, /Rasti është yni tani\./.test(entry.text)], [referral, t.worksUnit, true]);
  assert.deepEqual(kase.history.filter((h) => h.action === 'referral_ended').map((h) => h.unit), [t.worksUnit]);
  await ok(t.works.post(`/api/v1/cases/${id}/close`, { outcome: 'other' }));
  // Both sides of the referral see it, and nobody of them reads the reason.
  const news = async (who) => (await ok(who.get('/api/v1/referrals?state=revoked'))).referrals.find((r) => r.id === referral).news;
  assert.deepEqual([await news(t.police), await news(t.officer)], [true, true], 'both hear of it');
  const theirs = await t.police.get(`/api/v1/referrals/${referral}`);
  assert.equal(theirs.status, 403);
  await ok(t.officer.get(`/api/v1/referrals/${referral}`));
  assert.deepEqual([await news(t.police), await news(t.officer)], [false, false], 'until they read it');
  assert.match(theirs.json.message, /u mor mbrapsht më/);
  for (const who of [t.police, t.officer]) assert.equal((await ok(who.get('/api/v1/referrals?state=revoked'))).referrals.find((r) => r.id === referral).state, 'revoked');
  assert.match((await t.officer.get(`/referrals/${referral}`)).text, /U tërhoq nga njësia që përgjigjet tani për rastin/);
  assert.ok(!(await t.officer.get(`/referrals/${referral}`)).text.includes('yni tani'));
  assert.deepEqual(t.rows(`select count(*) n from desk.unit_wrap where home = $id`, referral)[0].n, 1, 'the receiver\'s key is gone, the sender\'s stays');
  // The trail: the case, and which referral.
  const { entries } = await ok(t.oversight.get('/api/v1/audit?action=referral_revoked'));
  assert.ok(entries.some((e) => e.object === id && e.object2 === referral && e.status === 'ok'));
  assert.equal((await end(t.works)).status, 409, 'once');
  assert.equal((await t.officer.post(`/api/v1/referrals/${referral}/revoke`, { reason: 'Arsye e provës.' })).status, 409);
});

test('by the page: the reason is asked for, and nothing typed is lost where it is too late', async () => {
  const { id, referral, end } = await inherited(), action = `/cases/${id}/referrals/${referral}/revoke`;
  const empty = await t.form(t.works, action, { reason: ' ' });
  assert.equal(empty.status, 422);
  assert.ok(empty.text.includes(`href="/cases/${id}/shared"`));
  const done = await t.form(t.works, action, { reason: 'Nuk duhet më.' });
  assert.deepEqual([done.status, done.headers.location], [303, `/cases/${id}/shared`]);
  const late = await t.form(t.works, action, { reason: 'arsyeja ime' });
  assert.equal(late.status, 409);
  assert.ok(late.text.includes('arsyeja ime') && late.text.includes(`href="/cases/${id}/shared"`));
  assert.equal((await end(t.works)).status, 409);
});

test('what is finished is ended too: its copy is closed, how it ended stays', async () => {
  const { id, referral, end } = await inherited(['accept'], ['done', { outcome: 'other' }]);
  assert.deepEqual(holds(id), []);
  assert.equal((await ok(end(t.works))).state, 'done');
  assert.equal((await t.police.get(`/api/v1/referrals/${referral}`)).status, 403);
  assert.deepEqual((await ok(t.works.get(`/api/v1/cases/${id}/shared`))).shared.filter((s) => s.id === referral).map((s) => [s.state, s.readable]), [['done', false]]);
});

test('one\'s own is revoked with its key, where its receiver reads why', async () => {
  const id = await t.open(), referral = (await ok(t.refer(id), 201)).id;
  assert.equal((await t.officer.post(`/api/v1/cases/${id}/referrals/${referral}/revoke`, { reason: 'Arsye e provës.' })).status, 409);
  assert.deepEqual(holds(id), [referral]);
});

test('two of the new owner at once, and against the receiver and the former owner: one wins', async () => {
  for (const [name, call] of [
    ['both', ({ end }) => end(colleague)],
    ['the former owner', ({ referral }) => t.officer.post(`/api/v1/referrals/${referral}/revoke`, { reason: 'Arsye e provës.' })],
    ['declined', ({ referral }) => t.police.post(`/api/v1/referrals/${referral}/decline`, { reason: 'Arsye e provës.' })],
    ['accepted', ({ referral }) => t.police.post(`/api/v1/referrals/${referral}/accept`)],
  ]) for (let round = 0; round < 3; round++) {
    const made = await inherited(), calls = [() => made.end(t.works), () => call(made)];
    const answers = round % 2 ? (await Promise.all([calls[1](), calls[0]()])).reverse() : await Promise.all(calls.map((f) => f()));
    const said = answers.map((a) => `${a.status} ${a.text}`).join('; ');
    for (const a of answers) assert.ok([200, 403, 409].includes(a.status), said);
    const done = answers.filter((a) => a.status === 200).length;
    if (name === 'accepted') assert.equal(answers[0].status, 200, said); // what was accepted may still be taken back
    else assert.equal(done, 1, `${name}: ${said}`);
    const p = t.whole(made.id);
    assert.deepEqual(p.holds, [], name);
    assert.equal(p.history.filter((h) => h.b === made.referral && ['referral_revoke', 'referral_ended', 'referral_decline', 'referral_accept'].includes(h.state)).length, done, name);
    await t.later(61);
  }
});

test('what was done stands in the trail, whole', () => {
  assert.match(t.site.run(['audit', 'verify', '--data', t.site.data]), /^whole/);
});
