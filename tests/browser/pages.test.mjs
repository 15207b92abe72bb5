// Every page, in both languages, with and without JavaScript, on a phone and on a desk: axe-core finds nothing, nothing is pushed
// to the side, every sentence is there. The list comes from the programs' routes and from the form's own templates.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { request, until } from '../lib/instance.mjs';
import { axe, browser, faults, overflow, site, smallTargets, stage, tabTo, visitor } from '../lib/browser.mjs';
import { routes } from '../lib/routes.mjs';

let ids, kase;
const sessions = {};
stage(async () => {
  // Two reports of one page, one of them taken, answered and judged urgent with a reason: the page with all its parts.
  const officer = sessions.duty_officer = await site.signIn('duty_officer');
  sessions.supervisor = await site.signIn('supervisor');
  sessions.administrator = await site.signIn('administrator');
  sessions.oversight = await site.signIn('oversight');
  const fields = { where: 'page', address: 'https://shembull.example/nje/faqe?id=1', category: 'SEXT', reporter: 'child', age_band: '<13', county: 'Korçë',
    in_danger: true, text: 'Më shkruan çdo natë.\nNuk di çfarë të bëj.', seen: 'dje', contact: 'ana@posta.example', safe_to_contact: 'vetëm me shkrim' };
  await site.report(fields);
  assert.equal((await site.report(fields)).status, 201);
  const report = await until('both at the desk', async () => (await officer.get('/api/v1/reports?state=new')).json.reports.find((r) => r.category === 'SEXT' && r.same_page_count === 1));
  assert.equal((await officer.post(`/api/v1/reports/${report.id}/take`)).status, 200);
  assert.equal((await officer.post(`/api/v1/reports/${report.id}/urgency`, { urgency: 'U2', reason: 'E biseduam në telefon.' })).status, 200);
  assert.ok((await officer.post(`/api/v1/reports/${report.id}/answer`, { text: 'Të dëgjojmë.' })).status < 300);
  // A case with everything on its page: somebody who must not be told, a task, a legal route.
  const made = await officer.post('/api/v1/cases', { reports: [(await officer.get('/api/v1/reports?state=new')).json.reports[0].id] });
  assert.equal(made.status, 201, made.text);
  kase = `/api/v1/cases/${made.json.id}`;
  for (const [path, json] of [['/people', { role: 'suspect', name: 'Njerku', contact: '069', must_not_be_told: true }], ['/assessment', { risk: 'high', text: 'Jeton me të.' }],
    ['/plan', { text: 'Te gjyshja.' }], ['/tasks', { title: 'Telefono', due: '2099-01-01' }], ['/notes', { text: 'Fola me nënën.' }]])
    assert.equal((await officer.post(kase + path, json)).status, 201, path);
  const task = (await officer.get(kase)).json.tasks[0].id, person = (await officer.get(kase)).json.people[0].id;
  const route = (await officer.post(`${kase}/routes`, { kind: 'criminal', body: 'Policia e Shtetit', number: '12/26' })).json.id;
  const [police] = (await officer.get('/api/v1/units?type=police')).json.units;
  const referral = await officer.post(`${kase}/referrals`, { unit: police.id, purpose: 'investigation', ground: 'criminal_procedure', fields: ['case_number', 'category', 'text'], note: 'Ju lutem shikojeni.' });
  assert.equal(referral.status, 201, referral.text);
  for (const to of [{ way: 'unit', unit: police.id }, { way: 'outside', recipient: 'Gjykata' }])
    assert.equal((await officer.post(`${kase}/casefile`, { ...to, ground: 'criminal_procedure', reason: 'E kërkoi gjykata.', compared: true })).status, 201);
  // Answered by two who differ; handed over; one marked as spam.
  const illegal = ['risk_kind:contact', 'risk_nature:sexual', 'incident:SEXT', 'verdict:illegal_national', 'age_group:pubescent', 'severity:B1'];
  const analyst = sessions.analyst ?? await site.signIn('analyst');
  assert.equal((await officer.post(`/api/v1/reports/${report.id}/assessment`, { answers: illegal, note: 'Sipas bisedës.' })).status, 200);
  assert.equal((await analyst.post(`/api/v1/reports/${report.id}/assessment/second`, { answers: [...illegal.slice(0, 3), 'verdict:not_illegal'] })).status, 200);
  const me = (await analyst.get('/api/v1/account')).json.id, some = (await officer.get('/api/v1/reports?state=new')).json.reports.at(-1).id;
  assert.equal((await officer.post('/api/v1/handover', { reports: [report.id], to: me, note: 'Nesër telefononi.' })).status, 200);
  assert.equal((await officer.post('/api/v1/bulk', { reports: [some], reason: 'test' })).status, 200);
  // Somebody in the directory, and a topic with an answer.
  const entry = await officer.post('/api/v1/directory', { organisation: 'Organizata e Provës', subject: 'protection', contact: '116 111', agree: true });
  assert.equal(entry.status, 200, entry.text);
  assert.equal((await officer.post('/api/v1/topics', { title: 'Trajnim i mësuesve', subject: 'education', text: 'Kush vjen?' })).status, 201);
  const topic = (await officer.get('/api/v1/topics')).json.topics[0].id;
  assert.equal((await sessions.supervisor.post(`/api/v1/topics/${topic}/posts`, { text: 'Ne.' })).status, 201);
  const inCase = (await officer.get(kase)).json.reports[0];
  const address = (await officer.post(`${kase}/addresses`, { address: 'https://shembull.example/foto?n=1' })).json.id;
  // What is kept about a person: asked for by one, approved by another.
  const access = await officer.post('/api/v1/access', { thing: made.json.id, reason: 'own', identity: 'receipt' });
  assert.equal(access.status, 201, access.text);
  assert.equal((await analyst.post(`/api/v1/access/${access.json.id}/approve`)).status, 200);
  sessions.coordinator = await site.signIn('coordinator');
  const seat = (await sessions.coordinator.get('/api/v1/registers/list?code=committee_seat')).json.entries[0].id;
  ids = { '/access/{id}': access.json.id, '/registers/entries/{id}': seat, '/registers/entries/{id}/edit': seat, '/reports/{id}/assessment': `/reports/${report.id}/assessment`, '/referrals/{id}': referral.json.id, '/cases/{id}/routes/{id2}': `/cases/${made.json.id}/routes/${route}`, '/cases/{id}/routes/{id2}/correct': `/cases/${made.json.id}/routes/${route}/correct`, '/cases/{id}/addresses/{id2}': `/cases/${made.json.id}/addresses/${address}`, '/cases/{id}/tasks/{id2}': `/cases/${made.json.id}/tasks/${task}`,
    '/cases/{id}/things/{id2}/retract': `/cases/${made.json.id}/things/${person}/retract`, '/cases/{id}/reports/{id2}/remove': `/cases/${made.json.id}/reports/${inCase}/remove`, '/reports/{id}': report.id, '/people/{id}': (await sessions.administrator.get('/api/v1/people')).json.people[0].id,
    '/contacts/{id}': police.id, '/topics/{id}': topic, '/cases/{id}/reports/{id2}': `/cases/${made.json.id}/reports/${inCase}`,
    '/units/{id}': (await sessions.administrator.get('/api/v1/units')).json.units[0].id, '/plan/indicators/{code}': '/plan/indicators/1.3.a', '/plan/activities/{code}': '/plan/activities/1.3?year=2019', '/plan/versions/{code}': '/plan/versions/1',
    '/plan/versions/{code}/item': '/plan/versions/2/item?kind=indicator&item=1.3.a', '/plan/targets/{code}': '/plan/targets/1.3.a' };
  assert.equal((await sessions.coordinator.post('/api/v1/plan/versions', { title: 'Projekt', reason: 'Provë, kështu u pa' })).status, 201);
  assert.equal((await sessions.coordinator.post('/api/v1/plan/entry', { period: '2019-01', institution: 'ALO116', submit: true, cells: { 'n.4_1_a.2019-01': '12' } })).status, 200);
  ids['/plan/values/{id}'] = (await sessions.coordinator.get('/api/v1/plan/entry?period=2019-01&institution=ALO116')).json.values[0].id;
  ids['/plan/reports/{id}'] = (await sessions.coordinator.post('/api/v1/plan/reports', { year: 2019 })).json.id;
});

