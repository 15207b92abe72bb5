// Two, and eight, at once: the same step, and steps of which only one can be. One wins, the others are told that it is too late; the
// rows and the history say what the answers said, and what must be true of a case is true whoever was first.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Cases, ok } from '../lib/cases.mjs';

let t;
before(async () => { t = await Cases.start(); });
after(() => t.site.remove());

const desk = () => [t.officer, t.analyst, t.supervisor];
const many = (n, call) => Promise.all(Array.from({ length: n }, (_, i) => call(desk()[i % 3], i)));
const done = (answers) => answers.filter((a) => a.status === 200 || a.status === 201);
const said = (answers) => answers.map((a) => `${a.status} ${a.json?.message ?? ''}`).join('; ');
// Each answer is done or 409, one is done, and the case has one entry and one line of history more; an entry too of a new key, a line
// of a new owner.
function one(id, before, answers, words) {
  for (const a of answers) assert.ok([200, 201, 409].includes(a.status), `${words}: ${a.status} ${a.text}`);
  assert.equal(done(answers).length, 1, `${words}: ${said(answers)}`);
  const p = t.whole(id);
  const keys = (of) => of.filter((e) => e.state === 'key').length, renewed = keys(p.entries) - keys(before.entries);
  assert.ok(renewed <= 1, words);
  assert.equal(p.entries.length, before.entries.length + 1 + renewed, words);
  assert.equal(p.history.length, before.history.length + 1 + (p.file.a !== before.file.a), words);
  return p;
}
const put = (who, place, stage) => who.call('PUT', `/api/v1${place}`, { stage, text: 'Arsye e provës.' });
const thing = async (id, kind, json) => (await ok(t.officer.post(`/api/v1/cases/${id}/${kind}`, json), 201)).id;

// ── the same step ──
const same = {
  'the plan approved': ['assessed', async (id) => {
    await ok(t.officer.post(`/api/v1/cases/${id}/plan`, { text: 'x' }), 201);
    return (who) => (who === t.officer ? t.analyst : who).post(`/api/v1/cases/${id}/state`, { state: 'planned' });
  }],
  'the work begun': ['planned', (id) => (who) => who.post(`/api/v1/cases/${id}/state`, { state: 'implementing' })],
  'review': ['implementing', (id) => (who) => who.post(`/api/v1/cases/${id}/state`, { state: 'review' })],
  'closing asked for': ['review', (id) => (who) => who.post(`/api/v1/cases/${id}/close`, { outcome: 'other' })],
  'closed': ['closing', (id) => (who) => (who === t.officer ? t.analyst : who).post(`/api/v1/cases/${id}/close/approve`)],
  'opened again': ['closed', (id) => (who) => who.post(`/api/v1/cases/${id}/reopen`, { reason: 'Arsye e provës.' })],
  'a task done': ['registered', async (id) => { const x = await thing(id, 'tasks', { title: 'x', due: '2099-01-01' }); return (who) => who.post(`/api/v1/cases/${id}/tasks/${x}/done`); }],
  'a stage': ['registered', async (id) => { const x = await thing(id, 'routes', { kind: 'criminal' }); return (who) => put(who, `/cases/${id}/routes/${x}`, 'registered'); }],
  'an address gone': ['registered', async (id) => { const x = await thing(id, 'addresses', { address: 'https://rrjeti.example/x' }); return (who) => put(who, `/cases/${id}/addresses/${x}`, 'gone'); }],
  'a referral accepted': ['registered', async (id) => { const r = (await ok(t.refer(id), 201)).id; return () => t.police.post(`/api/v1/referrals/${r}/accept`); }],
  'a transfer accepted': ['registered', async (id) => { const r = (await ok(t.refer(id, { kind: 'transfer' }), 201)).id; return () => t.police.post(`/api/v1/referrals/${r}/accept`); }],
  'a referral revoked': ['registered', async (id) => { const r = (await ok(t.refer(id), 201)).id; return (who) => who.post(`/api/v1/referrals/${r}/revoke`, { reason: 'Arsye e provës.' }); }],
};
for (const [name, [state, make]] of Object.entries(same))
  test(`${name}, by several at once, happens once`, async () => {
    for (const n of [2, 8]) {
      const id = await t.at(state), call = await make(id), before = t.picture(id);
      const p = one(id, before, await many(n, call), `${name} by ${n}`);
      if (name === 'a transfer accepted') assert.equal(p.file.a, t.policeUnit);
    }
  });

