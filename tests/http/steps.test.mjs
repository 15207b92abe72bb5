// What the reporter is told of the work on a case: each step once, word for word, in both languages; never a name; nothing where a
// worker or the country says no.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Instance, request, until } from '../lib/instance.mjs';

let site, officer, supervisor, police, worker, policeUnit, worksUnit;
async function people() {
  officer = await site.signIn('duty_officer');
  supervisor = await site.signIn('supervisor');
  police = await site.signIn('contact');
  worker = await site.signIn(site.accounts.find((a) => a.role === 'contact' && a.institution !== 'POLICIA'));
}
before(async () => {
  site = await Instance.start();
  site.morning();
  await people();
  policeUnit = (await officer.get('/api/v1/units?type=police')).json.units[0].id;
  worksUnit = (await officer.get('/api/v1/units?type=child_protection')).json.units.find((u) => u.members > 0).id;
});
after(() => site.remove());

const ok = async (promise, status = 200) => {
  const answer = await promise;
  assert.equal(answer.status, status, answer.text);
  return answer.json;
};
let n = 0;
async function report() {
  const known = new Set((await officer.get('/api/v1/reports?state=new')).json.reports.map((r) => r.id));
  const sent = await site.report({ category: 'SEXT', in_danger: true, text: `hapat ${++n}` });
  assert.equal(sent.status, 201, sent.text);
  const found = await until('it at the desk', async () => (await officer.get('/api/v1/reports?state=new')).json.reports.find((r) => !known.has(r.id) && r.urgency === 'U1'));
  return { id: found.id, receipt: sent.json.receipt };
}
const opened = async (...reports) => `/api/v1/cases/${(await ok(officer.post('/api/v1/cases', { reports: reports.map((r) => r.id) }), 201)).id}`;
const follow = async (r, language = 'sq') =>
  (await request(site.portal, 'GET', '/api/v1/report', { headers: { authorization: `Receipt ${r.receipt}`, 'accept-language': language } })).json;
const codes = async (r) => (await follow(r)).steps.map((s) => s.code);
// After what the desk was asked before: an answer to the reporter is written behind it, in order.
const marks = new Map();
async function settled(r) {
  const count = (marks.get(r.id) ?? 0) + 1;
  marks.set(r.id, count);
  await ok(officer.post(`/api/v1/reports/${r.id}/answer`, { text: `shenjë ${count}` }));
  await until('the mark', async () => (await follow(r)).messages.some((m) => m.text === `shenjë ${count}`));
}
const refer = async (c, unit, purpose) => (await ok(officer.post(`${c}/referrals`, { unit, purpose, ground: 'criminal_procedure', fields: ['category', 'text'], note: 'Ju lutem shikojeni.' }), 201)).id;

