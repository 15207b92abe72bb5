// Three hundred acts of five persons on one case, drawn by chance, beside a model that knows the rules: each act does what the model
// says or is refused, and after each the store's rows say what the model holds. The seed is printed; ISIGURT_SEED walks it again.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Cases } from '../lib/cases.mjs';

const ACTS = 300;
const seed = Number(process.env.ISIGURT_SEED ?? Math.floor(Math.random() * 2 ** 31));
let t, at = seed;
before(async () => { t = await Cases.start(); });
after(() => t.site.remove());

let addressed = 0; // the same page is noted once
function chance(n) { // mulberry32
  at = (at + 0x6d2b79f5) | 0;
  let x = Math.imul(at ^ (at >>> 15), 1 | at);
  x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
  return ((x ^ (x >>> 14)) >>> 0) % n;
}
const one = (list) => list[chance(list.length)];

const life = { registered: 'assessed closing', assessed: 'planned closing', planned: 'assessed implementing closing', implementing: 'assessed review closing',
  review: 'assessed planned implementing closing', closing: 'review closed', closed: 'review' };
const civil = { filed: 'hearing decided withdrawn', hearing: 'decided withdrawn', decided: 'appeal final', appeal: 'hearing final withdrawn', final: '', withdrawn: '' };
const content = { up: 'asked gone left', asked: 'up gone left', gone: 'back', back: 'asked gone left', left: 'asked back', noted: 'up asked gone left' };
const referral = { accept: { sent: 'accepted' }, decline: { sent: 'declined', asked: 'declined' }, ask: { sent: 'asked' }, answer: { asked: 'sent' },
  progress: { accepted: 'accepted' }, add: { sent: 'sent', accepted: 'accepted' }, return: { accepted: 'returned' }, done: { accepted: 'done' }, revoke: { sent: 'revoked', asked: 'revoked', accepted: 'revoked' } };
const bySender = ['answer', 'revoke', 'add'];
const words = { accept: {}, decline: { reason: 'Arsye e provës.' }, ask: { text: 'x' }, answer: { text: 'x' }, progress: { text: 'x' }, add: { text: 'x' }, return: { reason: 'Arsye e provës.' }, done: { outcome: 'other' }, revoke: { reason: 'Arsye e provës.' } };
const may = (table, from, to) => table[from].split(' ').includes(to);

// ── the model ──
class Model {
  state = 'registered';
  plan = null;      // { by, approved }
  asked = null;     // who asked to close
  things = new Map(); // id → { kind, state, to, transfer }
  entries = 1;
  closings = 0;
  holds() {
    return [...this.things].filter(([, x]) => (x.kind === 'task' ? x.state === 'open' : x.kind === 'route' ? !['final', 'withdrawn'].includes(x.state)
      : x.kind === 'address' ? ['up', 'asked', 'back'].includes(x.state) : ['sent', 'asked'].includes(x.state) || (x.state === 'accepted' && !x.transfer))).map(([id]) => id).sort();
  }
  of(kind) { return [...this.things].filter(([, x]) => x.kind === kind); }
}

// What holds the case more often than what has ended, so that it is closed now and then.
function pick(m, kind) {
  const all = m.of(kind), held = m.holds(), open = all.filter(([id]) => held.includes(id));
  return one(chance(4) && open.length ? open : all) ?? [];
}

