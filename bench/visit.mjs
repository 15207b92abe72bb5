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
  const log = await context.newCDPSession(page);
  const seen = new Map();
  await log.send('Network.enable');
  log.on('Network.requestWillBeSent', (e) => seen.set(e.requestId, { url: e.request.url, bytes: 0 }));
  log.on('Network.dataReceived', (e) => { if (seen.has(e.requestId)) seen.get(e.requestId).bytes += e.encodedDataLength; });
  const answer = await page.goto(url, { waitUntil: 'networkidle', timeout: 20000 });
  await page.waitForTimeout(500); // a picture asked for late counts too
  const list = [...seen.values()].map((r) => ({ path: r.url.startsWith('data:') ? 'data:' : new URL(r.url).pathname, bytes: r.bytes }))
    .filter((r) => r.path !== 'data:');
  out[javaScriptEnabled ? 'script' : 'plain'] = {
    status: answer.status(), requests: list.length, bytes: list.reduce((sum, r) => sum + r.bytes, 0), list,
    form: await page.locator('form[method=post]').count(),
  };
  await context.close();
}
await browser.close();
console.log(JSON.stringify(out));