// One visitor for each language × script × where; the same page is looked at on a phone in the light and on a desk in the dark.
const variants = [];
for (const language of ['sq', 'en']) for (const script of [true, false]) variants.push({ language, script });
const named = ({ language, script }) => `${language}, ${script ? 'with' : 'without'} JavaScript`;

// The heading of each page in each language: what was not translated is the same in both.
const headings = new Map();

async function look(v, name, language, wrong) {
  const say = (list, where) => { for (const what of [list].flat()) if (what) wrong.push(`${name} (${where}): ${what}`); };
  const { page } = v;
  await page.setViewportSize({ width: 390, height: 844 });
  await page.emulateMedia({ colorScheme: 'light' });
  say(await faults(page, language), language);
  headings.set(`${name} ${language}`, await page.locator('h1').first().innerText());
  say(await axe(v), '390 light');
  say(await smallTargets(page, name.startsWith('desk') ? 44 : 48), '390');
  await page.setViewportSize({ width: 360, height: 800 });
  say(await overflow(page), '360');
  await page.setViewportSize({ width: 1280, height: 900 });
  say(await overflow(page), '1280');
  if (language === 'sq') { // colours do not depend on the language
    await page.emulateMedia({ colorScheme: 'dark' });
    say(await axe(v), '1280 dark');
  }
  say(v.troubles.splice(0), 'console and requests');
}