test('one report, eight cases at once: it is in one', async () => {
  const report = await t.report(), answers = await many(8, (who) => who.post('/api/v1/cases', { reports: [report] }));
  assert.equal(done(answers).length, 1, said(answers));
  assert.equal(t.rows('select @(case_id) id from desk.case_report where report = $id', report).length, 1);
  assert.equal(t.rows(`select 1 from desk.history where report = $id and action = 'in_case'`, report).length, 1);
});

test('one report, taken by eight at once: one has it', async () => {
  const report = await t.report(), answers = await many(8, (who) => who.post(`/api/v1/reports/${report}/take`));
  assert.equal(done(answers).length, 1, said(answers));
  const [row] = t.rows('select @(taken_by) who from desk.report where id = $id', report);
  assert.equal(row.who, desk()[answers.findIndex((a) => a.status === 200) % 3].id);
  assert.equal(t.rows(`select 1 from desk.history where report = $id and action = 'taken'`, report).length, 1);
});

// ── steps of which only one can be ──
const accepted = async (id, more) => { const r = (await ok(t.refer(id, more), 201)).id; await ok(t.police.post(`/api/v1/referrals/${r}/accept`)); return r; };
const against = {
  'a transfer accepted and revoked': ['registered', async (id) => { const r = (await ok(t.refer(id, { kind: 'transfer' }), 201)).id; return [() => t.police.post(`/api/v1/referrals/${r}/accept`), () => t.officer.post(`/api/v1/referrals/${r}/revoke`, { reason: 'Arsye e provës.' })]; }, true],
  'accepted and declined': ['registered', async (id) => { const r = (await ok(t.refer(id), 201)).id; return [() => t.police.post(`/api/v1/referrals/${r}/accept`), () => t.police.post(`/api/v1/referrals/${r}/decline`, { reason: 'Arsye e provës.' })]; }],
  'done and handed back': ['registered', async (id) => { const r = await accepted(id); return [() => t.police.post(`/api/v1/referrals/${r}/done`, { outcome: 'other' }), () => t.police.post(`/api/v1/referrals/${r}/return`, { reason: 'Arsye e provës.' })]; }],
  'closed and withdrawn': ['closing', (id) => [() => t.supervisor.post(`/api/v1/cases/${id}/close/approve`), () => t.analyst.post(`/api/v1/cases/${id}/state`, { state: 'review' })]],
  'dismissed and to court': ['registered', async (id) => { const x = await thing(id, 'routes', { kind: 'criminal', stage: 'prosecutor' }), place = `/cases/${id}/routes/${x}`; return [() => put(t.officer, place, 'dismissed'), () => put(t.analyst, place, 'court')]; }],
  'gone and left': ['registered', async (id) => { const x = await thing(id, 'addresses', { address: 'https://rrjeti.example/x' }), place = `/cases/${id}/addresses/${x}`; return [() => put(t.officer, place, 'gone'), () => put(t.analyst, place, 'left')]; }],
};
for (const [name, [state, make, either]] of Object.entries(against))
  test(`${name} at once: one of them`, async () => {
    for (let round = 0; round < 6; round++) {
      const id = await t.at(state), [left, right] = await make(id), before = t.picture(id);
      // The second a little later in later rounds, so that either may be first.
      const calls = round % 2 ? [right, left] : [left, right];
      const first = calls[0]();
      if (round > 3) await new Promise((go) => setTimeout(go, 3 * round));
      const answers = await Promise.all([first, calls[1]()]);
      if (either && answers.some((a) => a.status === 403)) answers.find((a) => a.status === 403).status = 409; // revoked: no key any more
      one(id, before, answers, `${name}, round ${round}`);
    }
  });

test('two transfers sent at once: one is under way', async () => {
  for (let round = 0; round < 5; round++) {
    const id = await t.at('planned');
    const answers = await Promise.all([t.refer(id, { kind: 'transfer' }), t.refer(id, { kind: 'transfer', unit: t.worksUnit })]);
    assert.deepEqual(answers.map((a) => a.status).sort(), [201, 409], said(answers));
    const sent = done(answers)[0].json.id, p = t.whole(id);
    assert.equal(p.stage(sent), 'sent');
    assert.deepEqual(p.holds.map((h) => h.id), [sent], 'nothing else holds the case');
    await ok(t.officer.post(`/api/v1/referrals/${sent}/revoke`, { reason: 'Arsye e provës.' }));
    await ok(t.refer(id, { kind: 'transfer' }), 201);
  }
});

