// The country pack changed while everything runs: a good one is live at portal and desk with no request lost, a bad one is
// refused with its sentence and the old one stays.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { Instance, request, sleep, totp, until } from '../lib/instance.mjs';

let site, admin;
const folder = () => path.join(site.data, 'country');
const read = (name) => JSON.parse(fs.readFileSync(path.join(folder(), name), 'utf8'));
const write = (name, value) => fs.writeFileSync(path.join(folder(), name), typeof value === 'string' ? value : JSON.stringify(value));
function edit(name, change) {
  const value = read(name);
  change(value);
  write(name, value);
}
const page = (base, target, headers = {}, agent = false) => request(base, 'GET', target, { headers: { accept: 'text/html', ...headers }, agent });
const show = async () => (await admin.get('/api/v1/pack')).json;
const health = async (base) => (await request(base, 'GET', '/health')).json.pack;
const everywhere = (hash) => until('it in all programs', async () => {
  const out = await show();
  return out.programs.length === 3 && out.programs.every((p) => p.same && hash.startsWith(p.hash));
}, 60000);

before(async () => {
  site = await Instance.start();
  admin = await site.signIn('administrator');
});
after(() => site?.remove());
let kept;
beforeEach(() => {
  if (kept) for (const [name, text] of kept) write(name, text); // what a test before has spoilt
  kept = fs.readdirSync(folder()).map((name) => [name, fs.readFileSync(path.join(folder(), name), 'utf8')]);
});

test('at first the folder is the pack in force, of which all programs have the same', async () => {
  const out = await show();
  assert.deepEqual(out.programs.map((p) => [p.program, p.same]), [['portal', true], ['desk', true], ['courier', true]]);
  assert.equal(out.waiting, '');
  assert.deepEqual(out.changes, []);
  assert.deepEqual([out.given_up, out.given_up_hash], [null, null]);
  assert.equal(await health(site.portal), out.hash);
  assert.equal(await health(site.desk), out.hash);
});

test('a good pack is live at portal and desk, no request fails meanwhile, and the trail says who took which for which', async () => {
  edit('pack.json', (p) => { p.numbers[0].number = '116 999'; p.clocks.take_u4 += 60; });
  const look = await show();
  assert.equal(look.refused, 0);
  assert.ok(look.changes.some((c) => c.place === 'numbers[helpline].number' && /116 111/.test(c.before) && /116 999/.test(c.after) && c.file === 'pack.json'), JSON.stringify(look.changes));
  assert.ok(!(await page(site.portal, '/')).text.includes('116 999'), 'looking takes nothing');
  const pids = site.pids();
  let over = false, n = 0;
  const failed = [];
  const keeping = new http.Agent({ keepAlive: true });
  async function go(one) {
    while (!over) {
      try {
        const a = await one();
        n++;
        if (a.status >= 300) failed.push(`${a.status} ${a.text.slice(0, 80)}`);
      } catch (error) {
        failed.push(error.message);
      }
    }
  }
  const json = { 'content-type': 'application/json' };
  const all = [() => page(site.portal, '/'), () => page(site.portal, '/', {}, keeping), () => page(site.portal, '/static/isigurt.css', {}, keeping),
    () => page(site.desk, '/reports', { cookie: admin.cookies }, keeping).then((a) => (a.status === 403 ? { status: 200 } : a)),
    () => page(site.desk, '/sign-in'), async () => { await sleep(100); return site.report({ text: `gjatë ndërrimit ${n}` }, json); }].map(go);
  await sleep(300);
  const asked = await admin.post('/api/v1/pack/reload', { hash: look.waiting });
  assert.equal(asked.status, 202, asked.text);
  await everywhere(look.waiting);
  await sleep(500);
  over = true;
  await Promise.all(all);
  keeping.destroy();
  assert.deepEqual(failed, []);
  assert.ok(n > 50, `${n} requests`);
  assert.ok((await page(site.portal, '/')).text.includes('116 999'));
  assert.equal(await health(site.portal), await health(site.desk));
  assert.equal(await health(site.desk), look.waiting.slice(0, 16));
  for (const p of ['portal', 'desk', 'courier']) await until(`the old ${p} to be gone`, () => site.pids()[p] !== pids[p], 30000);
  assert.equal(site.pids().keeper, pids.keeper, 'the keeper reads no pack');
  const oversight = await site.signIn('oversight');
  const { entries } = (await oversight.get('/api/v1/audit?action=pack')).json;
  assert.equal(entries.length, 1);
  const me = (await admin.get('/api/v1/account')).json.id;
  assert.equal(entries[0].person, me);
  assert.equal(entries[0].detail.slice(64), look.waiting);
  assert.ok(entries[0].detail.startsWith(look.hash));
  assert.equal((await show()).waiting, '');
});

