// Every step of a report, a case, a legal route, an address and a referral, tried from every state, by the API and by the page's
// form. What may follow is written down here once more, from the specification; all else is refused and changes no row.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Cases, ok } from '../lib/cases.mjs';

let t, other; // other: a report that a duplicate repeats
before(async () => {
  t = await Cases.start();
  other = await t.report();
});
after(() => t.site.remove());

const source = (file) => fs.readFileSync(path.join(import.meta.dirname, '../../src', file), 'utf8');
const table = (text) => Object.fromEntries(text.trim().split('\n').map((line) => {
  const [name, ...next] = line.trim().split(/ → | /);
  return [name, next];
}));

// ── what may follow what ──
const life = {
  case: table(`registered → assessed closing
    assessed → planned closing
    planned → assessed implementing closing
    implementing → assessed review closing
    review → assessed planned implementing closing
    closing → review closed
    closed → review`),
  report: table(`new → taken spam
    taken → new assessed answered in_case duplicate spam withdrawn closed
    assessed → taken answered in_case duplicate spam withdrawn closed
    answered → assessed in_case duplicate withdrawn closed
    in_case → taken assessed answered closed
    duplicate → taken closed
    spam → taken closed
    withdrawn → taken closed
    closed → taken in_case duplicate`),
};
const court = (first) => table(`filed → ${first} decided withdrawn
  ${first} → decided withdrawn
  decided → appeal final
  appeal → ${first} final withdrawn
  final
  withdrawn`);
const ways = {
  criminal: table(`reported → registered dismissed withdrawn
    registered → investigation dismissed withdrawn
    investigation → prosecutor dismissed withdrawn
    prosecutor → investigation dismissed court withdrawn
    dismissed → prosecutor
    court → first_instance withdrawn
    first_instance → appeal final
    appeal → final first_instance
    final
    withdrawn`),
  civil: court('hearing'), protection: court('hearing'), administrative: court('examined'),
  content: table(`up → asked gone left
    asked → up gone left
    gone → back
    back → asked gone left
    left → asked back
    noted → up asked gone left`),
};
const ends = ['dismissed', 'final', 'withdrawn', 'gone', 'left', 'noted'];

