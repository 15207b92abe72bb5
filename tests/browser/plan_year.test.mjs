// A whole reporting year as those who live it do: a target, values typed, sent back, mended, approved, the year closed, its report
// taken, commented on, approved, presented, published, and read by everybody.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Instance } from '../lib/instance.mjs';
import { axe, faults, launch, leave, overflow, signIn, visitor } from '../lib/browser.mjs';

let site, browser, agency, ministry, teachers, child;
before(async () => {
  site = await Instance.start();
  browser = await launch();
  [agency, ministry, teachers, child] = await Promise.all([1280, 1280, 390, 390].map((width) => visitor(browser, site, { width, script: width === 1280 })));
  await signIn(site, agency.page, 'coordinator', (a) => a.institution === 'ASHDMF');
  await signIn(site, ministry.page, 'coordinator', (a) => a.institution === 'MSHMS');
  await signIn(site, teachers.page, 'indicator_owner'); // of the ministry of education, on a phone and without script
});
after(async () => { await browser?.close(); await site?.remove(); });

const open = (v, path) => v.page.goto(`${site.desk}${path}`);
const press = (v, button) => Promise.all([v.page.waitForNavigation(), v.page.locator(button).first().click()]);
async function clean(v) {
  assert.deepEqual(await faults(v.page, 'sq'), []);
  assert.deepEqual(await axe(v), []);
  assert.equal(await overflow(v.page), '');
}
const field = (v, period, what = 'n') => v.page.locator(`tr[data-indicator="1.6.b"][data-period="${period}"] input[name^="cells.${what}."]`);
let report;

test('the coordinator says what shall be reached', async () => {
  await open(agency, '/plan/targets?year=2019');
  await agency.page.getByRole('link', { name: /^1\.6\.b / }).click();
  await agency.page.locator('input[name="baseline"]').fill('10');
  await agency.page.locator('input[name="target"]').fill('90');
  await agency.page.locator('[name="rationale"]').fill('Sa u ra dakord në mbledhje.');
  await clean(agency);
  await press(agency, 'form:has([name="baseline"]) button');
  await open(agency, '/plan/targets?year=2019');
  assert.match(await agency.page.locator('tr', { hasText: '1.6.b ' }).innerText(), /90/);
});

test('the institution types the quarters; what is wrong stays with its sentence, the rest is kept', async () => {
  await open(teachers, '/plan/entry?period=2019');
  const all = ['2019-Q1', '2019-Q2', '2019-Q3', '2019-Q4'];
  for (const [i, n] of ['12', '20', 'shumë', '30'].entries()) await field(teachers, all[i]).fill(n);
  await press(teachers, '.entry button:not([name])');
  assert.equal(await field(teachers, '2019-Q3').inputValue(), 'shumë', 'nothing typed is lost');
  assert.equal(await teachers.page.locator('tr.bad').count(), 1);
  await clean(teachers);
  await field(teachers, '2019-Q3').fill('2');
  await press(teachers, '.entry button[name="submit"]');
  assert.equal(await teachers.page.locator('tr.bad').count(), 0);
  for (const p of all) assert.match(await teachers.page.locator(`tr[data-indicator="1.6.b"][data-period="${p}"] td`).last().innerText(), /[Dd]orëzuar|[Pp]ret/);
});

test('one value comes back with a note, is mended, and all are approved by another person', async () => {
  await open(agency, '/plan/approvals');
  await clean(agency);
  const rows = agency.page.locator('tr', { hasText: '1.6.b ' });
  assert.equal(await rows.count(), 4);
  await rows.nth(2).getByRole('link').click(); // the oldest period stands first
  await agency.page.locator('[name="note"]').fill('A është vërtet dy?');
  await clean(agency);
  await press(agency, 'form[action$="/return"] button');
  await open(teachers, '/plan/entry?period=2019');
  assert.ok((await teachers.page.locator('main').innerText()).includes('A është vërtet dy?'));
  await field(teachers, '2019-Q3').fill('22');
  await press(teachers, '.entry button[name="submit"]');
  await open(agency, '/plan/approvals');
  for (const box of await agency.page.locator('tr', { hasText: '1.6.b ' }).locator('input[type="checkbox"]').all()) await box.check();
  await press(agency, 'form[method="post"][action="/plan/approvals"] button');
  await open(agency, '/plan/indicators/1.6.b?year=2019');
  assert.ok((await agency.page.locator('main').innerText()).includes('84'), '12 + 20 + 22 + 30');
});

test('the year is closed: nothing more is taken, and the page says so', async () => {
  await open(teachers, '/plan/entry?period=2019');
  await field(teachers, '2019-Q4').fill('31');
  await open(agency, '/plan/periods');
  await Promise.all([agency.page.waitForNavigation(), agency.page.locator('form:has(input[value="2019"]) button').click()]);
  await press(teachers, '.entry button:not([name])');
  assert.equal(await teachers.page.locator('tr.bad').count(), 1, 'somebody typed while it was closed: told, and not lost');
  assert.equal(await field(teachers, '2019-Q4').inputValue(), '31');
  await open(teachers, '/plan/entry?period=2019');
  assert.match(await teachers.page.locator('main').innerText(), /mbyllur/);
});

test('the report goes from draft to the public, each step by whom it is for', async () => {
  await open(agency, '/plan/reports');
  await agency.page.locator('select[name="year"]').selectOption('2019');
  await Promise.all([agency.page.waitForNavigation(), agency.page.locator('form[action="/plan/reports"] button').click()]);
  report = new URL(agency.page.url()).pathname;
  const go = async (v, step, text) => {
    await open(v, report);
    const form = v.page.locator(`form[action="${report}/${step}"]`);
    if (text) await form.locator('textarea').fill(text);
    await clean(v);
    await Promise.all([v.page.waitForNavigation(), form.locator('button').click()]);
  };
  await go(agency, 'open');
  await go(teachers, 'comment', 'Shifrat tona janë të sakta.');
  assert.equal(await agency.page.locator(`form[action="${report}/approve"]`).count(), 0, 'not by whoever took it');
  await go(ministry, 'approve');
  await go(ministry, 'present', 'Këshilli Kombëtar, vendimi nr. 3');
  await go(ministry, 'publish');
  assert.ok((await ministry.page.locator('main').innerText()).includes('Shifrat tona janë të sakta.'));
});

test('everybody reads it', async () => {
  await child.page.goto(`${site.portal}/plani?lang=sq`);
  const row = child.page.locator('.indicators > li', { hasText: '1.6.b ' });
  assert.match(await row.locator('summary').innerText(), /84[\s\S]*Synimi 90/);
  await clean(child);
  const [file] = await Promise.all([child.page.waitForEvent('download'), child.page.getByRole('link', { name: 'PDF', exact: true }).click()]);
  assert.equal(file.suggestedFilename(), 'isigurt-2019-sq.pdf');
  await leave({ agency, ministry, teachers, child });
});
