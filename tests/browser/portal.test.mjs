// The public pages as a child, a parent or a teacher uses them: leaving at once, no cookie, the report's life in sentences.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../lib/instance.mjs';
import { browser, site, stage, visitor } from '../lib/browser.mjs';

let officer;
stage(async () => { officer = await site.signIn('duty_officer'); });

const neutral = 'https://sq.wikipedia.org/';
async function guest(options) {
  const v = await visitor(browser, site, options);
  await v.context.route(`${neutral}**`, (route) => route.fulfill({ contentType: 'text/html', body: '<title>Neutral</title><h1>Neutral</h1>' }));
  await v.context.route('http://before.example/**', (route) => route.fulfill({ contentType: 'text/html', body: '<title>Before</title><h1>Before</h1>' }));
  return v;
}

// From another site through the start page and into the form, with words typed.
async function deep(page) {
  await page.goto('http://before.example/');
  await page.goto(`${site.portal}/?lang=sq`);
  await page.locator('main a.button').first().click();
  await page.locator('input[name="where"][value="none"]').check();
  await page.locator('button[value="next"]').click();
  await page.locator('input[name="step"][value="what"]').waitFor({ state: 'attached' });
}

for (const [how, go] of [['the button', (page) => page.locator('.exit').click()], ['Shift three times', async (page) => { for (let i = 0; i < 3; i++) await page.keyboard.press('Shift'); }],
  ['Esc three times', async (page) => { for (let i = 0; i < 3; i++) await page.keyboard.press('Escape'); }]]) {
  test(`quick exit by ${how}: neutral at once, nothing of ours behind it or ahead`, async () => {
    const { page, context } = await guest();
    await deep(page);
    await go(page);
    await page.waitForURL(neutral);
    assert.equal(await page.locator('h1').innerText(), 'Neutral');
    await page.goBack();
    await page.waitForURL((url) => url.host !== new URL(site.portal).host);
    assert.equal(await page.locator('h1').innerText(), 'Before', 'one Back is what was open before isigurt');
    await page.goForward();
    await page.waitForURL(neutral);
    await page.goForward().catch(() => {});
    await until('out again', async () => page.url() === neutral || null);
    await page.goto(`${site.portal}/raporto?lang=sq`); // opened anew it works as ever
    assert.ok(await page.locator('input[name="where"]').first().isVisible());
    assert.equal(await page.locator('input:checked').count(), 0, 'nothing is left of what was chosen');
    await context.close();
  });
}

test('the way back leads a step back, with what was typed, and asks nothing; nothing of it lies behind what was sent', async () => {
  const { page, context } = await guest();
  const at = (name) => page.locator(`input[name="step"][value="${name}"]`).waitFor({ state: 'attached' });
  const next = () => page.locator('button[value="next"]').click();
  await deep(page);
  await page.locator('input[name="choice"][value="threat"]').check();
  await next();
  await at('danger');
  await page.goBack();
  await at('what');
  assert.ok(await page.locator('input[name="choice"][value="threat"]').isChecked(), 'what was chosen stands there');
  await page.goBack();
  await at('where');
  await page.goForward();
  await at('what');
  await page.goForward();
  await at('danger');
  await page.locator('button[value="back"]').click(); // the form's own button is the same
  await at('what');
  await page.locator('.skip').focus();
  await page.keyboard.press('Enter');
  await at('what');
  await next();
  await at('danger');
  await page.locator('input[name="in_danger"][value="no"]').check();
  await next();
  for (let i = 0; i < 12 && !await page.locator('button[value="send"]').count(); i++) {
    if (await page.locator('textarea[name="text"]').count()) await page.locator('textarea[name="text"]').fill('Fjalë që nuk mbeten.');
    const where = await page.locator('input[name="step"]').inputValue();
    await next();
    await page.locator(`input[name="step"][value="${where}"]`).waitFor({ state: 'detached' });
  }
  assert.ok(await page.getByText('Fjalë që nuk mbeten.').isVisible(), 'the review');
  await page.locator('button[value="send"]').click();
  await page.locator('#receipt, .receipt').first().waitFor();
  await page.goBack();
  await page.locator('input[name="where"]').first().waitFor();
  assert.ok(!(await page.content()).includes('nuk mbeten'), 'a new form');
  await context.close();
});

test('another language, a lost connection, a page loaded anew: the way back leads a step back, and what was typed stays', async () => {
  const { page, context, expect } = await guest();
  const at = (name) => page.locator(`input[name="step"][value="${name}"]`).waitFor({ state: 'attached' });
  await deep(page);
  await page.locator('input[name="choice"][value="threat"]').check();
  await page.locator('button[value="next"]').click();
  await at('danger');
  await page.locator('.lang').click();
  await page.getByText('Is somebody in danger', { exact: false }).first().waitFor();
  assert.match(page.url(), /lang=en/);
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  await page.goBack();
  await at('what');
  assert.ok(await page.locator('input[value="threat"]').isChecked());
  await context.route('**/raporto**', (route) => route.abort());
  expect?.(0);
  await page.locator('button[value="next"]').click();
  await page.locator('#away').waitFor();
  assert.ok(await page.locator('input[value="threat"]').isChecked(), 'nothing is lost');
  await context.unroute('**/raporto**');
  await page.locator('button[value="next"]').click();
  await at('danger');
  await page.goBack();
  await page.goBack(); // fast, twice
  await at('where');
  await page.goForward();
  await at('what');
  await page.reload();
  await page.locator('input[name="where"]').first().waitFor();
  await page.goBack();
  await page.waitForURL((url) => !url.pathname.startsWith('/raporto')); // nothing stands before the first question
  await context.close();
});

