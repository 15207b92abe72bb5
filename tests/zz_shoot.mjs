import fs from 'node:fs';
import { launch, visitor, overflow, faults, axe } from './lib/browser.mjs';
const st = JSON.parse(fs.readFileSync('/tmp/revshots/state.json'));
const site = { portal: st.portal, desk: st.desk };
const I = st.ids, K = `/cases/${I.kase}`;
const P = [
 ['duty_officer', { queue: '/reports', queue_taken: '/reports?state=taken', report: `/reports/${I.report}`, assess: `/reports/${I.report}/assessment`, handover: '/handover', bulk: '/bulk', keys: '/keys',
   cases: '/cases', case: K, case_people: K + '/people', case_assess: K + '/assessment', case_plan: K + '/plan', case_tasks: K + '/tasks', case_routes: K + '/routes', case_route: `${K}/routes/${I.route}`,
   case_addr: K + '/addresses', case_addr1: `${K}/addresses/${I.address}`, case_close: K + '/close', case_files: K + '/files', case_refer: K + '/refer', case_refer2: `${K}/refer?unit=${I.police}&purpose=investigation`, case_shared: K + '/shared', case_report: `${K}/reports/${I.caseReport}`, refs: '/referrals', ref: `/referrals/${I.ref}`,
   contacts: '/contacts', contact: `/contacts/${I.police}`, protocol: '/protocol', search: '/search', search2: '/search?kind=report&county=Kor%C3%A7%C3%AB', figures: '/figures', directory: '/directory', topics: '/topics', topic: `/topics/${I.topic}`, account: '/account', gone: '/reports/0123', big: `/cases/${I.big}` }],
 ['supervisor', { s_queue: '/reports', load: '/load', s_people: '/people', roster: '/roster', s_case: K, s_retention: '/retention', s_figures: '/figures' }],
 ['administrator', { a_home: '/', people: '/people', person_add: '/people/add', person: `/people/${I.person}`, institutions: '/institutions', units: '/units', unit: `/units/${I.unit}`, flaggers: '/flaggers', a_protocol: '/protocol', retention: '/retention' }],
 ['oversight', { o_home: '/', audit: '/audit', o_figures: '/figures' }],
 ['police', { p_home: '/', p_refs: '/referrals', p_ref: `/referrals/${I.ref}`, p_contacts: '/contacts', p_protocol: '/protocol' }],
 ['worker', { w_home: '/', w_refs: '/referrals' }],
 ['public', { start: 'P/', form: 'P/raporto', ndiq: 'P/ndiq', prof: 'P/profesionist', vert: 'P/vertetim', vertk: 'P/vertetim/kontroll', p404: 'P/nuk', signin: '/sign-in' }],
];
const only = process.argv.slice(2);
const browser = await launch();
for (const [role, pages] of P) for (const v of [{ n: 'ps', width: 360, height: 740, language: 'sq', dark: false }, { n: 'ds', width: 1280, height: 900, language: 'sq', dark: false }, { n: 'pe', width: 360, height: 740, language: 'en', dark: true }, { n: 'de', width: 1280, height: 900, language: 'en', dark: true }]) {
  const names = Object.keys(pages).filter(n => !only.length || only.includes(n));
  if (!names.length) continue;
  const w = await visitor(browser, site, { ...v, session: st.cookies[role] ? { cookies: st.cookies[role] } : undefined });
  for (const n of names) {
    const u = pages[n], url = (u.startsWith('P') ? site.portal + u.slice(1) : site.desk + u);
    const withLang = url + (url.includes('?') ? '&' : '?') + 'lang=' + v.language;
    const r = await w.page.goto(withLang).catch(e => console.log(n, v.n, e.message.slice(0, 100)));
    await w.page.waitForTimeout(60);
    const o = await overflow(w.page); const f = await faults(w.page, v.language);
    const hex = await w.page.evaluate(() => (document.querySelector('main')?.innerText.match(/\b[0-9a-f]{16,}\b/g) ?? []).slice(0, 3));
    const clip = await w.page.evaluate(() => [...document.querySelectorAll('main *, header *')].filter(e => e.scrollWidth > e.clientWidth + 2 && e.clientWidth > 0 && getComputedStyle(e).display !== 'inline' && !e.matches('.off,.off *,.skip') && !/auto|scroll/.test(getComputedStyle(e).overflowX)).slice(0, 3).map(e => e.outerHTML.slice(0, 90)));
    const line = [r?.status() >= 400 ? r.status() : '', o, f.length ? JSON.stringify(f) : '', hex.length ? 'HEX ' + hex : '', clip.length ? 'CLIP ' + JSON.stringify(clip) : ''].filter(Boolean).join(' · ');
    if (line) console.log(n, v.n, line);
    fs.writeFileSync(`/tmp/revshots/raw/${n}.${v.n}.txt`, await w.page.evaluate(() => document.body.innerText));
    const h = await w.page.evaluate(() => document.documentElement.scrollHeight);
    await w.page.screenshot({ path: `/tmp/revshots/raw/${n}.${v.n}.png`, fullPage: h < 6000 });
  }
  if (w.troubles.length) console.log(role, v.n, 'TROUBLES', w.troubles.slice(0, 5));
  await w.context.close();
}
// sheets
const c = await browser.newContext({ viewport: { width: 2100, height: 1400 } }); const page = await c.newPage();
for (const [, pages] of P) for (const n of Object.keys(pages)) { if (only.length && !only.includes(n)) continue;
  const img = k => `<img src="data:image/png;base64,${fs.readFileSync(`/tmp/revshots/raw/${n}.${k}.png`).toString('base64')}">`;
  await page.setContent(`<body style="margin:0;background:#f0f;display:flex;gap:8px;align-items:flex-start;width:max-content">${['ds', 'ps', 'pe'].map(img).join('')}</body>`); await page.waitForTimeout(50);
  await page.screenshot({ path: `/tmp/revshots/sheet/${n}.png`, clip: await page.evaluate(() => ({ x: 0, y: 0, width: document.body.scrollWidth, height: Math.min(3200, document.body.scrollHeight) })), fullPage: true });
}
await browser.close();