test('the tables of the program say the same', () => {
  for (const [what, file] of [['case', 'casework/states.c'], ['report', 'report/states.c']]) {
    const text = source(file), said = {};
    for (const [, name, next] of text.matchAll(/\] = \{"(\w+)", ((?:TO\(\w+\)(?:\s*\|\s*)?)+)/g))
      said[name] = [...next.matchAll(/TO\((\w+)\)/g)].map((m) => m[1].toLowerCase()).sort();
    assert.deepEqual(said, Object.fromEntries(Object.entries(life[what]).map(([k, v]) => [k, [...v].sort()])), what);
  }
  const text = source('casework/stages.c').replace('CASE_CONTENT', '"content"');
  for (const [, kind, body] of text.matchAll(/\{("?\w+"?), \{\n([^]*?)\n    \}\}/g)) {
    const stage = [...body.matchAll(/\{"(\w+)", ([^,]*), (true|false)\}/g)];
    const way = ways[JSON.parse(kind)];
    assert.deepEqual(stage.map((s) => s[1]), Object.keys(way).map((_, i) => stage[i][1]));
    for (const [, name, next, over] of stage) {
      assert.deepEqual([...next.matchAll(/S\((\d+)\)/g)].map((m) => stage[m[1]][1]).sort(), [...way[name]].sort(), `${kind} ${name}`);
      assert.equal(over === 'true', ends.includes(name), `${kind} ${name}`);
    }
  }
  assert.equal([...text.matchAll(/\{("\w+"), \{\n/g)].length, Object.keys(ways).length);
});

// ── the case ──
// What each act makes of each state; null: refused. An assessment or plan that changes no state is still one that may be written.
const acts = {
  assessment: { path: 'assessment', json: { risk: 'high', text: 'x' }, done: 201,
    to: { registered: 'assessed', assessed: 'assessed', planned: 'planned', implementing: 'implementing', review: 'assessed', closing: 'closing', closed: null } },
  plan: { path: 'plan', json: { text: 'y' }, done: 201,
    to: { registered: 'registered', assessed: 'assessed', planned: 'assessed', implementing: 'assessed', review: 'review', closing: 'closing', closed: null } },
  planned: { path: 'state', json: { state: 'planned' }, needs: 'plan',
    to: { registered: null, assessed: 'planned', planned: null, implementing: null, review: 'planned', closing: null, closed: null } },
  implementing: { path: 'state', json: { state: 'implementing' },
    to: { registered: null, assessed: null, planned: 'implementing', implementing: null, review: 'implementing', closing: null, closed: null } },
  review: { path: 'state', json: { state: 'review' },
    to: { registered: null, assessed: null, planned: null, implementing: 'review', review: null, closing: 'review', closed: null } },
  close: { path: 'close', json: { outcome: 'other' },
    to: { registered: 'closing', assessed: 'closing', planned: 'closing', implementing: 'closing', review: 'closing', closing: null, closed: null } },
  approve: { path: 'close/approve', json: {},
    to: { registered: null, assessed: null, planned: null, implementing: null, review: null, closing: 'closed', closed: null } },
  reopen: { path: 'reopen', json: { reason: 'Arsye e provës.' },
    to: { registered: null, assessed: null, planned: null, implementing: null, review: null, closing: null, closed: 'review' } },
};
// Both doors of one act: the status that says done, and the call.
const doors = (target, json, done = 200) => [
  ['API', done, (who) => who.post(`/api/v1${target}`, json)],
  ['page', 303, (who) => t.form(who, target, json)],
];

for (const state of Object.keys(life.case))
  test(`a case that is ${state}: each act, by both doors`, async () => {
    const id = await t.at(state), still = t.picture(id);
    for (const [name, act] of Object.entries(acts))
      for (const [door, , call] of act.to[state] ? [] : doors(`/cases/${id}/${act.path}`, act.json)) {
        const answer = await call(t.analyst);
        assert.equal(answer.status, 409, `${name} of a ${state} case by ${door}: ${answer.text}`);
      }
    // States that have a way of their own are not set, whatever somebody writes.
    for (const to of ['registered', 'assessed', 'closing', 'closed', 'identified', ''])
      for (const [door, , call] of doors(`/cases/${id}/state`, { state: to })) assert.equal((await call(t.analyst)).status, 422, `${to} by ${door}`);
    assert.equal(t.picture(id).all, still.all, 'what was refused changed nothing');
    for (const [name, act] of Object.entries(acts).filter(([, a]) => a.to[state]))
      for (const [n, door] of ['API', 'page'].entries()) {
        const one = await t.at(state);
        if (act.needs && state === 'assessed') await ok(t.officer.post(`/api/v1/cases/${one}/plan`, { text: 'x' }), 201);
        const [, done, call] = doors(`/cases/${one}/${act.path}`, act.json, act.done)[n];
        const before = t.picture(one), answer = await call(t.analyst);
        assert.equal(answer.status, done, `${name} of a ${state} case by ${door}: ${answer.text}`);
        const p = t.whole(one);
        assert.equal(p.file.state, act.to[state], `${name} of a ${state} case by ${door}`);
        assert.ok(p.file.state === state || life.case[state].includes(p.file.state), 'no step beside the table');
        assert.equal(p.entries.length, before.entries.length + 1);
        assert.equal(p.history.length, before.history.length + 1);
        assert.equal(Number(p.file.version), Number(before.file.version) + 1);
      }
  });

test('the page offers what may follow, and nothing else', async () => {
  for (const state of Object.keys(life.case)) {
    const id = await t.at(state), page = (await t.analyst.get(`/cases/${id}`)).text;
    const offered = [...page.matchAll(/action="\/cases\/[0-9a-f]{32}\/(state|close\/approve)">.*?<button/gs)]
      .map((m) => (m[1] === 'state' ? /name="state" value="(\w+)"/.exec(m[0])[1] : 'closed')).sort();
    const may = life.case[state].filter((s) => ['planned', 'implementing', 'review', 'closed'].includes(s) && state !== 'closed');
    // Assessed, but no plan yet; a review with the plan that is approved already: planned would be said of nothing new.
    const without = state === 'assessed' || state === 'review' ? may.filter((s) => s !== 'planned') : may;
    assert.deepEqual(offered.filter((s) => s !== 'planned'), without.filter((s) => s !== 'planned').sort(), state);
    for (const s of offered) assert.ok(may.includes(s), `${state}: ${s} is offered`);
  }
});

test('nobody approves himself, by either door, and it changes nothing', async () => {
  const plan = await t.at('assessed');
  await ok(t.officer.post(`/api/v1/cases/${plan}/plan`, { text: 'x' }), 201);
  const closing = await t.at('closing');
  for (const [id, path_, json] of [[plan, 'state', { state: 'planned' }], [closing, 'close/approve', {}]])
    for (const [door, , call] of doors(`/cases/${id}/${path_}`, json)) {
      const before = t.picture(id);
      assert.equal((await call(t.officer)).status, 403, door);
      assert.equal(t.picture(id).all, before.all);
    }
  // Whoever wrote the newest plan, also where somebody else wrote the first.
  await ok(t.analyst.post(`/api/v1/cases/${plan}/plan`, { text: 'z' }), 201);
  assert.equal((await t.analyst.post(`/api/v1/cases/${plan}/state`, { state: 'planned' })).status, 403);
  await ok(t.officer.post(`/api/v1/cases/${plan}/state`, { state: 'planned' }));
  // After a request that was sent back the next asker counts, not the first.
  await ok(t.supervisor.post(`/api/v1/cases/${closing}/state`, { state: 'review' }));
  await ok(t.supervisor.post(`/api/v1/cases/${closing}/close`, { outcome: 'other' }));
  assert.equal((await t.supervisor.post(`/api/v1/cases/${closing}/close/approve`)).status, 403);
  await ok(t.officer.post(`/api/v1/cases/${closing}/close/approve`));
  t.whole(plan);
  t.whole(closing);
});

// ── legal routes and addresses ──
// A route is noted at the stage at which it is; an address is walked there; one that a report named comes with its case.
const walked = { up: [], asked: ['asked'], gone: ['gone'], back: ['gone', 'back'], left: ['left'] };
const decided = { page: {}, route: { day: '2026-03-02', result: 'other', no_appeal: '1' } }; // what the page asks of a decision
const put = (who, place, stage) => who.call('PUT', `/api/v1${place}`, { stage, text: 'Arsye e provës.' });
let pages = 0;
async function thingAt(kind, from, id) { // the case and the place of a new one
  if (kind !== 'content') return [id, `/cases/${id}/routes/${(await ok(t.officer.post(`/api/v1/cases/${id}/routes`, { kind, stage: from }), 201)).id}`];
  const address = `https://rrjeti.example/${pages++}`;
  if (from === 'noted') {
    const own = await t.open({ where: 'page', address });
    return [own, `/cases/${own}/addresses/${t.rows('select @(id) id from desk.case_address where case_id = $id', own)[0].id}`];
  }
  const place = `/cases/${id}/addresses/${(await ok(t.officer.post(`/api/v1/cases/${id}/addresses`, { address }), 201)).id}`;
  for (const stage of walked[from]) await ok(put(t.officer, place, stage));
  return [id, place];
}
for (const [kind, way] of Object.entries(ways))
  test(`${kind}: each stage from each, by both doors`, async () => {
    for (const from of Object.keys(way)) {
      const here = await t.open(), [first, there] = await thingAt(kind, from, here), still = t.picture(first);
      const step = (place, to, door) => (door === 'API' ? put(t.analyst, place, to) : t.form(t.analyst, place, { stage: to, text: 'Arsye e provës.', ...decided[kind === 'content' ? 'page' : 'route'] }));
      const each = [...Object.keys(way), 'closed', ''].flatMap((to) => ['API', 'page'].map((door) => [to, door, `${kind}: ${from} to ${to} by ${door}`]));
      for (const [to, door, words] of each.filter(([to]) => !way[from].includes(to)))
        assert.equal((await step(there, to, door)).status, to in way ? 409 : 422, words);
      assert.equal(t.picture(first).all, still.all, `${kind} ${from}: what was refused changed nothing`);
      for (const [to, door, words] of each.filter(([to]) => way[from].includes(to))) {
        const [id, place] = await thingAt(kind, from, here), thing = place.slice(-32), before = t.picture(id);
        assert.equal((await step(place, to, door)).status, door === 'API' ? 200 : 303, words);
        const p = t.picture(id);
        assert.equal(p.stage(thing), to, words);
        assert.equal(p.entries.length, before.entries.length + 1);
        assert.equal(p.history.length, before.history.length + 1);
        assert.equal(p.holds.some((h) => h.id === thing), !ends.includes(to), `${words}: what has not ended holds the case`);
      }
      t.whole(here);
    }
  });

test('while anything is open a case is neither asked to be closed nor closed', async () => {
  const id = await t.at('review'), c = `/api/v1/cases/${id}`, closing = await t.at('closing'), d = `/api/v1/cases/${closing}`;
  const opens = async (x) => {
    const of = async (promise) => (await ok(promise, 201)).id;
    return [
      [await of(t.officer.post(`${x}/routes`, { kind: 'civil' })), (r) => t.officer.call('PUT', `${x}/routes/${r}`, { stage: 'withdrawn' })],
      [await of(t.officer.post(`${x}/addresses`, { address: 'https://rrjeti.example/a' })), (r) => t.officer.call('PUT', `${x}/addresses/${r}`, { stage: 'left', text: 'Nuk ka më rrugë.' })],
      [await of(t.officer.post(`${x}/tasks`, { title: 'x', due: '2099-01-01' })), (r) => t.officer.post(`${x}/tasks/${r}/done`)],
      [await of(t.refer(x.slice(-32))), (r) => t.police.post(`/api/v1/referrals/${r}/decline`, { reason: 'Arsye e provës.' })],
    ];
  };
  for (const [x, ask] of [[c, (who) => who.post(`${c}/close`, { outcome: 'other' })], [d, (who) => who.post(`${d}/close/approve`)]]) {
    const things = await opens(x), who = t.supervisor;
    for (let n = things.length; n > 0; n--) {
      const before = t.picture(x.slice(-32)), held = await ask(who);
      assert.equal(held.status, 409);
      assert.equal(held.json.holds.length, n);
      assert.equal((await t.form(who, `${x.slice(7)}/${x === c ? 'close' : 'close/approve'}`, { outcome: 'other' })).status, 409);
      assert.equal(t.picture(x.slice(-32)).all, before.all);
      const [thing, end] = things[n - 1];
      await ok(end(thing));
    }
    await ok(ask(who));
    t.whole(x.slice(-32));
  }
});

// ── referrals ──
const referral = {
  accept: { who: 'police', json: {}, from: { sent: 'accepted' } },
  decline: { who: 'police', json: { reason: 'Arsye e provës.' }, from: { sent: 'declined', asked: 'declined' } },
  ask: { who: 'police', json: { text: 'x' }, from: { sent: 'asked' } },
  answer: { who: 'officer', json: { text: 'x' }, from: { asked: 'sent' } },
  return: { who: 'police', json: { reason: 'Arsye e provës.' }, from: { accepted: 'returned' } },
  done: { who: 'police', json: { outcome: 'other' }, from: { accepted: 'done' } },
  revoke: { who: 'officer', json: { reason: 'Arsye e provës.' }, from: { sent: 'revoked', asked: 'revoked', accepted: 'revoked', returned: 'returned', done: 'done' } },
};
for (const kind of ['referral', 'transfer'])
  test(`${kind}: each act in each state, by both doors`, async () => {
    const states = { sent: [], accepted: ['accept'], declined: ['decline'], asked: ['ask'], revoked: ['revoke'], ...(kind === 'referral' ? { returned: ['accept', 'return'], done: ['accept', 'done'] } : {}) };
    for (const [state, before] of Object.entries(states)) {
      const make = async () => {
        const id = await t.open(), { id: r } = await ok(t.refer(id, { kind }), 201);
        for (const a of before) await ok(t[referral[a].who].post(`/api/v1/referrals/${r}/${a}`, referral[a].json));
        return [id, r];
      };
      const [id, r] = await make(), still = t.picture(id);
      const each = Object.entries(referral).flatMap(([name, act]) => [0, 1].map((n) => [name, act, n, kind === 'transfer' && state === 'accepted' ? undefined : act.from[state]]));
      for (const [name, act, n, to] of each) {
        const [door, , call] = doors(`/referrals/${r}/${name}`, act.json)[n], words = `${kind} ${state}: ${name} by ${door}`;
        assert.equal((await call(act.who === 'police' ? t.officer : t.police)).status, 403, `${words}, from the other side`);
        assert.equal((await call(t.works)).status, 404, `${words}, by a third`);
        if (!to) assert.equal((await call(t[act.who])).status, 409, words);
      }
      assert.equal(t.picture(id).all, still.all, `${kind} ${state}: what was refused changed nothing`);
      for (const [name, act, n, to] of each.filter((e) => e[3])) {
        const [one, two] = await make(), [door, done, call] = doors(`/referrals/${two}/${name}`, act.json)[n], words = `${kind} ${state}: ${name} by ${door}`;
        const answer = await call(t[act.who]), p = t.picture(one);
        assert.equal(answer.status, done, `${words}: ${answer.text}`);
        assert.equal(p.stage(two), to, words);
        const holds = to === 'sent' || to === 'asked' || (to === 'accepted' && kind === 'referral');
        assert.equal(p.holds.some((h) => h.id === two), holds, words);
        assert.equal(p.file.a, kind === 'transfer' && to === 'accepted' ? t.policeUnit : still.file.a, 'one owner');
      }
    }
  });

// ── reports ──
const legal = ['risk_kind:content', 'risk_nature:sexual', 'incident:SEXT', 'verdict:not_illegal'];
const reach = { new: [], taken: ['take'], assessed: ['take', 'assessment'], answered: ['take', 'answer'], in_case: [], duplicate: ['take', 'duplicate'], spam: ['take', 'spam'], withdrawn: ['take', 'withdrawn'], closed: ['take', 'closed'] };
const act = (id, name) => [`/reports/${id}/${['take', 'release', 'answer', 'assessment'].includes(name) ? name : 'state'}`,
  { answer: { text: 'x' }, assessment: { answers: legal }, take: {}, release: {}, duplicate: { state: name, of: other } }[name] ?? { state: name }];
for (const state of Object.keys(reach))
  test(`a report that is ${state}: each step, by both doors`, async () => {
    const make = async () => {
      if (state === 'in_case') return t.rows('select @(report) id from desk.case_report where case_id = $id', await t.open())[0].id;
      const id = await t.report();
      for (const a of reach[state]) { const [target, json] = act(id, a); await ok(t.officer.post(`/api/v1${target}`, json)); }
      return id;
    };
    const rows = (id) => t.rows(`select state a, coalesce(@(taken_by), '') b, urgency c from desk.report where id = $id
      union all select h.action, 'history', count(*) from desk.history h where h.report = $id and h.action <> 'opened' group by h.action order by 1, 2`, id);
    const now = (id) => t.rows('select state from desk.report where id = $id', id)[0].state;
    const id = await make();
    const still = JSON.stringify(rows(id));
    assert.equal(now(id), state);
    for (const name of ['take', 'release', 'new', 'taken', 'assessed', 'answered', 'in_case', 'duplicate', 'spam', 'withdrawn', 'closed', ''])
      for (const n of [0, 1]) {
        const to = { take: 'taken', release: 'new' }[name] ?? name;
        // What is in a case closes with it. Taking is for what is new, giving back for what is taken. Assessing, answering and opening a case have ways of their own,
        // and what was judged becomes taken again only where two do not agree.
        const own = name === 'take' ? state === 'new' : name === 'release' ? state === 'taken'
          : state !== 'in_case' && !['new', 'assessed', 'answered', 'in_case', ''].includes(name) && !(name === 'taken' && ['new', 'assessed'].includes(state));
        const may = own && life.report[state].includes(to), one = may ? await make() : id;
        const [door, done, call] = doors(...act(one, name))[n], words = `${name} of a ${state} report by ${door}`;
        const answer = await call(t.supervisor);
        assert.ok(may ? answer.status === done : answer.status === 409 || answer.status === 422, `${words}: ${answer.status} ${answer.text}`);
        if (may) assert.equal(now(one), to, words);
      }
    assert.equal(JSON.stringify(rows(id)), still, 'what was refused changed nothing');
  });

test('what was done stands in the trail, whole', () => {
  assert.match(t.site.run(['audit', 'verify', '--data', t.site.data]), /^whole/);
});