// code: [happened, now, next] in Albanian, then in English.
const words = {
  in_case: [['Po punojmë për të bashkë me institucionet që mund të ndihmojnë.', 'Secili institucion bën pjesën e vet. Secili merr vesh vetëm atë që i duhet për punën e vet.', 'Kur puna të mbarojë, do ta shihni këtu. Mund të duhen javë; kjo nuk do të thotë se ju kemi harruar.'], null],
  considered: [['Menduam me kujdes çfarë mund të ndihmojë.', 'Po bëjmë një plan për hapat që vijnë.', 'Kur të kemi një plan, do t’jua themi këtu. Mund të na shkruani më poshtë kur të doni.'],
    ['We have thought carefully about what can help.', 'We are making a plan for the next steps.', 'When we have a plan, we will tell you here. You can write to us below whenever you like.']],
  planned: [['Kemi një plan se si të ndihmojmë.', 'Puna vazhdon sipas planit, një hap pas tjetrit.', 'Kur të ketë diçka të re, do ta shihni këtu. Disa hapa duan kohë; kjo nuk do të thotë se ju kemi harruar.'],
    ['We have a plan for how to help.', 'The work goes on as planned, one step after the other.', 'When there is something new, you will see it here. Some steps take time; that does not mean that we have forgotten you.']],
  help_asked: [['U kërkuam ndihmë edhe të tjerëve, që dinë ta bëjnë këtë punë.', 'Presim përgjigjen e tyre. Ata marrin vesh vetëm atë që u duhet për punën e tyre.', 'Kur të fillojnë, do ta shihni këtu. Nëse nuk munden, kërkojmë ndihmë diku tjetër.'],
    ['We have asked others, who know how to do this, to help too.', 'We are waiting for their answer. They learn only what they need for their work.', 'When they begin, you will see it here. If they cannot, we look for help elsewhere.']],
  help_begun: [['Edhe të tjerë kanë filluar të ndihmojnë.', 'Secili bën pjesën e vet, dhe ne vazhdojmë me tonën.', 'Kur ta mbarojnë pjesën e tyre, do ta shihni këtu. Mund të duhen ditë ose javë.'],
    ['Others have begun to help too.', 'Everybody does their own part, and we go on with ours.', 'When they finish their part, you will see it here. It may take days or weeks.']],
  help_done: [['Dikush që po ndihmonte e mbaroi pjesën e vet.', 'Po shohim çfarë mbetet për t’u bërë.', 'Kur të mbarojë e gjithë puna, do ta shihni këtu. Mund të na shkruani më poshtë kur të doni.'],
    ['Somebody who was helping has finished their part.', 'We are looking at what is left to do.', 'When all the work is finished, you will see it here. You can write to us below whenever you like.']],
  handed_over: [['Tani me këtë merren të tjerë, që e njohin më mirë këtë punë.', 'Ata i lexojnë mesazhet tuaja dhe ju përgjigjen këtu, me të njëjtin kod.', 'Ajo që bëjnë ata, do ta shihni këtu. Mund të shkruani më poshtë kur të doni.'],
    ['Others, who know this work better, take care of this now.', 'They read your messages and answer you here, with the same code.', 'What they do, you will see here. You can write below whenever you like.']],
  removal_asked: [['Kërkuam që diçka të hiqet nga interneti.', 'Presim që ta heqin ata që mund ta bëjnë këtë.', 'Ne e kontrollojmë dhe ju e shihni këtu kur të mos jetë më aty. Ju nuk keni nevojë ta hapni.'],
    ['We have asked for something to be removed from the internet.', 'We are waiting for those who can remove it to do so.', 'We check it, and you will see here when it is gone. You do not need to open it.']],
  removed: [['Diçka që nuk duhej të ishte në internet nuk është më aty.', 'Po shohim nëse ka edhe diçka tjetër për t’u hequr.', 'Nëse e shihni përsëri diku, na shkruani këtu. Mos ia dërgoni askujt.'],
    ['Something that should not have been on the internet is no longer there.', 'We are looking whether there is anything else to remove.', 'If you see it anywhere again, write to us here. Do not send it to anybody.']],
  came_back: [['Diçka që ishte hequr nga interneti doli përsëri.', 'Po merremi përsëri me të. Nuk është faji juaj.', 'Kur të mos jetë më aty, do ta shihni këtu. Ju nuk keni nevojë ta hapni.'],
    ['Something that was gone from the internet has appeared again.', 'We are dealing with it again. It is not your fault.', 'When it is gone, you will see it here. You do not need to open it.']],
  deciding: [['Për këtë tani vendosin njerëz që e kanë këtë punë.', 'Ata po e shohin me kujdes. Ju nuk keni nevojë të bëni asgjë tani.', 'Kur të vendosin, do ta shihni këtu. Mund të duhen javë ose muaj.'],
    ['People whose job it is are now deciding about this.', 'They are looking at it carefully. You do not need to do anything now.', 'When they decide, you will see it here. It may take weeks or months.']],
  decided: [['Ata që vendosin për gjëra të tilla morën një vendim.', 'Po shohim çfarë do të thotë ky vendim.', 'Nëse duhet të dini diçka, jua shkruajmë te mesazhet. Nëse keni pyetje, na pyesni më poshtë.'],
    ['Those who decide about such things have made a decision.', 'We are looking at what this decision means.', 'If there is something you should know, we write it in the messages. If you have questions, ask us below.']],
  reopened: [['Filluam të punojmë përsëri për këtë.', 'Po shohim çfarë ka ndodhur që nga hera e fundit.', 'Nëse dini diçka të re, na shkruani këtu. Kur puna të mbarojë, do ta shihni.'],
    ['We have begun to work on this again.', 'We are looking at what has happened since the last time.', 'If you know something new, write to us here. When the work is finished, you will see it.']],
};
async function told(r, code, steps, state = 'in_case') {
  await until(code, async () => (await codes(r)).at(-1) === code);
  for (const [i, language] of ['sq', 'en'].entries()) {
    const f = await follow(r, language);
    assert.equal(f.state, state, 'the state stays what older programs know');
    if (words[code][i]) assert.deepEqual([f.sentence, f.doing, f.next], words[code][i], `${code} ${language}`);
    assert.equal(f.steps.at(-1).sentence, f.sentence);
    assert.ok(f.steps.every((s) => Date.parse(s.at) % 60000 === 0), 'to the minute');
  }
  assert.deepEqual((await codes(r)).slice(2), steps);
}

