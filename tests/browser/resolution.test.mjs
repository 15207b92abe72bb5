// The whole story with five people at once, each in a browser of their own: a child sends, the officer makes a case of it, a second
// analyst approves, the police and a child-protection worker do their part, the case is closed by two, and the child reads each step.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../lib/instance.mjs';
import { axe, browser, faults, leave, overflow, signIn, site, smallTargets, stage, tell, visitor } from '../lib/browser.mjs';

const address = 'https://rrjeti.example/profili/dea?foto=3';
const text = 'Më kërcënon se do t’i tregojë fotot në shkollë.\nMos i tregoni njerkut.';
stage();

// Fills a form by the names of its fields and sends it.
async function send(page, action, fields) {
  const form = page.locator(`form[action="${action}"]`).filter({ has: page.locator(Object.keys(fields).length ? `[name="${Object.keys(fields)[0]}"]` : 'button') }).first();
  const folded = form.locator('xpath=ancestor::details[not(@open)]/summary');
  if (await folded.count()) await folded.first().click();
  for (const [name, value] of Object.entries(fields)) {
    const field = form.locator(`[name="${name}"]:not([type="hidden"])`);
    if (Array.isArray(value)) for (const one of value) await form.locator(`[name="${name}"][value="${one}"]`).check();
    else if (value === true) await field.check();
    else if (await field.first().evaluate((e) => e.tagName === 'SELECT')) await field.selectOption(value);
    else await field.fill(value);
  }
  await Promise.all([page.waitForEvent('framenavigated'), form.locator('button').last().click()]);
  await page.waitForLoadState();
}