// Walks the form to the receipt and beyond; visit(name) at each page. Answers: by step.
async function walk(page, base, language, answers, visit) {
  const step = () => page.locator('input[name="step"]').getAttribute('value');
  const press = (value) => Promise.all([page.waitForNavigation(), page.locator(`button[name="go"][value="${value}"]`).click()]);
  await page.goto(`${base}/raporto?lang=${language}`);
  const seen = [];
  for (let at = await step(); at !== 'review'; at = await step()) {
    assert.ok(!seen.includes(at), `${at} comes twice`);
    seen.push(at);
    await visit(at);
    for (const [name, value] of Object.entries(answers[at] ?? {})) {
      const field = page.locator(`main [name="${name}"]:not([type=hidden])`);
      if ((await field.first().getAttribute('type')) === 'radio') await page.locator(`input[name="${name}"][value="${value}"]`).check();
      else if ((await field.evaluate((e) => e.tagName)) === 'SELECT') await field.selectOption(value);
      else await field.fill(value);
    }
    await press('next');
  }
  await visit('review');
  await press('send');
  await page.locator('#receipt').waitFor();
  await visit('sent');
  return [...seen, 'review', 'sent'];
}

const told = {
  page: { where: { where: 'page' }, address: { address: 'https://shembull.example/a?b=1' }, what: { choice: 'asks_images' }, detail: { category: 'GROOM' }, danger: { in_danger: 'yes' },
    who: { reporter: 'child' }, age: { age_band: '13-15' }, county: { county: 'Korçë' }, seen: { seen: 'dje' }, text: { text: 'Një fjali.\nEdhe një.' } },
  app: { where: { where: 'app' }, app: { app: 'Instagram', account: '@dikush' }, what: { choice: 'bully' }, danger: { in_danger: 'no' } },
};