// What was accepted may still be taken back: then both happen, in that order and no other.
test('a referral accepted and revoked at once', async () => {
  for (let round = 0; round < 6; round++) {
    const id = await t.at('registered'), r = (await ok(t.refer(id), 201)).id;
    const calls = [() => t.police.post(`/api/v1/referrals/${r}/accept`), () => t.officer.post(`/api/v1/referrals/${r}/revoke`, { reason: 'Arsye e provës.' })];
    const answers = round % 2 ? (await Promise.all([calls[1](), calls[0]()])).reverse() : await Promise.all(calls.map((f) => f()));
    for (const a of answers) assert.ok([200, 403, 409].includes(a.status), a.text);
    const p = t.whole(id), acts = p.history.filter((h) => h.b === r && h.state !== 'referral_sent').map((h) => h.state);
    assert.deepEqual(acts, [...(answers[0].status === 200 ? ['referral_accept'] : []), ...(answers[1].status === 200 ? ['referral_revoke'] : [])]);
    assert.ok(acts.length > 0);
    assert.equal(p.stage(r), acts.at(-1) === 'referral_revoke' ? 'revoked' : 'accepted');
    assert.equal(p.holds.length, acts.at(-1) === 'referral_revoke' ? 0 : 1);
    if (acts.at(-1) === 'referral_revoke') assert.equal((await t.police.get(`/api/v1/referrals/${r}`)).status, 403);
  }
});

// What is done can still be taken back, what was taken back cannot be done; either way the copy is closed if the sender was told so.
test('a referral done and revoked at once', async () => {
  for (let round = 0; round < 6; round++) {
    const id = await t.at('registered'), r = await accepted(id);
    const calls = [() => t.police.post(`/api/v1/referrals/${r}/done`, { outcome: 'other' }), () => t.officer.post(`/api/v1/referrals/${r}/revoke`, { reason: 'Arsye e provës.' })];
    const [did, took] = round % 2 ? (await Promise.all([calls[1](), calls[0]()])).reverse() : await Promise.all(calls.map((f) => f()));
    for (const a of [did, took]) assert.ok([200, 403, 409].includes(a.status), a.text);
    assert.ok(did.status === 200 || took.status === 200, said([did, took]));
    const p = t.whole(id);
    assert.equal(p.stage(r), did.status === 200 ? 'done' : 'revoked');
    assert.deepEqual(p.holds, []);
    assert.equal((await t.police.get(`/api/v1/referrals/${r}`)).status, took.status === 200 ? 403 : 200);
  }
});

// ── closing against whatever opens something ──
const illegal = ['risk_kind:content', 'risk_nature:sexual', 'incident:CSAM', 'verdict:illegal_baseline', 'age_group:unknown', 'severity:A1'];
const reportOf = (id) => t.rows('select @(report) id from desk.case_report where case_id = $id', id)[0].id;
const opens = {
  'a legal route': (id) => t.analyst.post(`/api/v1/cases/${id}/routes`, { kind: 'civil' }),
  'an address': (id) => t.analyst.post(`/api/v1/cases/${id}/addresses`, { address: 'https://rrjeti.example/x' }),
  'a task': (id) => t.analyst.post(`/api/v1/cases/${id}/tasks`, { title: 'x', due: '2099-01-01' }),
  'a referral': (id) => t.refer(id),
  'an address that is back': async (id) => put(t.analyst, `/cases/${id}/addresses/${t.gone}`, 'back'),
  'a dismissed route, heard again': async (id) => put(t.analyst, `/cases/${id}/routes/${t.dismissed}`, 'prosecutor'),
  'an illegal verdict': (id) => t.supervisor.post(`/api/v1/reports/${reportOf(id)}/assessment`, { answers: illegal }),
};
for (const [name, open] of Object.entries(opens))
  test(`closing and ${name} at once: never both`, async () => {
    for (let round = 0; round < 8; round++) {
      const id = await t.at('implementing'), verdict = name === 'an illegal verdict', report = reportOf(id);
      t.gone = await thing(id, 'addresses', { address: 'https://rrjeti.example/g' });
      await ok(put(t.officer, `/cases/${id}/addresses/${t.gone}`, 'gone'));
      t.dismissed = await thing(id, 'routes', { kind: 'criminal', stage: 'dismissed' });
      const asks = round < 4;
      if (!asks) await ok(t.officer.post(`/api/v1/cases/${id}/close`, { outcome: 'other' }));
      const close = () => (asks ? t.officer.post(`/api/v1/cases/${id}/close`, { outcome: 'other' }) : t.supervisor.post(`/api/v1/cases/${id}/close/approve`));
      const answers = round % 2 ? (await Promise.all([open(id), close()])).reverse() : await Promise.all([close(), open(id)]);
      for (const a of answers) assert.ok([200, 201, 409].includes(a.status), `${name}: ${a.status} ${a.text}`);
      const p = t.whole(id), closed = answers[0].status === 200, opened = answers[1].status < 300;
      assert.equal(p.file.state, closed ? (asks ? 'closing' : 'closed') : asks ? 'implementing' : 'closing');
      if (!asks && !verdict) assert.ok(!(closed && opened), `${name}: closed, and open`);
      if (opened && !closed) assert.equal(answers[0].json.holds.length, 1, answers[0].text);
      if (!asks && closed && verdict) { // a verdict on a closed case's report is refused, or came before and held it
        const waits = t.rows('select verdict from desk.assessment where report = $id', report).length;
        assert.equal(waits, 0, 'closed while a verdict waits for its second person');
      }
    }
  });