test('from the report to the closed case, five people, and the child knows each step', async () => {
  const wide = { width: 1280, height: 900 };
  const officer = await visitor(browser, site, wide), analyst = await visitor(browser, site, wide), police = await visitor(browser, site, wide);
  const worker = await visitor(browser, site, { width: 390, isMobile: true, hasTouch: true }), child = await visitor(browser, site, { width: 360, isMobile: true, hasTouch: true });
  const people = { officer, analyst, police, worker, child };
  await signIn(site, officer.page, 'duty_officer');
  await signIn(site, analyst.page, 'analyst');
  await signIn(site, police.page, 'contact', (a) => a.institution === 'POLICIA');
  await signIn(site, worker.page, 'contact', (a) => a.institution !== 'POLICIA');

  // The child sends; it rings.
  const stream = officer.page.waitForResponse((answer) => answer.url().includes('/api/v1/events'));
  await officer.page.goto(`${site.desk}/reports`);
  await stream;
  await tell(site, child.page, { address, text });
  await child.page.locator('button[value="send"]').click();
  const code = (await child.page.locator('#receipt').innerText()).trim();
  await officer.page.locator('.ring.u1').waitFor({ timeout: 5000 });

  // The officer takes it, answers, and makes a case of it with one key each.
  await officer.page.keyboard.press('o');
  await officer.page.waitForURL(/\/reports\/[0-9a-f]{32}$/);
  await officer.page.keyboard.press('t');
  await officer.page.locator('form[action$="/answer"] textarea').fill('Të besojmë. Tani po punojmë bashkë me të tjerë për ty.');
  await officer.page.locator('form[action$="/answer"] button').first().click();
  await officer.page.locator('.said.mine').waitFor();
  await officer.page.keyboard.press('c');
  await officer.page.waitForURL(/\/cases\/[0-9a-f]{32}$/);
  const at = new URL(officer.page.url()).pathname, here = `${site.desk}${at}`;
  const go = (v, path) => v.page.goto(`${site.desk}${path}`);

  // The child looks again after each act: what happened stands first, and at the end of what happened so far.
  await child.page.goto(`${site.portal}/ndiq`);
  await child.page.locator('#receipt').fill(code);
  await child.page.locator('main button').first().click();
  const reads = async (happened) => {
    await until(happened, async () => {
      await Promise.all([child.page.waitForEvent('framenavigated'), child.page.locator('#again button').click()]);
      await child.page.waitForLoadState();
      return (await child.page.locator('dl.life dd').first().innerText()).trim() === happened;
    });
    assert.equal((await child.page.locator('ol.steps li').last().innerText()).split('\n')[0].trim(), happened);
    assert.equal(await overflow(child.page), '', happened);
  };
  await reads('Po punojmë për të bashkë me institucionet që mund të ndihmojnë.');

  // Risk, plan, who must not be told.
  await go(officer, `${at}/people`);
  await send(officer.page, `${at}/people`, { role: { index: 1 }, name: 'Njerku i Deas', relation: 'njerku', must_not_be_told: true });
  await go(officer, `${at}/assessment`);
  await send(officer.page, `${at}/assessment`, { risk: { index: 1 }, text: 'Kërcënimi është i freskët; fëmija është me nënën.' });
  await reads('Menduam me kujdes çfarë mund të ndihmojë.');
  await go(officer, `${at}/plan`);
  await send(officer.page, `${at}/plan`, { text: 'Policia sot; njësia e mbrojtjes viziton nesër.' });
  assert.equal(await officer.page.locator(`form[action="${at}/state"] input[value="planned"]`).count(), 0, 'nobody approves his own plan');
  await go(analyst, at);
  assert.ok(await analyst.page.locator('#untold').isVisible(), 'who must not be told stands at the top');
  await analyst.page.locator(`form[action="${at}/state"]:has(input[value="planned"]) button`).click();
  await analyst.page.locator(`form[action="${at}/state"] input[value="planned"]`).waitFor({ state: 'detached' });
  await reads('Kemi një plan se si të ndihmojmë.');
  await officer.page.goto(here);
  await officer.page.locator(`form[action="${at}/state"]:has(input[value="implementing"]) button`).click();
  await officer.page.waitForURL(here);

  // Two institutions get what they need, each its own.
  const refer = async (unit, more) => {
    await go(officer, `${at}/refer`);
    const option = officer.page.locator('select[name="unit"] option', { hasText: unit }).first();
    const purpose = await officer.page.locator('select[name="purpose"] option').evaluateAll((all, w) => (all.find((o) => o.value === w) ?? all[1]).value, more.purpose);
    await send(officer.page, `${at}/refer`, { unit: await option.getAttribute('value'), purpose }); // the template of that receiver comes
    await officer.page.locator('input[name="fields"]').evaluateAll((all, chosen) => all.forEach((box) => { box.checked = chosen.includes(box.value); }), more.fields);
    await send(officer.page, `${at}/referrals`, { ground: { index: 1 }, fields: more.fields, consent: true, reason: 'Kërcënim i vazhduar.', note: more.note });
    if (new URL(officer.page.url()).pathname.endsWith('/referrals')) assert.fail(await officer.page.locator('main').innerText());
  };
  await refer(/olici/, { purpose: 'investigation', fields: ['text', 'address'], note: 'Ju lutem ruani provat.' });
  await refer(/brojtje.*fëmij|NJMF|fëmij/i, { purpose: 'protection', fields: ['text'], note: 'Njerku nuk duhet të dijë.' });
  await reads('U kërkuam ndihmë edhe të tjerëve, që dinë ta bëjnë këtë punë.');

  // The police read what was shared, accept, and finish.
  await go(police, '/referrals');
  await police.page.locator('table.queue tbody a').first().click();
  await police.page.waitForURL(/\/referrals\/[0-9a-f]{32}$/);
  const referral = new URL(police.page.url()).pathname;
  await police.page.locator('#shared ~ * summary, section[aria-labelledby="shared"] summary').first().click();
  assert.ok(await police.page.getByText(address).first().isVisible());
  assert.ok(!(await police.page.locator('main').innerText()).includes('Njerku i Deas'), 'what was not chosen is not there');
  assert.equal((await police.page.request.get(here)).status(), 404, 'the case itself stays closed to them');
  await send(police.page, `${referral}/accept`, {});
  await reads('Edhe të tjerë kanë filluar të ndihmojnë.');
  await send(police.page, `${referral}/done`, { outcome: { index: 1 }, text: 'Llogaria u identifikua, nisi hetimi.' });
  await reads('Dikush që po ndihmonte e mbaroi pjesën e vet.');

  // The page, which came from the report by itself, is asked about, and goes.
  await go(officer, at);
  const gone = await officer.page.locator(`a[href^="${at}/addresses/"]`).getAttribute('href');
  for (const [stage, happened] of [['asked', 'Kërkuam që diçka të hiqet nga interneti.'], ['gone', 'Diçka që nuk duhej të ishte në internet nuk është më aty.']]) {
    await go(officer, gone);
    await send(officer.page, gone, { stage });
    await reads(happened);
  }

  // The worker, on a phone: asks, is answered, accepts, is done.
  await go(worker, '/referrals');
  await worker.page.locator('table.queue tbody a').first().click();
  await worker.page.waitForURL(/\/referrals\/[0-9a-f]{32}$/);
  const visit = new URL(worker.page.url()).pathname;
  assert.equal(await overflow(worker.page), '');
  await send(worker.page, `${visit}/ask`, { text: 'A është nëna e lajmëruar?' });
  await go(officer, visit);
  await send(officer.page, `${visit}/answer`, { text: 'Po, nëna e di.' });
  await go(worker, visit);
  await send(worker.page, `${visit}/accept`, {});
  await go(officer, `${at}/close`);
  await send(officer.page, `${at}/close`, { outcome: { index: 1 } });
  assert.ok(await officer.page.locator('.alert').first().isVisible(), 'no closing while somebody still works on it');
  await go(worker, visit);
  await send(worker.page, `${visit}/done`, { outcome: { index: 1 }, text: 'Fëmija është i sigurt te nëna.' });

  // Closed by two.
  await officer.page.goto(here);
  for (const said of ['Llogaria u identifikua', 'i sigurt te nëna']) {
    await officer.page.goto(`${site.desk}${said.startsWith('L') ? referral : visit}`);
    assert.ok(await officer.page.getByText(said).first().isVisible(), said);
  }
  await go(officer, `${at}/close`);
  await send(officer.page, `${at}/close`, { outcome: { index: 1 }, text: 'U mbyll me të gjithë.' });
  if (new URL(officer.page.url()).pathname !== at) assert.fail(await officer.page.locator('main').innerText());
  assert.equal(await officer.page.locator(`form[action="${at}/close/approve"]`).count(), 0, 'nobody approves himself');
  await go(analyst, at);
  await send(analyst.page, `${at}/close/approve`, {});
  assert.equal(await analyst.page.locator(`form[action="${at}/close/approve"]`).count(), 0);
  for (const v of [officer, analyst, police]) assert.deepEqual(await axe(v), []);

  // The child reads each step.
  const steps = (await until('the last step', async () => {
    const said = (await site.follow(code)).json;
    return said.state === 'closed' ? said : null;
  })).steps;
  assert.deepEqual(steps.map((step) => step.code).filter((step, i, all) => all.indexOf(step) === i), ['received', 'taken', 'answered', 'in_case', 'considered', 'planned', 'help_asked',
    'help_begun', 'help_done', 'removal_asked', 'removed', 'closed']);
  await child.page.locator('#again button').click();
  const words = await child.page.locator('main').innerText();
  assert.match(words, /Të besojmë/);
  assert.deepEqual([await axe(child), await faults(child.page, 'sq'), await smallTargets(child.page, 48), await overflow(child.page)], [[], [], [], '']);
  for (const secret of ['Llogaria u identifikua', 'Njerku i Deas', 'rrjeti.example', 'olici', 'rokuror']) assert.ok(!words.includes(secret), secret);

  await leave(people);
});