test('Shift for capitals and Esc once do not throw anybody out', async () => {
  const { page, context } = await guest();
  await page.goto(`${site.portal}/ndiq?lang=sq`);
  await page.locator('#receipt').focus();
  for (const key of ['Shift', 'A', 'Shift', 'B', 'Shift', 'C', 'Shift', 'Escape', 'Shift']) await page.keyboard.press(key);
  await page.waitForTimeout(300);
  assert.equal(await page.locator('#receipt').inputValue(), 'ABC');
  await context.close();
});

test('without script the exit is a plain link, on every page', async () => {
  const { page, context } = await guest({ script: false });
  for (const path of ['/', '/raporto', '/ndiq', '/nuk-ka']) {
    await page.goto(`${site.portal}${path}`);
    assert.equal(await page.locator('.exit').getAttribute('href'), neutral, path);
    assert.ok(await page.locator('footer a[href="tel:116000"]').isVisible(), path);
    const box = await page.locator('.exit').boundingBox();
    assert.ok(box.y >= 0 && box.y + box.height < 200, 'at the top');
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    assert.ok((await page.locator('.exit').boundingBox()).y < 200, 'and it stays there');
  }
  await page.locator('.exit').click();
  await page.waitForURL(neutral);
  await context.close();
});

test('each door of the start page keeps the language without cookies, and says who reports', async () => {
  const { page, context } = await guest({ script: false, language: 'sq' });
  for (const who of ['child', 'parent', 'teacher']) { // professionals have a lane of their own
    await page.goto(`${site.portal}/?lang=en`);
    await context.clearCookies();
    await page.locator(`.doors a[href*="reporter=${who}"]`).click();
    assert.equal(await page.locator('html').getAttribute('lang'), 'en', who);
    assert.equal(await page.locator('input[name="reporter"]').getAttribute('value'), who);
  }
  for (const path of ['/raporto', '/ndiq', '/']) {
    await page.goto(`${site.portal}/?lang=en`);
    await context.clearCookies();
    await page.locator(path === '/' ? '.home' : `main a.button[href^="${path}"]`).click();
    assert.equal(await page.locator('html').getAttribute('lang'), 'en', path);
  }
  await context.close();
});

test('the life of a report in four sentences; a request to withdraw waits, is answered, is decided', async () => {
  const hateful = async () => (await officer.get('/api/v1/reports?state=new')).json.reports.filter((r) => r.category === 'HATE');
  const known = new Set((await hateful()).map((r) => r.id));
  const sent = await site.report({ where: 'none', category: 'HATE', text: 'Na shajnë në klasë.', language: 'sq' });
  const code = sent.json.receipt;
  const { page, context } = await guest({ script: false });
  const open = async () => {
    await page.goto(`${site.portal}/ndiq?lang=sq`);
    await page.locator('#receipt').fill(code);
    await page.locator('main button').first().click();
    return (await page.locator('.life dd').allInnerTexts()).map((s) => s.trim());
  };
  const report = await until('it at the desk', async () => (await hateful()).find((r) => !known.has(r.id)));
  let said = await open();
  assert.equal(said.length, 4);
  assert.match(said[0], /Ende askush nuk e ka marrë në dorë/);
  assert.match(said[1], /pret në listën/);
  assert.match(said[3], /116 111/);
  // The request.
  await page.locator('details summary').click();
  await page.locator('button[value="withdraw"]').click();
  assert.match(await page.locator('main').innerText(), /deri atëherë raportimi mbetet siç është/);
  assert.equal(await page.locator('button[value="withdraw"]').count(), 0, 'once is enough');
  assert.equal((await site.follow(code)).json.withdrawal, 'asked');
  assert.equal((await site.follow(code)).json.state, 'received', 'nothing is withdrawn by itself');
  await until('the desk sees it', async () => (await officer.get(`/api/v1/reports/${report.id}`)).json.withdraw_asked);
  assert.equal((await officer.post(`/api/v1/reports/${report.id}/take`)).status, 200);
  assert.ok((await officer.post(`/api/v1/reports/${report.id}/answer`, { text: 'A jeni mirë?' })).status < 300);
  await until('answered', async () => (await site.follow(code)).json.withdrawal === 'answered');
  said = await open();
  assert.match(await page.locator('main').innerText(), /Pas kërkesës ju kemi shkruar/);
  assert.equal(await page.locator('button[value="withdraw"]').count(), 1, 'it can be asked for again');
  assert.equal((await officer.post(`/api/v1/reports/${report.id}/state`, { state: 'withdrawn' })).status, 200);
  await until('withdrawn', async () => (await site.follow(code)).json.withdrawal === 'withdrawn');
  said = await open();
  assert.match(said[0], /u hoq, siç kërkuat/);
  assert.match(said[2], /ndërroni mendje/);
  await context.close();
});
