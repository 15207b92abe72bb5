// visit: the first visit to the form in a fresh Chromium, as its own network log counts it: requests, and bytes of bodies
// as transferred (headers excluded). Once with script, once without. Prints one line of JSON.
import { chromium } from 'playwright-core';

const [url] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: [...(process.getuid() === 0 ? ['--no-sandbox'] : []), '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});
const out = {};
for (const javaScriptEnabled of [true, false]) {
  const context = await browser.newContext({ javaScriptEnabled, locale: 'sq-AL' });
  const page = await context.newPage();
  const done = [];
  page.on('requestfinished', (request) => done.push(request));
  page.on('requestfailed', (request) => done.push(request));
  const answer = await page.goto(url, { waitUntil: 'networkidle', timeout: 20000 });
  await page.waitForTimeout(500); // a picture asked for late counts too
  const list = [];
  for (const request of done.filter((r) => !r.url().startsWith('data:'))) {
    list.push({ path: new URL(request.url()).pathname, bytes: (await request.sizes()).responseBodySize });
  }
  out[javaScriptEnabled ? 'script' : 'plain'] = {
    status: answer.status(), requests: list.length, bytes: list.reduce((sum, r) => sum + r.bytes, 0), list,
    form: await page.locator('form[method=post]').count(),
  };
  await context.close();
}
await browser.close();
console.log(JSON.stringify(out));
