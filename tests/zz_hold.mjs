import fs from 'node:fs';
import { Instance, until, Session } from './lib/instance.mjs';
const site = await Instance.start({ store: 'sqlite' });
const S = {}; for (const r of ['duty_officer','supervisor','administrator','oversight','analyst']) S[r] = await site.signIn(r);
S.police = await site.signIn(site.accounts.find(a => a.role === 'contact' && a.institution === 'POLICIA'));
S.worker = await site.signIn(site.accounts.find(a => a.role === 'contact' && a.institution !== 'POLICIA'));
const officer = S.duty_officer, ok = (a, w) => { if (a.status >= 300) console.log('!!', w, a.status, a.text.slice(0, 300)); return a.json; };
const fields = { where: 'page', address: 'https://shembull.example/nje/faqe?id=1', category: 'SEXT', reporter: 'child', age_band: '<13', county: 'Korçë',
  in_danger: true, text: 'Më shkruan çdo natë.\nNuk di çfarë të bëj.', seen: 'dje', contact: 'ana@posta.example', safe_to_contact: 'vetëm me shkrim' };
const rc = (await site.report(fields)).json; ok(await site.report(fields));
const report = await until('both', async () => (await officer.get('/api/v1/reports?state=new')).json.reports.find(r => r.category === 'SEXT' && r.same_page_count === 1));
ok(await officer.post(`/api/v1/reports/${report.id}/take`));
ok(await officer.post(`/api/v1/reports/${report.id}/urgency`, { urgency: 'U2', reason: 'E biseduam në telefon.' }));
ok(await officer.post(`/api/v1/reports/${report.id}/answer`, { text: 'Të dëgjojmë.' }));
const caseReceipt = (await site.report({ ...fields, address: 'https://rrjeti.example/profili/dea', category: 'SEXT' })).json;
const forCase = await until('case report', async () => (await officer.get('/api/v1/reports?state=new')).json.reports.find(r => r.category === 'SEXT' && r.id !== report.id && r.same_page_count === 0));
ok(await officer.post(`/api/v1/reports/${forCase.id}/take`));
const made = ok(await officer.post('/api/v1/cases', { reports: [forCase.id] }), 'case');
const kase = `/api/v1/cases/${made.id}`;
for (const [path, json] of [['/people', { role: 'suspect', name: 'Njerku', contact: '069', must_not_be_told: true }], ['/people', { role: 'child', name: 'Dea', relation: '', must_not_be_told: false }], ['/assessment', { risk: 'high', text: 'Jeton me të.' }],
  ['/plan', { text: 'Te gjyshja.' }], ['/tasks', { title: 'Telefono nënën dhe pyet kur mund të vijë', due: '2026-12-01' }], ['/notes', { text: 'Fola me nënën.\nVjen nesër.' }]]) ok(await officer.post(kase + path, json), path);
const route = ok(await officer.post(`${kase}/routes`, { kind: 'criminal', body: 'Policia e Shtetit', number: '12/26' }), 'route').id;
const police = (await officer.get('/api/v1/units?type=police')).json.units;
const ref = ok(await officer.post(`${kase}/referrals`, { unit: police[0].id, purpose: 'investigation', ground: 'criminal_procedure', fields: ['case_number', 'category', 'text', 'address'], note: 'Ju lutem shikojeni.' }), 'ref');
const illegal = ['risk_kind:contact', 'risk_nature:sexual', 'incident:SEXT', 'verdict:illegal_national', 'age_group:pubescent', 'severity:B1'];
ok(await officer.post(`/api/v1/reports/${report.id}/assessment`, { answers: illegal, note: 'Sipas bisedës.' }), 'ass');
ok(await S.analyst.post(`/api/v1/reports/${report.id}/assessment/second`, { answers: [...illegal.slice(0, 3), 'verdict:not_illegal'] }), 'ass2');
const me = (await S.analyst.get('/api/v1/account')).json.id, some = (await officer.get('/api/v1/reports?state=new')).json.reports.at(-1).id;
ok(await officer.post('/api/v1/handover', { reports: [report.id], to: me, note: 'Nesër telefononi.' }), 'ho');
ok(await officer.post('/api/v1/bulk', { reports: [some], reason: 'test' }), 'bulk');
ok(await officer.post('/api/v1/directory', { organisation: 'Organizata e Provës', subject: 'protection', contact: '116 111', agree: true }), 'dir');
ok(await officer.post('/api/v1/topics', { title: 'Trajnim i mësuesve', subject: 'education', text: 'Kush vjen?' }), 'topic');
const topic = (await officer.get('/api/v1/topics')).json.topics[0].id;
ok(await S.supervisor.post(`/api/v1/topics/${topic}/posts`, { text: 'Ne.' }), 'post');
const address = ok(await officer.post(`${kase}/addresses`, { address: 'https://shembull.example/foto?n=1' }), 'addr').id;
const prof = await fetch;
// a big one: 500 notes
const big = (await officer.get('/api/v1/reports?state=new')).json.reports[2].id;
const made2 = ok(await officer.post('/api/v1/cases', { reports: [big] }), 'case2');
for (let i = 0; i < 500; i++) { const r = await officer.post(`/api/v1/cases/${made2.id}/notes`, { text: `Shënimi ${i + 1}: fola me shkollën dhe me nënën, nesër përsëri.` }); if (r.status >= 300) { console.log('note', i, r.status, r.text.slice(0, 200)); break; } }
for (let i = 0; i < 60; i++) await site.report({ where: 'page', address: `https://shembull${i}.example/nje/faqe/shume/e/gjate/qe/nuk/mbaron?id=${i}`, category: ['BULLY', 'SEXT', 'CSAM', 'SCAM', 'ADVICE'][i % 5], reporter: 'child', age_band: '13-15', county: 'Tiranë', text: 'x' });
const out = { portal: site.portal, desk: site.desk, clock: site.clock, offset: site.offset, accounts: site.accounts, receipt: rc.receipt ?? rc, caseReceipt: caseReceipt.receipt ?? caseReceipt,
  ids: { report: report.id, caseReport: forCase.id, kase: made.id, big: made2.id, route, ref: ref.id, topic, address, police: police[0].id, person: (await S.administrator.get('/api/v1/people')).json.people[0].id, unit: (await S.administrator.get('/api/v1/units')).json.units[0].id },
  cookies: Object.fromEntries(Object.entries(S).map(([k, s]) => [k, s.cookies])) };
fs.writeFileSync('/tmp/revshots/state.json', JSON.stringify(out, null, 1)); console.log('UP');
process.on('SIGTERM', async () => { await site.remove(); process.exit(0); });
setInterval(() => {}, 1e6);
