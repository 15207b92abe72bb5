// The main job in real Chromium: a child sends from a phone, the officer's open queue rings, one key opens the report, an answer
// goes back and is read with the code.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { until } from '../lib/instance.mjs';
import { browser, leave, signIn, site, stage, tell, visitor } from '../lib/browser.mjs';

const address = 'https://rrjeti.example/profili/ana?foto=12&ref=grupi#lart';
const text = 'Më kërcënon se do t’i nxjerrë fotot e mia.\nKam frikë.';
stage();

test('sent, rung within a second, opened by one key, answered, followed', async () => {
  const officer = await visitor(browser, site, { width: 1280, height: 900 });
  await signIn(site, officer.page, 'duty_officer');
  const stream = officer.page.waitForResponse((answer) => answer.url().includes('/api/v1/events'));
  await officer.page.goto(`${site.desk}/reports`);
  assert.equal((await stream).status(), 200);

  const child = await visitor(browser, site, { width: 390, hasTouch: true, isMobile: true });
  await tell(site, child.page, { address, text });
  for (const said of [address, 'Më kërcënojnë me foto', '13 deri në 15', 'Korçë', 'Kam frikë.']) assert.ok(await child.page.getByText(said).first().isVisible(), said);
  assert.equal(await officer.page.locator('.ring').count(), 0, 'nothing rings yet');
  const rung = officer.page.locator('.ring.u1').waitFor({ timeout: 5000 }).then(() => performance.now());
  const sent = performance.now();
  await child.page.locator('button[value="send"]').click();
  const waited = (await rung) - sent;
  assert.ok(waited < 1000, `rang ${Math.round(waited)} ms after the child pressed the button`);

  const code = (await child.page.locator('#receipt').innerText()).trim();
  const [saved] = await Promise.all([child.page.waitForEvent('download'), child.page.locator('[data-save]').click()]);
  assert.equal(saved.suggestedFilename(), 'kodi.txt');
  assert.equal(fs.readFileSync(await saved.path(), 'utf8'), `${code}\n`, 'the code and nothing else');
  assert.match(code, /^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){4}$/);
  assert.ok(await child.page.locator('.danger a[href="tel:116111"]').isVisible());

  await officer.page.keyboard.press('o'); // the one key
  await officer.page.waitForURL(/\/reports\/[0-9a-f]{32}$/);
  assert.equal(await officer.page.locator('#address').innerText(), address, 'exactly as it was written');
  assert.match(await officer.page.locator('h1').innerText(), /U1/);
  assert.equal(await officer.page.locator('.ring.u1').count(), 0, 'what is open rings no more');
  assert.equal(await officer.page.locator(`a[href*="rrjeti.example"]`).count(), 0, 'the address is no link');
  assert.ok(!(await officer.page.getByText('Kam frikë.').isVisible()), 'words of a sexual report are opened on purpose');
  await officer.page.locator('#words summary').click();
  assert.ok(await officer.page.getByText('Kam frikë.').isVisible());

  await officer.page.keyboard.press('t');
  await officer.page.locator('form[action$="/answer"] textarea').waitFor();
  await officer.page.locator('form[action$="/answer"] textarea').fill('Të dëgjojmë. Mos i përgjigj më.\nA je në shtëpi?');
  await officer.page.locator('form[action$="/answer"] button').first().click();
  await officer.page.locator('.said.mine', { hasText: 'A je në shtëpi?' }).waitFor();

  // Later, on another phone, with the code alone, typed as people type.
  const later = await visitor(browser, site, { width: 390 });
  await later.page.goto(`${site.portal}/ndiq`);
  await later.page.locator('#receipt').fill(code.replaceAll('-', ' ').toLowerCase());
  await later.page.locator('main button').first().click();
  await until('the answer', async () => {
    if (await later.page.getByText('A je në shtëpi?').isVisible()) return true;
    await later.page.locator('#again button').click();
    return false;
  });
  const words = await later.page.locator('main').innerText();
  assert.ok(!words.includes('Kam frikë.') && !words.includes('rrjeti.example'), 'the code never opens the report itself');
  await later.page.locator('#text').fill('Po, jam në shtëpi me nënën.');
  await later.page.locator('button[value="say"]').click();
  await later.page.locator('.alert.good').waitFor();
  assert.ok(await later.page.locator('.said.mine', { hasText: 'Po, jam në shtëpi' }).isVisible());

  await until('the child’s words at the desk', async () => {
    await officer.page.reload();
    const message = officer.page.locator('.said:not(.mine)', { hasText: 'Po, jam në shtëpi me nënën.' });
    return (await message.count()) === 1;
  });
  await officer.page.locator('.said:not(.mine) summary').click();
  assert.ok(await officer.page.getByText('Po, jam në shtëpi me nënën.').isVisible());

  await leave({ officer, child, later });
});