test('the whole life, word for word', async () => {
  const r = await report();
  const c = await opened(r);
  const steps = ['in_case'];
  const next = async (code) => { steps.push(code); await told(r, code, steps); };
  await until('in a case', async () => (await codes(r)).at(-1) === 'in_case');
  await told(r, 'in_case', steps);
  await ok(officer.post(`${c}/assessment`, { risk: 'high', text: 'FSHEHTE-1' }), 201);
  await next('considered');
  await ok(officer.post(`${c}/plan`, { text: 'FSHEHTE-2' }), 201);
  await ok(supervisor.post(`${c}/state`, { state: 'planned' }));
  await next('planned');
  const first = await refer(c, policeUnit, 'investigation');
  await next('help_asked');
  const second = await refer(c, worksUnit, 'protection'); // not told again within a day
  await settled(r);
  assert.deepEqual((await codes(r)).slice(2), steps);
  await ok(police.post(`/api/v1/referrals/${first}/accept`));
  await next('help_begun');
  await ok(worker.post(`/api/v1/referrals/${second}/accept`));
  await ok(police.post(`/api/v1/referrals/${first}/done`, { outcome: 'proceedings', text: 'FSHEHTE-3' }));
  await next('help_done');
  await ok(worker.post(`/api/v1/referrals/${second}/done`, { outcome: 'other', text: 'FSHEHTE-4' }));
  const { id: address } = await ok(officer.post(`${c}/addresses`, { address: 'https://rrjeti.example/FSHEHTE-5' }), 201);
  const becomes = (stage) => ok(officer.call('PUT', `${c}/addresses/${address}`, { stage, text: 'x' }));
  await settled(r);
  assert.deepEqual((await codes(r)).slice(2), steps, 'an address that was only noted is no step');
  await becomes('asked');
  await next('removal_asked');
  await becomes('gone');
  await next('removed');
  await becomes('back');
  await next('came_back');
  await becomes('gone');
  await next('removed'); // on the same day: what stands last must be true
  const route = (await ok(officer.post(`${c}/routes`, { kind: 'criminal', body: 'Prokuroria FSHEHTE-6', number: 'FSHEHTE-7', stage: 'reported' }), 201)).id;
  await next('deciding');
  for (const stage of ['registered', 'investigation', 'prosecutor', 'court']) await ok(officer.call('PUT', `${c}/routes/${route}`, { stage }));
  await settled(r);
  assert.deepEqual((await codes(r)).slice(2), steps, 'what decides nothing is no step');
  await ok(officer.call('PUT', `${c}/routes/${route}`, { stage: 'first_instance' }));
  await next('decided');
  await ok(officer.call('PUT', `${c}/routes/${route}`, { stage: 'final' }));
  await ok(officer.post(`${c}/close`, { outcome: 'child_safe' }));
  await ok(supervisor.post(`${c}/close/approve`));
  steps.push('closed');
  await until('closed', async () => (await follow(r)).state === 'closed');
  assert.deepEqual((await codes(r)).slice(2), steps);
  assert.equal((await follow(r)).sentence, 'E mbaruam punën për këtë raportim. Mund të na shkruani përsëri kur të doni.');
  await ok(officer.post(`${c}/reopen`, { reason: 'U kthye, kështu u pa' }));
  steps.push('in_case');
  await next('reopened');

  // The page says the same without script, in both languages, and no institution and nothing that was typed.
  for (const [i, language] of ['sq', 'en'].entries()) {
    const page = await request(site.portal, 'POST', `/ndiq?lang=${language}`, { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams({ receipt: r.receipt }).toString() });
    assert.equal(page.status, 200);
    for (const code of ['considered', 'help_asked', 'help_begun', 'removed', 'deciding', 'decided', 'reopened']) assert.ok(page.text.includes(words[code][i][0]), code);
    for (const w of words.reopened[i]) assert.ok(page.text.includes(w), w);
    const said = page.text.slice(page.text.indexOf('<main'), page.text.indexOf('</main'));
    assert.ok(!/FSHEHTE|polici|police|prokurori|prosecut|gjykat|court|NJMF|Njësia|rrjeti\.example/i.test(said), said);
  }
});

