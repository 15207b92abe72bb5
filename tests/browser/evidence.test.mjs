// The form for evidence, on a phone and without script: a file is added, one that lies is refused with a sentence, one is removed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Instance } from '../lib/instance.mjs';
import { axe, faults, launch, overflow, signIn, smallTargets, visitor } from '../lib/browser.mjs';

let site, browser, teachers, pages;
before(async () => {
  site = await Instance.start();
  browser = await launch();
  teachers = await visitor(browser, site, { width: 390, script: false });
  await signIn(site, teachers.page, 'indicator_owner');
  await teachers.page.goto(`${site.desk}/plan/entry?period=2019`);
  await teachers.page.locator('input[name^="cells.n."]').first().fill('12');
  await press('.entry button:not([name])');
  const value = await teachers.page.locator('a[href^="/plan/values/"]').first().getAttribute('href');
  const owner = await site.signIn('indicator_owner');
  const made = await owner.post('/api/v1/registers/entries', { code: 'training', fields: { title: 'Trajnim prove', topic: 'filters', audience: 'teachers', mode: 'online', date: '2024-05-06' } });
  assert.equal(made.status, 201, made.text);
  pages = [value, `/registers/entries/${made.json.id}`];
});
after(async () => { await browser?.close(); await site?.remove(); });

const press = (button) => Promise.all([teachers.page.waitForNavigation(), teachers.page.locator(button).first().click()]);
const choose = (name, bytes) => teachers.page.locator('#file').setInputFiles({ name, mimeType: 'application/pdf', buffer: Buffer.from(bytes) });
async function clean() {
  assert.deepEqual(await faults(teachers.page, 'sq'), []);
  assert.deepEqual(await axe(teachers), []);
  assert.equal(await overflow(teachers.page), '');
  assert.deepEqual(await smallTargets(teachers.page, 44), []);
}

test('added, refused, removed', async () => {
  for (const address of pages) {
    await teachers.page.goto(`${site.desk}${address}`);
    await clean();
    await choose('një emër shumë i gjatë që duhet të hyjë edhe në një ekran të vogël telefoni.pdf', '%PDF-1.7\nprova\n');
    await press('#evidence form[enctype] button');
    assert.match(await teachers.page.locator('#evidence').innerText(), /telefoni\.pdf/);
    assert.match(await teachers.page.locator('main').innerText(), /U shtua një skedar/);
    await clean();
    await choose('foto.png', '%PDF-1.7\nprova\n');
    await press('#evidence form[enctype] button');
    assert.match(await teachers.page.locator('#file-error').innerText(), /emri/);
    await clean();
    await press('#evidence form[action$="/remove"] button');
    assert.equal(new URL(teachers.page.url()).pathname, address);
    assert.doesNotMatch(await teachers.page.locator('#evidence').innerText(), /telefoni\.pdf/);
    assert.match(await teachers.page.locator('main').innerText(), /U hoq një skedar/);
    await clean();
  }
});
