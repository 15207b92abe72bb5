// In real Chromium, nothing typed is lost: an answer that took too long to write, so that the session ended meanwhile; a form that is
// refused before anybody has read it. Back alone would not do: no page is kept by the browser, and the portal's are answers to forms.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { totp } from '../lib/instance.mjs';
import { browser, site, stage, tell, visitor } from '../lib/browser.mjs';

stage();

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

// What no page of ours sends: more than the address takes.
const grow = (page, form, bytes) => page.evaluate(([selector, n]) => {
  const more = document.createElement('input');
  Object.assign(more, { type: 'hidden', name: 'more', value: 'x'.repeat(n) });
  document.querySelector(selector).append(more);
}, [form, bytes]);

for (const script of [true, false])
  test(`portal, ${script ? 'with' : 'without'} script: a form that is too long stands in the answer, and a press goes on`, async () => {
    const words = 'Më kërcënojnë me <fotot> e mia.\nKam frikë & turp.';
    const { page, troubles } = await visitor(browser, site, { script });
    await tell(site, page, { address: 'https://keq.example/faqe', text: words });
    await page.locator('button[value="back"]').first().click(); // contact
    await page.locator('button[value="back"]').first().click();
    await page.locator('#text').waitFor();
    const typed = `${words}\nDhe diçka që sapo e shtova.`;
    await page.locator('#text').fill(typed);
    await grow(page, '#form', 256 * 1024);
    const answered = page.waitForResponse((r) => r.request().method() === 'POST');
    await page.locator('button[value="next"]').click();
    assert.equal((await answered).status(), 413);
    await page.locator('h1', { hasText: 'Nuk është ruajtur ende' }).waitFor();
    assert.match(await page.locator('[role="alert"]').first().innerText(), /Shkurtojeni/);
    assert.equal(await page.locator('main textarea[name="text"]').inputValue(), typed);
    assert.ok(await page.locator('.help a[href="tel:116111"]').isVisible(), 'the numbers are there');
    await page.locator('main button').first().click();
    await page.locator('input[name="step"][value="contact"]').waitFor({ state: 'attached' });
    assert.equal(await page.locator('input[type="hidden"][name="text"]').inputValue(), typed);
    assert.equal(await page.locator('input[type="hidden"][name="in_danger"]').inputValue(), 'yes', 'the other answers came along');
    assert.deepEqual(troubles, []);
  });

test('desk: an answer that is refused unread stands on the page that says so, and a press sends it', async () => {
  const words = 'Fjalë të gjata <për ty>.\nNuk je vetëm.';
  const session = await site.signIn('duty_officer');
  const report = (await session.get('/api/v1/reports?state=new')).json.reports[0].id;
  assert.equal((await session.post(`/api/v1/reports/${report}/take`)).status, 200);
  const { page, troubles } = await visitor(browser, site, { width: 1280, session });
  await page.goto(`${site.desk}/reports/${report}`);
  await page.locator('form[action$="/answer"] textarea').fill(words);
  await grow(page, 'form[action$="/answer"]', 64 * 1024);
  await page.locator('form[action$="/answer"] button').first().click();
  await page.locator('h1', { hasText: 'Nuk është ruajtur ende' }).waitFor();
  assert.equal(await page.locator('main textarea').inputValue(), words);
  await page.locator('main button').first().click();
  await page.locator('.said.mine', { hasText: 'Nuk je vetëm.' }).waitFor();
  assert.deepEqual(troubles, []);
});