test('what started again by itself, or with the whole instance, reads the pack in force, not the folder', async () => {
  const { hash } = await show();
  write('pack.json', '{ half');
  const dead = site.kill('portal');
  await until('another portal', () => site.pids().portal && site.pids().portal !== dead, 20000);
  assert.equal(await until('its answer', () => health(site.portal), 20000), hash);
  await site.stop();
  write('pack.json', kept.find(([name]) => name === 'pack.json')[1].replace('116 999', '116 998'));
  // Left behind by a serve that was killed: its number is somebody else's by now, who must not get the signal.
  const stranger = spawn('sleep', ['60'], { stdio: 'ignore' }), gone = once(stranger, 'exit');
  fs.writeFileSync(path.join(site.data, 'run/serve.lock'), `${stranger.pid}\n`);
  assert.throws(() => site.run(['pack', 'reload', '--data', site.data, '--as', 'x'], { input: 'x\n000000\n' }), (e) => e.status === 1 && /nothing serves/.test(e.stderr));
  stranger.kill('SIGTERM');
  assert.deepEqual(await gone, [null, 'SIGTERM']);
  await site.serve();
  assert.match(site.log, /is not the country pack that was accepted/);
  admin = await site.signIn('administrator');
  assert.equal((await show()).hash, hash);
});

// Kills the process that is to take the place of a program's, before it answers.
function killNext(program) {
  const { [program]: old } = site.pids();
  return async () => {
    for (const end = Date.now() + 60000; Date.now() < end; await sleep(1)) {
      const next = site.processes().find(([name, pid]) => name === program && pid !== old);
      if (!next) continue;
      process.kill(next[1], 'SIGKILL');
      return;
    }
    assert.fail(`no new ${program}`);
  };
}
for (const program of ['portal', 'desk', 'courier'])
  test(`a new ${program} that dies before it answers: all go back to the old pack, and the page says so`, async () => {
    const { hash } = await show(), accepted = fs.readFileSync(path.join(site.data, 'country.pack')), desk = site.pids().desk;
    edit('pack.json', (p) => { p.numbers[0].number = '116 222'; });
    const { waiting } = await show();
    site.log = '';
    const kill = killNext(program);
    assert.equal((await admin.post('/api/v1/pack/reload', { hash: waiting })).status, 202);
    await kill();
    let over = false;
    const failed = [], asking = (async () => {
      for (; !over; await sleep(5))
        for (const [base, target] of [[site.portal, '/'], [site.desk, '/sign-in']])
          await page(base, target).then((a) => a.status === 200 || failed.push(a.status), (error) => failed.push(error.message));
    })();
    const state = () => fs.readFileSync(path.join(site.data, 'run/pack'), 'utf8').trim().split('\n').map((line) => line.split(' '));
    await until('all to have gone back', () => {
      const lines = state();
      return lines.length === 5 && lines.every(([name, of]) => (name === 'refused' ? of === waiting : of.startsWith(hash)));
    }, 60000);
    for (const base of [site.portal, site.desk]) // one that was just told to leave may take a last connection
      await until('the old pack there', async () => (await health(base)) === hash);
    over = true;
    await asking;
    assert.deepEqual(failed, []);
    assert.match(site.log, /event=serve\.pack_refused/);
    await until('a courier', () => site.pids().courier);
    if (program !== 'courier') assert.equal(site.pids().desk, desk, 'this desk never left');
    assert.ok(fs.readFileSync(path.join(site.data, 'country.pack')).equals(accepted), 'a restart of serve has the old pack too');
    const html = await until('a page that offers it again: a desk that leaves may take a last connection', async () => {
      const { text } = await admin.call('GET', '/pack?lang=en', undefined, { accept: 'text/html' });
      return text.includes(waiting) && text;
    });
    assert.match(html, /The last pack was not taken/);
    const said = await show();
    assert.equal(said.given_up_hash, waiting.slice(0, 16));
    assert.ok(Math.abs(Date.parse(said.given_up) / 1000 - site.now()) < 120, said.given_up);
  });

test('what was given up may be tried again', async () => {
  edit('pack.json', (p) => { p.numbers[0].number = '116 222'; });
  const { waiting } = await show();
  assert.match(fs.readFileSync(path.join(site.data, 'run/pack'), 'utf8'), new RegExp(`^refused ${waiting} `, 'm'));
  assert.equal((await admin.post('/api/v1/pack/reload', { hash: waiting })).status, 202);
  await everywhere(waiting);
  assert.equal((await show()).given_up, null);
  assert.doesNotMatch((await admin.call('GET', '/pack?lang=en', undefined, { accept: 'text/html' })).text, /The last pack was not taken/);
});