// Each: what is called, and what the model says of it: null where it is refused (with which status), else what becomes of the model.
const inside = ['officer', 'analyst', 'supervisor'];
function draw(m, id) {
  const c = `/api/v1/cases/${id}`, who = one(inside), closed = m.state === 'closed';
  const outside = () => ({ who: one(['police', 'works']), method: 'POST', path: `${c}/notes`, json: { text: 'x' }, status: 404 });
  const crowded = m.holds().length > 2;
  const add = (kind, path, json, state) => crowded ? draw(m, id) : ({ who, method: 'POST', path: `${c}/${path}`, json, status: closed ? 409 : 201, then: (a) => m.things.set(a.id, { kind, state }) });
  const to = (name, also) => ({ who, method: 'POST', path: `${c}/state`, json: { state: name }, ...also });
  const moves = (kind, table, path) => {
    const [thing, x] = pick(m, kind);
    if (!thing) return outside();
    const legal = table[x.state].split(' ').filter(Boolean), next = one(chance(2) && legal.length ? legal : Object.keys(table));
    return { who, method: 'PUT', path: `${c}/${path}/${thing}`, json: { stage: next, text: 'Arsye e provës.' }, status: !closed && may(table, x.state, next) ? 200 : 409, then: () => { x.state = next; } };
  };
  const settled = m.holds().length === 0;
  const ask = () => ({ who, method: 'POST', path: `${c}/close`, json: { outcome: 'other' }, status: may(life, m.state, 'closing') && settled ? 200 : 409, then: () => { m.state = 'closing'; m.asked = who; } });
  const approve = () => ({ who, method: 'POST', path: `${c}/close/approve`, json: {}, status: m.state !== 'closing' ? 409 : m.asked === who ? 403 : settled ? 200 : 409, then: () => { m.state = 'closed'; m.closings++; } });
  const again = () => ({ who, method: 'POST', path: `${c}/reopen`, json: { reason: 'Arsye e provës.' }, status: closed ? 200 : 409, then: () => { m.state = 'review'; m.asked = null; } });
  if (settled && chance(3) === 0) // else it is hardly ever closed
    return m.state === 'closing' ? approve() : closed ? again() : ask();
  return one([
    outside,
    () => ({ who, method: 'POST', path: `${c}/notes`, json: { text: 'x' }, status: closed ? 409 : 201 }),
    () => ({ who, method: 'POST', path: `${c}/assessment`, json: { risk: 'low', text: 'x' }, status: closed ? 409 : 201, then: () => { if (['registered', 'review'].includes(m.state)) m.state = 'assessed'; } }),
    () => ({ who, method: 'POST', path: `${c}/plan`, json: { text: 'x' }, status: closed ? 409 : 201,
      then: () => { m.plan = { by: who, approved: false }; if (['planned', 'implementing'].includes(m.state)) m.state = 'assessed'; } }),
    () => to('planned', { status: !may(life, m.state, 'planned') || !m.plan ? 409 : m.plan.by === who ? 403 : 200, then: () => { m.state = 'planned'; m.plan.approved = true; } }),
    () => to('implementing', { status: may(life, m.state, 'implementing') && (m.state !== 'review' || m.plan?.approved) ? 200 : 409, then: () => { m.state = 'implementing'; } }),
    () => to('review', { status: !closed && may(life, m.state, 'review') ? 200 : 409, then: () => { m.state = 'review'; } }),
    ask, ask, approve, approve, again,
    () => add('task', 'tasks', { title: 'x', due: '2099-01-01' }, 'open'),
    () => add('route', 'routes', { kind: 'civil' }, 'filed'),
    () => add('address', 'addresses', { address: `https://rrjeti.example/x${++addressed}` }, 'up'),
    ...Array(5).fill(() => moves('route', civil, 'routes')),
    ...Array(5).fill(() => moves('address', content, 'addresses')),
    ...Array(3).fill(() => {
      const [thing, x] = pick(m, 'task');
      return thing ? { who, method: 'POST', path: `${c}/tasks/${thing}/done`, json: {}, status: !closed && x.state === 'open' ? 200 : 409, then: () => { x.state = 'done'; } } : outside();
    }),
    () => {
      if (crowded) return draw(m, id);
      const unit = one(['police', 'works']), transfer = chance(4) === 0;
      const moving = [...m.things.values()].some((x) => x.transfer && ['sent', 'asked'].includes(x.state)); // one at a time
      const same = [...m.things.values()].some((x) => x.kind === 'referral' && x.to === unit && x.transfer === transfer && ['sent', 'asked'].includes(x.state));
      return { who, method: 'POST', path: `${c}/referrals`, json: { kind: transfer ? 'transfer' : 'referral', unit: t[`${unit}Unit`], purpose: 'investigation', ground: 'criminal_procedure', fields: ['category'], note: 'Duhet për rastin.' },
        status: closed || same || (transfer && moving) ? 409 : 201, entries: 'own', then: (a) => m.things.set(a.id, { kind: 'referral', state: 'sent', to: unit, transfer }) };
    },
    ...Array(7).fill(() => {
      const [thing, x] = pick(m, 'referral');
      if (!thing) return outside();
      const act = one(Object.keys(referral).filter((a) => !(x.transfer && a === 'accept'))), actor = one([...inside, x.to, x.to, x.to === 'police' ? 'works' : 'police']);
      const ended = act === 'revoke' && ['returned', 'done'].includes(x.state); // the copy is taken back, once; it stays what it was
      const mine = bySender.includes(act) ? inside.includes(actor) : actor === x.to, seen = inside.includes(actor) || actor === x.to;
      return { who: actor, method: 'POST', path: `/api/v1/referrals/${thing}/${act}`, json: words[act], entries: 'own',
        status: !seen ? 404 : !mine ? 403 : referral[act][x.state] || (ended && !x.taken) ? 200 : 409,
        then: () => { x.taken = ended; x.state = ended ? x.state : referral[act][x.state]; } };
    }),
  ])();
}

test(`${ACTS} acts by chance, seed ${seed}`, async () => {
  const id = await t.open(), m = new Model(), done = {};
  for (let n = 0; n < ACTS; n++) {
    if (n % 10 === 9) await t.later(90);
    const step = draw(m, id), said = `seed ${seed}, act ${n}: ${step.who} ${step.method} ${step.path.replace(id, 'CASE')} ${JSON.stringify(step.json)} in ${m.state}`;
    const answer = await t[step.who].call(step.method, step.path, step.json);
    assert.equal(answer.status, step.status, `${said}: ${answer.status} ${answer.text}`);
    const passed = answer.status < 300;
    if (passed) step.then?.(answer.json);
    if (passed && step.entries !== 'own') m.entries++;
    done[passed] = (done[passed] ?? 0) + 1;
    const p = t.whole(id);
    assert.equal(p.file.state, m.state, said);
    assert.deepEqual(p.holds.map((h) => h.id).sort(), m.holds(), said);
    for (const [thing, x] of m.things) assert.equal(p.stage(thing), x.state, said);
    // Beside its own entries a case has those of a new key, where a transfer came to nothing.
    assert.equal(p.entries.filter((e) => e.id === id && e.state !== 'key').length, m.entries, said);
  }
  console.log(`# seed ${seed}: ${JSON.stringify(done)}, ${m.things.size} things, closed ${m.closings} times`);
  assert.ok(done[true] > ACTS / 10 && done[false] > ACTS / 10, 'both were tried');
  assert.match(t.site.run(['audit', 'verify', '--data', t.site.data]), /^whole/);
});