for (const variant of variants) {
  test(`portal, ${named(variant)}`, async () => {
    const v = await visitor(browser, site, variant);
    const { page } = v, { language } = variant, wrong = [], visited = new Set(), base = site.portal;
    const visit = async (name) => { visited.add(name); await look(v, `portal ${name}`, language, wrong); };
    for (const route of routes().filter((r) => r.program === 'portal' && r.method === 'GET' && !r.api)) {
      const answer = await page.goto(`${base}${route.path}?lang=${language}`);
      assert.equal(answer.status(), 200, route.path);
      await visit(route.path);
    }
    const steps = new Set();
    for (const answers of Object.values(told)) for (const s of await walk(page, base, language, answers, (s) => visit(s))) steps.add(s);
    const all = fs.readdirSync(new URL('../../templates/report/portal/', import.meta.url)).filter((f) => /^step_/.test(f)).map((f) => f.slice(5, -5));
    assert.deepEqual([...steps].sort(), [...all, 'review', 'sent'].sort(), 'every step of the form was seen');
    await Promise.all([page.waitForNavigation(), page.locator('main form[action^="/ndiq"] button').first().click()]);
    await visit('follow');
    await page.locator('main details summary').click();
    await look(v, 'portal withdraw', language, wrong);
    await page.goto(`${base}/ndiq?lang=${language}`);
    await page.locator('#receipt').fill('0000');
    await Promise.all([page.waitForNavigation(), page.locator('main form button').first().click()]);
    assert.ok(await page.locator('#receipt-error').isVisible());
    await look(v, 'portal code refused', language, wrong);
    assert.equal((await page.goto(`${base}/nuk-ka?lang=${language}`)).status(), 404);
    await look(v, 'portal not found', language, wrong);
    await v.context.close();
    assert.equal(wrong.join('\n'), '');
  });

  test(`desk, ${named(variant)}`, async () => {
    const { language, script } = variant, wrong = [], opened = new Set(), links = new Map();
    const open = routes().filter((r) => r.program === 'desk' && r.method === 'GET' && !r.api);
    const visitors = {};
    for (const role of [null, ...Object.keys(sessions)]) visitors[role] = await visitor(browser, site, { ...variant, session: role ? sessions[role] : undefined });
    for (const route of open) {
      const id = ids[route.path] ?? (route.path.startsWith('/cases/{id}') ? kase.slice(-32) : null);
      const path = !/\{(id|code)\}/.test(route.path) ? route.path : id?.startsWith('/') ? id : route.path.replace('{id}', id ?? assert.fail(`no id for ${route.path}`));
      // A page looks different to who may do more, so in one variant every role that may open it looks at it.
      for (const [role, v] of Object.entries(visitors)) {
        if ((role === 'null') !== (route.permission === 'public')) continue;
        const answer = await v.page.goto(`${site.desk}${path}${path.includes('?') ? '&' : '?'}lang=${language}`);
        const status = answer.status();
        assert.ok([200, 403].includes(status), `${path} for ${role}: ${status}`);
        const kind = status === 200 ? route.path : '403';
        if (opened.has(kind) && (kind === '403' || language !== 'sq' || !script)) continue;
        opened.add(kind);
        await look(v, `desk ${path} as ${role}`, language, wrong);
        for (const href of await v.page.locator('a[href^="/"]').evaluateAll((all) => all.map((a) => a.getAttribute('href')))) links.set(`${role} ${href.split('#')[0].replace(/[0-9a-f]{32,}/g, '…')}`, { role, href });
      }
    }
    assert.deepEqual(open.map((r) => r.path).filter((p) => !opened.has(p)), [], 'a role opened each page');
    // No link leads nowhere; of those that differ in an id alone one is followed, because each opening of a report counts.
    for (const { role, href } of links.values()) {
      const answer = await request(site.desk, 'GET', href, { headers: sessions[role] ? { cookie: sessions[role].cookies } : {} });
      if (![200, 303].includes(answer.status)) wrong.push(`link of ${role} to ${href}: ${answer.status}`);
    }
    const { page } = visitors.duty_officer;
    for (const state of ['taken', 'closed', 'all']) {
      await page.goto(`${site.desk}/reports?state=${state}`);
      await look(visitors.duty_officer, `desk queue ${state}`, language, wrong);
    }
    // A case file is shown by what was posted: for printing, and the passphrase of one for somebody outside; refused before.
    for (const way of ['print', 'outside']) {
      await page.goto(`${site.desk}/cases/${kase.slice(-32)}/casefile?lang=${language}`);
      const send = () => Promise.all([page.waitForNavigation(), page.locator('main form .buttons button').click()]);
      await page.locator(`input[name="way"][value="${way}"]`).check();
      for (const box of await page.locator('input[name="persons"], input[name="reports"], input[name="parts"]').all()) await box.check();
      await page.locator('#ground').selectOption({ index: 1 });
      await page.locator('#reason').fill('E kërkoi gjykata.');
      await send();
      assert.ok(await page.locator('#recipient-error').isVisible(), 'refused, with what was chosen');
      await look(visitors.duty_officer, `desk case file ${way} refused`, language, wrong);
      await page.locator('#recipient').fill('Gjykata e Rrethit Gjyqësor Korçë');
      await page.locator('input[name="compared"]').check();
      await send();
      assert.ok(await page.locator(way === 'print' ? '.paper .marking' : '#passphrase').isVisible());
      await look(visitors.duty_officer, `desk case file ${way}`, language, wrong);
    }
    assert.equal((await page.goto(`${site.desk}/nuk-ka`)).status(), 404);
    await look(visitors.duty_officer, 'desk not found', language, wrong);
    for (const v of Object.values(visitors)) await v.context.close();
    assert.equal(wrong.join('\n'), '');
  });
}

