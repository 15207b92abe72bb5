// Behind a front that says from which network people come: after a flood from it, whoever has script lets the phone work, whoever
// has none waits, and both get a receipt with all their answers kept.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Instance } from '../lib/instance.mjs';
import { axe, faults, launch, visitor } from '../lib/browser.mjs';

let site, browser, front, prefix;
before(async () => {
  site = await Instance.start({ serve: false, config: { 'rate.reports': 3 } });
  const dir = path.join(site.root, 'front');
  fs.mkdirSync(dir);
  fs.chmodSync(dir, 0o1777);
  const socketPath = path.join(dir, 'portal.sock');
  await site.serve(['--portal', `unix:${socketPath}`]);
  front = http.createServer(async (ask, answer) => { // like nginx: the whole body first
    const parts = [];
    for await (const part of ask) parts.push(part);
    const onward = http.request({ socketPath, agent: false, method: ask.method, path: ask.url, headers: { ...ask.headers, 'x-isigurt-prefix': prefix } }, (said) => {
      answer.writeHead(said.statusCode, said.headers);
      said.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    onward.end(Buffer.concat(parts));
  }).listen(new URL(site.portal).port);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  front?.closeAllConnections();
  front?.close();
  await site?.remove();
});

for (const script of [true, false]) {
  test(`who comes from a flooded network ${script ? 'lets the phone work' : 'waits'}`, async () => {
    prefix = script ? '203.0.113.0/24' : '198.51.100.0/24';
    const statuses = [];
    for (let i = 0; i < 5; i++) statuses.push((await site.report({ text: `numri ${i}` })).status);
    assert.deepEqual(statuses, [201, 201, 201, 429, 429]);
    const v = await visitor(browser, site, { script });
    const { page } = v;
    const press = (value) => Promise.all([page.waitForNavigation(), page.locator(`button[value="${value}"]`).click()]);
    await page.goto(`${site.portal}/raporto?lang=sq`);
    await page.locator('input[value="app"]').check();
    await press('next');
    await page.locator('#account').fill('@dikush');
    await press('next');
    await page.locator('input[value="bully"]').check();
    await press('next');
    await page.locator('input[value="no"]').check();
    await press('next');
    await press('review');
    await press('send');
    if (script) {
      await page.locator('#receipt').waitFor({ timeout: 60000 }); // nothing to press: the page works, then sends by itself
    } else {
      await page.locator('[data-wait]').waitFor();
      assert.ok(await page.getByText('@dikush').isVisible(), 'the answers are still there');
      assert.deepEqual([...await faults(page, 'sq'), ...await axe(v)], []);
      site.advance(25);
      await press('send');
      assert.ok(await page.locator('#receipt').isVisible());
    }
    assert.deepEqual(v.troubles, []);
    await v.context.close();
  });
}
