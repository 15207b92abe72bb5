// An answer that took too long to write, in real Chromium without script: the session ended meanwhile, nothing typed is lost.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Instance, totp } from '../lib/instance.mjs';
import { launch, visitor } from '../lib/browser.mjs';

let site, browser;
before(async () => {
  site = await Instance.start();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await site?.remove();
});

test('the session ends while an answer is typed: sign in again, see it, press, sent', async () => {
  const words = 'Të dëgjojmë.\nA je në shtëpi <tani>?';
  const session = await site.signIn('duty_officer');
  const report = (await session.get('/api/v1/reports?state=new')).json.reports[0].id;
  assert.equal((await session.post(`/api/v1/reports/${report}/take`)).status, 200);
  const { page, troubles } = await visitor(browser, site, { width: 1280, script: false, session });
  await page.goto(`${site.desk}/reports/${report}`);
  await page.locator('form[action$="/answer"] textarea').fill(words);
  assert.equal((await session.call('DELETE', '/api/v1/session')).status, 200);
  await page.locator('form[action$="/answer"] button').first().click();
  await page.locator('#password').waitFor();
  assert.match(await page.locator('[role="alert"]').first().innerText(), /nuk është ruajtur ende/);
  const account = site.account('duty_officer');
  site.advance(60);
  account.step = Math.floor(site.now() / 30);
  await page.locator('#username').fill(account.username);
  await page.locator('#password').fill(account.password);
  await page.locator('#totp').fill(totp(account.totp_secret, site.now()));
  await page.locator('main button').first().click();
  await page.locator('h1', { hasText: 'Nuk është ruajtur ende' }).waitFor();
  assert.equal(await page.locator('main textarea').inputValue(), words);
  assert.equal(await page.locator('.said.mine').count(), 0);
  await page.locator('main button').first().click();
  await page.locator('.said.mine', { hasText: 'A je në shtëpi <tani>?' }).waitFor();
  assert.deepEqual(troubles, []);
});