test('a second referral is told again only after a day', async () => {
  const r = await report();
  const c = await opened(r);
  await refer(c, policeUnit, 'investigation');
  await until('asked', async () => (await codes(r)).at(-1) === 'help_asked');
  await refer(c, worksUnit, 'protection');
  site.advance(23 * 3600);
  await people();
  await refer(c, worksUnit, 'support');
  await settled(r);
  assert.equal((await codes(r)).filter((s) => s === 'help_asked').length, 1);
  site.advance(3700);
  await people();
  await refer(c, worksUnit, 'advice');
  await until('asked again', async () => (await codes(r)).filter((s) => s === 'help_asked').length === 2);
});

test('hidden by a worker: what was told goes, nothing comes, and what happened meanwhile stays hidden', async () => {
  const r = await report(), other = await report();
  const c = await opened(r, other);
  await ok(officer.post(`${c}/assessment`, { risk: 'high', text: 'x' }), 201);
  for (const one of [r, other]) await until('considered', async () => (await codes(one)).at(-1) === 'considered');
  assert.equal((await ok(officer.get(c))).steps, 'shown');
  const { version } = await ok(officer.get(c));
  const switched = (steps, who = officer, more = {}) => who.post(`${c}/steps`, { steps, ...more });
  assert.equal((await switched('perhaps')).status, 422);
  assert.equal((await switched(undefined)).status, 422);
  assert.ok([403, 404].includes((await switched('hidden', police)).status));
  assert.equal((await switched('hidden', officer, { version: version - 1 })).status, 409, 'who is second is told');
  await ok(switched('hidden', officer, { version }));
  for (const one of [r, other]) {
    await until('gone', async () => !(await codes(one)).includes('considered'));
    const f = await follow(one);
    assert.deepEqual([f.sentence, f.doing, f.next], words.in_case[0]);
  }
  const seen = await ok(officer.get(c));
  assert.equal(seen.steps, 'hidden');
  assert.ok(seen.timeline.some((l) => l.kind === 'steps_hidden'), 'it stands in the timeline');
  const referral = await refer(c, policeUnit, 'investigation');
  await ok(police.post(`/api/v1/referrals/${referral}/accept`));
  await ok(police.post(`/api/v1/referrals/${referral}/done`, { outcome: 'proceedings', text: 'x' }));
  const { id: address } = await ok(officer.post(`${c}/addresses`, { address: 'https://rrjeti.example/x' }), 201);
  for (const stage of ['asked', 'gone', 'back', 'gone']) await ok(officer.call('PUT', `${c}/addresses/${address}`, { stage, text: 'x' }));
  const route = (await ok(officer.post(`${c}/routes`, { kind: 'protection', stage: 'filed' }), 201)).id;
  for (const stage of ['hearing', 'decided', 'final']) await ok(officer.call('PUT', `${c}/routes/${route}`, { stage }));
  await ok(officer.post(`${c}/close`, { outcome: 'child_safe' }));
  await ok(supervisor.post(`${c}/close/approve`));
  await until('closed', async () => (await follow(r)).state === 'closed');
  await ok(officer.post(`${c}/reopen`, { reason: 'Arsye e provës.' }));
  await until('in a case again', async () => (await follow(r)).state === 'in_case');
  for (const one of [r, other]) {
    await settled(one);
    assert.deepEqual((await codes(one)).filter((s) => s in words && s !== 'in_case'), []);
  }
  await ok(switched('shown'));
  await settled(r);
  assert.deepEqual((await codes(r)).filter((s) => s in words && s !== 'in_case'), [], 'nothing of it comes back');
  await refer(c, worksUnit, 'protection');
  await until('told from now on', async () => (await codes(r)).at(-1) === 'help_asked');
  await ok(switched('hidden'));
  await until('gone', async () => !(await codes(r)).includes('help_asked'));
  await ok(officer.post(`${c}/referrals`, { unit: worksUnit, purpose: 'support', ground: 'criminal_procedure', fields: ['category'], note: 'Ju lutem shikojeni.' }), 201);
  await settled(r);
  assert.ok(!(await codes(r)).includes('help_asked'));
});