test('headings are translated', () => {
  const names = /\/people\/|\/plan as|\/plan\/versions\/\d/; // a person's, the plan's: a law gave it in one language
  const same = [...headings.keys()].filter((k) => k.endsWith(' sq') && !names.test(k) && headings.get(k) === headings.get(k.replace(/ sq$/, ' en')));
  assert.ok(headings.size > 60, `${headings.size} pages`);
  assert.deepEqual(same, []);
});

// ── the form, by the keyboard alone and without JavaScript ──
async function withoutScript(run) {
  const v = await visitor(browser, site, { script: false });
  const { page } = v;
  const key = async (...keys) => { for (const k of keys) await page.keyboard.press(k); };
  const to = (selector) => tabTo(page, selector);
  const step = async (wanted) => {
    await page.locator(`input[name="step"][value="${wanted}"]`).waitFor({ state: 'attached' });
    await page.waitForLoadState('load');
  };
  await run({ v, page, key, to, step });
  assert.deepEqual(v.troubles, []);
  await v.context.close();
}

test('the form from the start page to the receipt: Tab, arrows, Enter, nothing else', () => withoutScript(async ({ page, key, to, step }) => {
  await page.goto(`${site.portal}/?lang=sq`);
  assert.ok(await tabTo(page, '.skip', 1) <= 1, 'the first Tab offers to skip the head');
  await to('a[href="/raporto?lang=sq"]');
  await key('Enter');
  await step('where');
  await to('input[name="where"]');
  await key('Space', 'ArrowDown', 'Enter'); // the second: an app. Enter presses Continue, not the language
  await step('app');
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'sq');
  await to('#app');
  await page.keyboard.type('Viber');
  await to('#account');
  await page.keyboard.type('@i.panjohur');
  await key('Enter');
  await step('what');
  await to('input[name="choice"]');
  await key('Space', 'Enter');
  await step('danger');
  await to('input[name="in_danger"]');
  await key('Space', 'Enter');
  await step('who');
  await to('button[value="back"]'); // the way back is open, and the answer is still there
  await key('Enter');
  await step('danger');
  assert.ok(await page.locator('input[name="in_danger"][value="yes"]').isChecked());
  await to('button[value="next"]');
  await key('Enter');
  await step('who');
  await to('button[value="review"]'); // all that is asked now may stay empty
  await key('Enter');
  await step('review');
  for (const said of ['Viber', '@i.panjohur']) assert.ok(await page.getByText(said).first().isVisible(), said);
  await to('button[value="send"]');
  await key('Enter');
  await page.locator('#receipt').waitFor();
  assert.match((await page.locator('#receipt').innerText()).trim(), /^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){4}$/);
  assert.equal(page.url(), `${site.portal}/raporto?lang=sq`, 'the code stands in no address');
}));

test('a change of language keeps every answer, the one being typed too', () => withoutScript(async ({ page, step }) => {
  await page.goto(`${site.portal}/raporto?lang=sq`);
  await page.locator('input[name="where"][value="page"]').check();
  await page.locator('button[value="next"]').click();
  await step('address');
  await page.locator('#address').fill('https://shembull.example/ë?q=1&r=<b>"2"');
  await page.locator('button.lang').click();
  await until('English', () => page.evaluate(() => document.documentElement.lang === 'en'));
  await step('address');
  assert.equal(await page.locator('#address').inputValue(), 'https://shembull.example/ë?q=1&r=<b>"2"');
  await page.locator('button[value="back"]').click();
  await step('where');
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'en', 'the language stays');
  assert.ok(await page.locator('input[name="where"][value="page"]').isChecked());
}));

