// A unit that has left a case, by whatever way: with the session it had all the time it reads nothing that was written afterwards,
// on no route; what it had read stands in the trail, and nothing since.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { routes } from '../lib/routes.mjs';
import { table } from '../lib/route_table.mjs';
import { World, ok } from '../lib/world.mjs';

let w, rows;
before(async () => { w = await World.start(); rows = table(w); });
after(() => w?.remove());

const all = routes().filter((r) => r.program === 'desk');
const key = (r) => `${r.method} ${r.path.replace('/api/v1', '')}`;
const random = () => randomBytes(16).toString('hex');
const same = (a) => `${a.status} ${a.headers.location ?? ''} ${a.text}`.replace(/[0-9a-f]{32}/g, 'ID');

// What the trail knows of a person and a thing.
async function trail(person, thing) {
  const found = [];
  for (let from = ''; ;) {
    const { entries, next } = await ok(w.oversight.get(`/api/v1/audit?person=${person}${from ? `&before=${from}` : ''}`));
    found.push(...entries.filter((e) => e.object === thing && e.status === 'ok' && ['open', 'seal'].includes(e.action)));
    if (!next) return found;
    from = next;
  }
}

// What the one who has the case writes after the other has left; the words of it.
async function writeOn(owner, kase) {
  const from = w.words.length, c = `/api/v1/cases/${kase}`;
  await w.opened(8);
  await ok(owner.post(`${c}/notes`, { text: w.secret('pastaj') }));
  await ok(owner.post(`${c}/people`, { role: 'witness', name: w.secret('dëshmitari') }));
  await ok(owner.post(`${c}/assessment`, { risk: 'low', text: w.secret('vlerësimi') }));
  await ok(owner.post(`${c}/plan`, { text: w.secret('plani') }));
  await ok(owner.post(`${c}/tasks`, { title: w.secret('detyra'), due: '2099-01-01' }));
  await ok(owner.post(`${c}/routes`, { kind: 'civil', body: w.secret('gjykata') }));
  await ok(owner.post(`${c}/addresses`, { address: `https://e.example/${w.secret('foto')}` }));
  return w.words.slice(from);
}

// Every route of the case and of the referral, and every list, as the unit that left.
// handed: it handed the case over itself, and is told so where it asks for it; to whom, and nothing more.
async function readsNothing(gone, t, words, handed = false) {
  const old = await trail(gone.id, t.kase);
  t = { ...t, other: random(), version: 1 };
  for (const r of all) {
    const name = key(r), row = rows[name];
    const caseRoute = name.includes(' /cases/{id}'), referralRoute = name.includes(' /referrals/{id}'), list = row.lists;
    if (!caseRoute && !(referralRoute && r.method === 'GET') && !list) continue;
    await w.opened();
    const ids = caseRoute ? row.at(t) : [t.referral];
    const fill = (list_) => { let n = 0; return r.path.replace('{code}', '1').replace(/\{id2?\}/g, () => list_[n++] ?? random()); };
    const answer = await w.call(gone, r, fill(ids), row.body?.(t, gone));
    for (const word of words) assert.ok(!answer.text.includes(word), `${name} shows ${word}`);
    if (!caseRoute) continue;
    const not = await w.call(gone, r, fill(ids.map(random)), row.body?.(t, gone));
    if (handed && name === 'GET /cases/{id}') {
      assert.equal(answer.status, 403, answer.text);
      assert.match(answer.text, /Ky rast iu kalua më .* një njësie tjetër: /);
      continue;
    }
    assert.equal(answer.status, 404, `${name}: ${answer.status}`);
    assert.ok(same(answer) === same(not), `${name}: a case that one has left answers like none`);
  }
  assert.deepEqual(await trail(gone.id, t.kase), old, 'nothing of the case was opened since');
}

const refer = (t, unit, more) => ok(w.officer.post(`/api/v1/cases/${t.kase}/referrals`, { unit, purpose: 'protection', ground: 'child_protection', consent: true, note: w.secret('shpjegimi'), fields: ['person_child', 'text'], more_reason: w.secret('arsyeja'), ...more }));
const whole = () => assert.match(w.site.run(['audit', 'verify', '--data', w.site.data]), /^whole/);

test('handed over: who had it reads nothing of it any more', async () => {
  const t = await w.full();
  await ok(w.officer.get(`/api/v1/cases/${t.kase}`));
  t.referral = (await refer(t, w.W, { kind: 'transfer' })).id;
  await ok(w.worker.post(`/api/v1/referrals/${t.referral}/accept`));
  const words = await writeOn(w.worker, t.kase);
  await readsNothing(w.officer, t, words, true);
  assert.ok((await trail(w.officer.id, t.kase)).length > 0, 'what was read before stands in the trail');
  assert.match(JSON.stringify(await ok(w.worker.get(`/api/v1/cases/${t.kase}`))), new RegExp(words[0]), 'who has it reads it');
  whole();
});