test('declined and handed back: what stands last is true again', async () => {
  const r = await report(), c = await opened(r);
  const last = async (code) => until(code, async () => (await codes(r)).at(-1) === code);
  await last('in_case');
  const one = await refer(c, policeUnit, 'investigation');
  await last('help_asked');
  const two = await refer(c, worksUnit, 'protection');
  await ok(police.post(`/api/v1/referrals/${one}/decline`, { reason: 'Jashtë kompetencës.' }));
  await settled(r);
  assert.equal((await codes(r)).at(-1), 'help_asked', 'another is still asked');
  await ok(worker.post(`/api/v1/referrals/${two}/accept`));
  await last('help_begun');
  await ok(worker.post(`/api/v1/referrals/${two}/return`, { reason: 'Na duhet më shumë.' }));
  await last('in_case');
  assert.ok(!(await codes(r)).some((code) => code.startsWith('help_')));
  await refer(c, policeUnit, 'investigation');
  await last('help_asked');
});

test('handed over: others take care of it now, whoever they are', async () => {
  const r = await report(), c = await opened(r);
  const transfer = (await ok(officer.post(`${c}/referrals`, { unit: policeUnit, kind: 'transfer', purpose: 'investigation', ground: 'criminal_procedure', fields: ['category'], note: 'Ju lutem merreni ju.' }), 201)).id;
  await told(r, 'help_asked', ['in_case', 'help_asked']);
  // Another report of the same: it was followed with this one, and stays with those who know its reporter.
  const twin = await report();
  await ok(officer.post(`/api/v1/reports/${twin.id}/take`));
  await ok(officer.post(`/api/v1/reports/${twin.id}/state`, { state: 'duplicate', of: r.id }));
  await until('its reporter reads it', async () => (await codes(twin)).at(-1) === 'duplicate');
  assert.ok((await follow(r)).answer_time, 'when somebody is at the desk that has it');
  await ok(police.post(`/api/v1/referrals/${transfer}/accept`));
  await told(r, 'handed_over', ['in_case', 'help_asked', 'handed_over']);
  await until('the other one is worked on again', async () => (await codes(twin)).at(-1) === 'taken');
  assert.equal((await ok(officer.get(`/api/v1/reports/${twin.id}`))).same_as, null);
  assert.equal((await follow(r)).answer_time, '', 'not the hours of a desk that has it no more');
  const page = (await police.get(`/cases/${c.split('/').at(-1)}`, { accept: 'text/html' })).text;
  assert.match(page, new RegExp(`href="/cases/[0-9a-f]{32}/reports/${r.id}">U[1-4] · \\p{L}`, 'u'), 'what it is stands there');
  await ok(police.post(`${c}/assessment`, { risk: 'high', text: 'x' }), 201);
  await told(r, 'considered', ['in_case', 'help_asked', 'handed_over', 'considered']);
  await ok(police.post(`${c}/reports/${r.id}/answer`, { text: 'Jemi këtu.' }));
  await until('the answer', async () => (await follow(r)).messages.some((m) => m.text === 'Jemi këtu.'));
});

