// The plan for everybody, with three years of figures: in both languages, with and without script, on a phone and on paper.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Instance } from '../lib/instance.mjs';
import { axe, faults, launch, leave, overflow, smallTargets, visitor } from '../lib/browser.mjs';

let site, browser;
before(async () => { site = await Instance.start({ years: true }); browser = await launch(); });
after(async () => { await browser?.close(); await site?.remove(); });

for (const language of ['sq', 'en']) for (const script of [true, false]) {
  test(`progress, lines, maps and the tables behind them: ${language}, ${script ? 'with' : 'without'} script`, async () => {
    const v = await visitor(browser, site, { language, script });
    const { page } = v;
    await page.goto(`${site.portal}/plani?lang=${language}`);
    assert.equal(await page.locator('.indicators > li').count(), 69);
    const row = page.locator('.indicators > li', { hasText: '1.5.c ' });
    await row.locator('summary').focus();
    await page.keyboard.press('Enter'); // no mouse, no script
    assert.equal(await row.locator('svg .line').count(), 1);
    assert.equal(await row.locator('svg .tile').count(), 12);
    const years = await row.locator('table').first().locator('td').allInnerTexts(), places = await row.locator('table').last().locator('td').allInnerTexts();
    assert.equal(years.length, 2);
    assert.equal(places.length, 12);
    assert.equal(await row.locator('summary b').innerText(), years[1], 'the year that is told stands on top too');
    assert.equal(places.reduce((n, x) => n + Number(x), 0), Number(years[1]), 'counties come to the country');
    assert.match(await page.locator('.indicators > li', { hasText: '1.5.h ' }).locator('summary b').innerText(), language === 'sq' ? /^\d+,\d\s%$/ : /^\d+\.\d\s%$/);
    assert.deepEqual(await faults(page, language), []);
    assert.deepEqual(await axe(v), []);
    assert.deepEqual(await smallTargets(page, 44), []);
    await page.setViewportSize({ width: 360, height: 800 });
    assert.equal(await overflow(page), '');
    await page.emulateMedia({ media: 'print' });
    assert.equal(await overflow(page), '');
    await page.emulateMedia({ media: 'screen', colorScheme: 'dark' });
    assert.deepEqual(await axe(v), []);
    await page.getByRole('link', { name: '2018' }).click();
    assert.match(await page.locator('main > p').first().innerText(), /2018/);
    await leave({ v });
  });
}

test('each file of a report comes down under its own name', async () => {
  const v = await visitor(browser, site, { language: 'sq' });
  await v.page.goto(`${site.portal}/plani?lang=sq`);
  for (const [name, begins] of [['PDF', '%PDF-'], ['Excel', 'PK'], ['HTML', '<!'], ['CSV', '\ufeff'], ['JSON', '{']]) {
    const [file] = await Promise.all([v.page.waitForEvent('download'), v.page.getByRole('link', { name, exact: true }).click()]);
    assert.match(file.suggestedFilename(), /^isigurt-2019-sq\./);
    const chunks = [];
    for await (const chunk of await file.createReadStream()) chunks.push(chunk);
    assert.ok(Buffer.concat(chunks).toString('utf8').startsWith(begins), name);
  }
  await leave({ v });
});