test('handed over and on: neither of those before reads what came after', async () => {
  const t = await w.full();
  t.referral = (await refer(t, w.W, { kind: 'transfer' })).id;
  await ok(w.worker.post(`/api/v1/referrals/${t.referral}/accept`));
  await ok(w.worker.get(`/api/v1/cases/${t.kase}`));
  const third = (await ok(w.worker.post(`/api/v1/cases/${t.kase}/referrals`, { kind: 'transfer', unit: w.P, purpose: 'investigation', ground: 'criminal_procedure', consent: true, note: 'Duhet për rastin.', fields: ['text'], more_reason: 'Duhet për hetimin.' }))).id;
  await ok(w.police.post(`/api/v1/referrals/${third}/accept`));
  const words = await writeOn(w.police, t.kase);
  await readsNothing(w.officer, t, words, true);
  await readsNothing(w.worker, t, words, true);
  assert.ok((await trail(w.worker.id, t.kase)).length > 0, 'what was read before stands in the trail');
  const read = JSON.stringify(await ok(w.police.get(`/api/v1/cases/${t.kase}`)));
  assert.ok(words.slice(0, 2).every((word) => read.includes(word)));
});

test('handed over is final; a transfer that was taken back before leaves its receiver nothing', async () => {
  const t = await w.full();
  t.referral = (await refer(t, w.W, { kind: 'transfer' })).id;
  await ok(w.worker.get(`/api/v1/referrals/${t.referral}`));
  await ok(w.officer.post(`/api/v1/referrals/${t.referral}/revoke`, { reason: 'Gabim, kështu u pa' }));
  await readsNothing(w.worker, t, await writeOn(w.officer, t.kase));
  const second = (await refer(t, w.W, { kind: 'transfer' })).id;
  await ok(w.worker.post(`/api/v1/referrals/${second}/accept`));
  for (const [who, act, body] of [['officer', 'revoke', { reason: 'Arsye e provës.' }], ['worker', 'return', { reason: 'Arsye e provës.' }], ['worker', 'done', { outcome: 'other' }]])
    assert.equal((await w[who].post(`/api/v1/referrals/${second}/${act}`, body)).status, 409, act);
  await readsNothing(w.officer, t, await writeOn(w.worker, t.kase), true);
});

test('revoked after it was taken on: nothing new, and nothing of the referral either', async () => {
  const t = await w.full();
  t.referral = (await refer(t, w.W)).id;
  await ok(w.worker.get(`/api/v1/referrals/${t.referral}`));
  await ok(w.worker.post(`/api/v1/referrals/${t.referral}/accept`));
  const before_ = w.words.slice();
  await ok(w.officer.post(`/api/v1/referrals/${t.referral}/revoke`, { reason: 'Gabim, kështu u pa' }));
  const words = [...await writeOn(w.officer, t.kase), ...before_];
  await readsNothing(w.worker, t, words);
  assert.equal((await w.worker.get(`/api/v1/referrals/${t.referral}`)).status, 403);
  assert.ok((await trail(w.worker.id, t.referral)).length > 0, 'what was read before stands in the trail');
});

for (const [state, act, body] of [['done', 'done', { outcome: 'other' }], ['handed back', 'return', { reason: 'Më shumë, kështu u pa' }]])
  test(`a referral that was ${state}: its receiver reads nothing of what the case tells since`, async () => {
    const t = await w.full();
    t.referral = (await refer(t, w.W)).id;
    await ok(w.worker.get(`/api/v1/referrals/${t.referral}`));
    await ok(w.worker.post(`/api/v1/referrals/${t.referral}/accept`));
    await ok(w.worker.post(`/api/v1/referrals/${t.referral}/${act}`, body));
    const words = await writeOn(w.officer, t.kase);
    await readsNothing(w.worker, t, words);
    for (const [path, json] of [['ask', { text: 'x' }], ['accept', {}], ['done', { outcome: 'other' }], ['return', { reason: 'Arsye e provës.' }], ['notes', { text: 'x' }]])
      assert.ok([403, 409].includes((await w.worker.post(`/api/v1/referrals/${t.referral}/${path}`, json)).status), path);
    assert.ok((await trail(w.worker.id, t.referral)).length > 0, 'what was read before stands in the trail');
  });

test('declined: the offered key opens nothing', async () => {
  const t = await w.full();
  t.referral = (await refer(t, w.W, { kind: 'transfer' })).id;
  await ok(w.worker.get(`/api/v1/referrals/${t.referral}`));
  await ok(w.worker.post(`/api/v1/referrals/${t.referral}/decline`, { reason: 'Jo, kështu u pa' }));
  await readsNothing(w.worker, t, await writeOn(w.officer, t.kase));
  whole();
});