const refusals = [
  ['bad JSON', () => write('calendar.json', '{"duty_hours": '), /calendar\.json: line \d+, column \d+/],
  ['a file that is missing', () => fs.rmSync(path.join(folder(), 'places.json')), /places\.json: is missing/],
  ['a fault in a row', () => edit('taxonomy.json', (t) => { t.categories[0].urgency = 9; }), /taxonomy\.json: categories\[0\]\.urgency: must be/],
  ['a question changed under its version', () => edit('questions.json', (q) => { q.question_sets[0].questions[0].label.en = 'Other'; }), /version 1 have changed under the same number/],
  ['a year without holidays', () => edit('calendar.json', (c) => { c.holiday_years = []; c.holidays = []; }), /holidays of \d{4} are missing/],
  ['a ground in use', () => edit('pack.json', (p) => { p.lists.legal_ground = p.lists.legal_ground.filter((g) => g.value !== 'criminal_procedure'); }), /legal_ground\[criminal_procedure\] may not be taken out/],
  ['another zone', () => edit('pack.json', (p) => { p.timezone = 'Europe/Rome'; }), /timezone may not change/],
];
for (const [what, spoil, said] of refusals)
  test(`${what}: refused with its sentence, and the old pack stays`, async () => {
    if (what === 'a ground in use') await referred();
    spoil();
    const before = await health(site.portal), look = await show();
    assert.equal(look.waiting, '');
    const words = look.faults + look.changes.filter((c) => c.refused).map((c) => c.sentence).join('\n');
    const plain = (await admin.call('GET', '/pack?lang=en', undefined, { accept: 'text/html' })).text.replace(/<[^>]+>/g, '');
    assert.match(`${words}\n${plain}`, said);
    const asked = await admin.post('/api/v1/pack/reload', { hash: '0'.repeat(64) });
    assert.equal(asked.status, 409, asked.text);
    assert.ok(asked.json.message.length > 20);
    let failed;
    try { site.run(['pack', 'check', '--data', site.data]); } catch (error) { failed = error; }
    assert.equal(failed?.status, 1);
    assert.match(failed.stderr, said);
    assert.match(failed.stderr, /the old one stays in force/);
    assert.equal(await health(site.portal), before);
    assert.equal(await health(site.desk), before);
  });

async function referred() {
  const officer = await site.signIn('duty_officer');
  assert.equal((await site.report({ text: 'për referim', category: 'SEXT' })).status, 201);
  const report = await until('it at the desk', async () => (await officer.get('/api/v1/reports?state=new')).json.reports.find((r) => r.category === 'SEXT'));
  assert.equal((await officer.post(`/api/v1/reports/${report.id}/take`)).status, 200);
  const made = await officer.post('/api/v1/cases', { reports: [report.id] });
  assert.equal(made.status, 201, made.text);
  const [police] = (await officer.get('/api/v1/units?type=police')).json.units;
  const sent = await officer.post(`/api/v1/cases/${made.json.id}/referrals`, { unit: police.id, purpose: 'investigation', ground: 'criminal_procedure', fields: ['case_number', 'category', 'text'], note: 'Ju lutem shikojeni.' });
  assert.equal(sent.status, 201, sent.text);
}

test('a folder that changed since it was looked at is not taken', async () => {
  edit('pack.json', (p) => { p.numbers[0].number = '116 555'; });
  const { waiting } = await show();
  edit('pack.json', (p) => { p.numbers[0].number = '116 666'; });
  const asked = await admin.post('/api/v1/pack/reload', { hash: waiting });
  assert.equal(asked.status, 409, asked.text);
  assert.ok(!(await page(site.portal, '/')).text.includes('116 666'));
});

test('nobody but the administrator sees the page or takes a pack', async () => {
  for (const role of ['duty_officer', 'supervisor', 'oversight', 'coordinator', 'contact']) {
    const somebody = await site.signIn(role);
    assert.equal((await somebody.get('/api/v1/pack')).status, 403, role);
    assert.equal((await somebody.post('/api/v1/pack/reload', { hash: '0'.repeat(64) })).status, 403, role);
  }
  assert.equal((await request(site.desk, 'GET', '/api/v1/pack')).status, 401);
});

test('the command takes a pack too, for an administrator alone', async () => {
  edit('pack.json', (p) => { p.numbers[0].number = '116 777'; });
  assert.match(site.run(['pack', 'check', '--data', site.data]), /numbers\[helpline\]\.number.*116 777/);
  const as = (role) => {
    const account = site.account(role);
    site.advance(60);
    account.step = Math.floor(site.now() / 30);
    return { args: ['pack', 'reload', '--data', site.data, '--as', account.username], input: `${account.password}\n${totp(account.totp_secret, site.now())}\n` };
  };
  const officer = as('duty_officer');
  assert.throws(() => site.run(officer.args, { input: officer.input }), (e) => e.status === 1 && /may not do that/.test(e.stderr));
  assert.ok(!(await page(site.portal, '/')).text.includes('116 777'));
  const boss = as('administrator');
  assert.match(site.run(boss.args, { input: boss.input }), /portal, desk and courier have it/);
  assert.ok((await page(site.portal, '/')).text.includes('116 777'));
  const oversight = await site.signIn('oversight');
  assert.equal((await oversight.get('/api/v1/audit?action=pack')).json.entries.length, 6, 'each that was asked for, whether it could be taken or not');
});