test('a refused answer has its sentence beside the field, and nothing is lost', () => withoutScript(async ({ v, page, step }) => {
  await page.goto(`${site.portal}/raporto?lang=sq`);
  await page.locator('button[value="next"]').click();
  await step('where');
  assert.ok(await page.locator('#where-error').isVisible(), 'nothing was chosen');
  await page.locator('input[name="where"][value="page"]').check();
  await page.locator('button[value="next"]').click();
  await step('address');
  await page.locator('#address').fill('data:image/png;base64,AAAA');
  await page.locator('button[value="next"]').click();
  await step('address');
  assert.match(await page.locator('#address-error').innerText(), /foto/i);
  assert.equal(await page.locator('#address').getAttribute('aria-invalid'), 'true');
  assert.ok((await page.locator('#address').getAttribute('aria-describedby')).includes('address-error'));
  assert.equal(await page.locator('#address').inputValue(), 'data:image/png;base64,AAAA');
  await page.locator('#address').fill('shembull.example/a');
  await page.locator('button[value="next"]').click();
  await step('what');
  await page.locator('input[value="bully"]').check();
  await page.locator('button[value="next"]').click();
  await step('danger');
  await page.locator('input[value="no"]').check();
  await page.locator('button[value="next"]').click();
  for (const s of ['who', 'county', 'seen']) {
    await step(s);
    await page.locator('button[value="next"]').click();
  }
  await step('text');
  const long = `${'Ë'.repeat(9999)}\n${'ç'.repeat(10001)}`; // 20,001 characters
  await page.locator('#text').evaluate((e) => e.removeAttribute('maxlength')); // as a browser without that limit would send it
  await page.locator('#text').fill(long);
  await page.locator('button[value="next"]').click();
  await step('text');
  assert.ok(await page.locator('#text-error').isVisible());
  assert.equal(await page.locator('#text').inputValue(), long, 'all of it came back');
  assert.deepEqual(await axe(v), []);
  await page.locator('#text').fill(long.slice(1));
  await page.locator('button[value="next"]').click();
  await step('contact');
  await page.locator('button[value="next"]').click();
  await step('review');
  assert.ok((await page.locator('.answers').innerText()).includes('shembull.example/a'));
  await page.locator('button[value="send"]').click();
  await page.locator('#receipt').waitFor();
}));

test('the first visit to the form is light', async () => {
  const v = await visitor(browser, site);
  const asked = [];
  v.page.on('request', (r) => asked.push(r.url()));
  await v.page.goto(`${site.portal}/raporto`, { waitUntil: 'networkidle' });
  const bytes = await v.page.evaluate(() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].reduce((n, e) => n + e.encodedBodySize, 0));
  assert.ok(bytes > 1000 && bytes <= 20 * 1024, `${bytes} bytes`);
  assert.ok(asked.length <= 4, asked.join(' '));
  await v.context.close();
});

test('whatever has the focus shows it', async () => {
  const v = await visitor(browser, site, { session: sessions.duty_officer });
  for (const start of [`${site.portal}/`, `${site.portal}/raporto`, `${site.portal}/ndiq`, `${site.desk}/reports`, `${site.desk}/sign-in`]) {
    await v.page.goto(start);
    for (let i = 0; i < 12; i++) {
      await v.page.keyboard.press('Tab');
      const bare = await v.page.evaluate(() => {
        const e = document.activeElement, style = getComputedStyle(e);
        if (e === document.body || (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2)) return '';
        return e.outerHTML.slice(0, 120);
      });
      assert.equal(bare, '', start);
    }
  }
  await v.context.close();
});

test('the receipt on paper: the code and the numbers, on one sheet, nothing to press', async () => {
  const v = await visitor(browser, site);
  await walk(v.page, site.portal, 'sq', told.page, async () => {});
  const code = (await v.page.locator('#receipt').innerText()).trim();
  await v.page.emulateMedia({ media: 'print' });
  assert.ok(await v.page.locator('#receipt').isVisible());
  assert.ok(await v.page.locator('footer a[href="tel:116111"]').isVisible());
  for (const e of await v.page.locator('button:not(.off), .lang').all()) assert.ok(!(await e.isVisible()), await e.innerText());
  const pdf = (await v.page.pdf({ format: 'A4' })).toString('latin1');
  assert.equal((pdf.match(/\/Type\s*\/Page\b/g) ?? []).length, 1, 'one sheet');
  assert.equal(code.length, 24);
  await v.context.close();
});