test('the switch stands on the page of the case, also of a closed one', async () => {
  const r = await report();
  const c = await opened(r);
  const page = c.replace('/api/v1', '');
  const shown = await officer.get(page);
  assert.ok(shown.text.includes('name="steps" value="hidden"') && shown.text.includes(words.help_begun[0][0]));
  const csrf = officer.csrf, { version } = await ok(officer.get(c));
  const form = (fields) => request(site.desk, 'POST', `${page}/steps`, { headers: { cookie: officer.cookies, 'content-type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams({ csrf, ...fields }).toString() });
  assert.equal((await form({ steps: 'hidden', version: String(version) })).status, 303);
  assert.ok((await officer.get(page)).text.includes('name="steps" value="shown"'));
  await ok(officer.post(`${c}/close`, { outcome: 'other' }));
  await ok(supervisor.post(`${c}/close/approve`));
  assert.equal((await form({ steps: 'shown' })).status, 303);
  assert.equal((await ok(officer.get(c))).steps, 'shown');
});

// Read from the file, which on PostgreSQL is the server's.
if ((process.env.ISIGURT_STORE ?? 'sqlite') === 'sqlite') test('reply holds codes, minutes and nothing of an institution', async () => {
  const db = path.join(site.data, 'reply.db');
  const file = fs.existsSync(db) ? db : fs.readdirSync(site.data, { recursive: true }).map((f) => path.join(site.data, f)).find((f) => /reply[^/]*\.(db|sqlite)$/.test(f));
  const ask = (sql) => execFileSync('sqlite3', ['-readonly', file, sql], { encoding: 'utf8' }).trim().split('\n');
  assert.deepEqual(ask("select name from pragma_table_info('step') order by cid"), ['lookup', 'seq', 'code', 'at']);
  const known = new Set([...Object.keys(words), 'new', 'received', 'taken', 'assessed', 'answered', 'duplicate', 'spam', 'withdrawn', 'closed']);
  const seen = ask('select distinct code from step');
  assert.ok(seen.includes('handed_over') && seen.every((s) => known.has(s)), seen.join());
  assert.deepEqual(ask('select count(*) from step where at % 60000000 <> 0'), ['0']);
  const bytes = ['', '-wal'].map((end) => fs.existsSync(file + end) ? fs.readFileSync(file + end) : Buffer.alloc(0));
  const ids = [policeUnit, worksUnit].flatMap((id) => [Buffer.from(id, 'hex'), Buffer.from(id)]);
  for (const b of bytes) for (const id of [...ids, Buffer.from('POLICIA'), Buffer.from('olicia e Shtetit')]) assert.ok(!b.includes(id));
});

test('what the country does not tell is not told, and not shown any more', async () => {
  const r = await report();
  const c = await opened(r);
  await ok(officer.post(`${c}/assessment`, { risk: 'high', text: 'x' }), 201);
  await until('considered', async () => (await codes(r)).at(-1) === 'considered');
  const file = path.join(site.data, 'country', 'pack.json');
  const pack = JSON.parse(fs.readFileSync(file, 'utf8'));
  pack.reporter_step = pack.reporter_step.filter((s) => s.value !== 'help_asked').map((s) => ({ ...s, shown: s.value !== 'considered' }));
  fs.writeFileSync(file, JSON.stringify(pack));
  const admin = await site.signIn('administrator');
  const { waiting } = (await admin.get('/api/v1/pack')).json;
  await ok(admin.post('/api/v1/pack/reload', { hash: waiting }), 202);
  await until('it in all programs', async () => (await admin.get('/api/v1/pack')).json.programs.every((p) => waiting.startsWith(p.hash)), 60000);
  await people();
  assert.ok(!(await codes(r)).includes('considered'));
  assert.equal((await follow(r)).sentence, words.in_case[0][0]);
  const referral = await refer(c, policeUnit, 'investigation');
  await ok(police.post(`/api/v1/referrals/${referral}/accept`));
  await until('begun', async () => (await codes(r)).at(-1) === 'help_begun');
  assert.ok(!(await codes(r)).includes('help_asked'));
});