test('a plan approved while a newer one is written: what is planned is the newest', async () => {
  for (let round = 0; round < 8; round++) {
    const id = await t.at('assessed');
    await ok(t.officer.post(`/api/v1/cases/${id}/plan`, { text: 'i pari' }), 201);
    const approve = () => t.supervisor.post(`/api/v1/cases/${id}/state`, { state: 'planned' });
    const write = () => (round < 4 ? t.analyst : t.supervisor).post(`/api/v1/cases/${id}/plan`, { text: 'i dyti' });
    const answers = round % 2 ? await Promise.all([write(), approve()]) : await Promise.all([approve(), write()]);
    for (const a of answers) assert.ok([200, 201, 403, 409].includes(a.status), a.text);
    t.whole(id);
  }
});

// ── decisions of two persons ──
test('asked for and approved, refused, by several at once: decided once, and not by who asked', async () => {
  for (const [ask, place, who, asker] of [
    [(id) => t.officer.post('/api/v1/access', { thing: id, reason: 'own', identity: 'receipt' }), 'access', [t.analyst, t.supervisor], t.officer],
    [(id) => t.supervisor.post('/api/v1/retention/erasures', { thing: id, reason: 'asked' }), 'retention/erasures', [t.oversight, t.oversight], t.supervisor],
  ])
    for (let round = 0; round < 4; round++) {
      const id = await t.at('closed'), asked = await Promise.all([ask(id), ask(id)]);
      assert.equal(done(asked).length, 1, `asked twice at once: ${said(asked)}`);
      const request = done(asked)[0].json.id;
      for (const verb of ['approve', 'refuse']) assert.equal((await asker.post(`/api/v1/${place}/${request}/${verb}`)).status, 403, 'nobody decides about his own');
      const verbs = round < 2 ? ['approve', 'refuse'] : Array.from({ length: 8 }, (_, i) => (i % 2 ? 'approve' : 'refuse'));
      const answers = await Promise.all(verbs.map((verb, i) => who[i % 2].post(`/api/v1/${place}/${request}/${verb}`)));
      for (const a of answers) assert.ok([200, 409].includes(a.status), `${place}: ${a.status} ${a.text}`);
      assert.equal(done(answers).length, 1, `${place}: ${said(answers)}`);
      const verb = verbs[answers.findIndex((a) => a.status === 200)];
      const [row] = t.rows(`select state, @(asked_by) a, @(decided_by) b from desk.${place === 'access' ? 'access' : 'erasure'} where id = $id`, request);
      assert.equal(row.state, verb === 'refuse' ? 'refused' : place === 'access' ? 'approved' : 'done');
      assert.notEqual(row.a, row.b);
      // What was refused is whole; what was erased opens no more.
      const opened = (await t.officer.get(`/api/v1/cases/${id}`)).status;
      assert.equal(opened, place !== 'access' && verb === 'approve' ? 404 : 200);
    }
});

test('what was done stands in the trail, whole', () => {
  assert.match(t.site.run(['audit', 'verify', '--data', t.site.data]), /^whole/);
});
