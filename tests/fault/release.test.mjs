// What people run is the release build, by another compiler than all other tests: it starts with the sample data, takes a
// report, a person signs in and opens it, and the trail is whole.
import assert from 'node:assert/strict';
import { test } from 'node:test';
process.env.ISIGURT_BUILD = 'build';
const { Instance, until } = await import('../lib/instance.mjs');

test('the release build: from init to the opened report', async () => {
  const site = await Instance.start();
  try {
    const officer = await site.signIn('duty_officer');
    const known = new Set((await officer.get('/api/v1/reports?state=new')).json.reports.map((r) => r.id)); // the sample's
    const sent = await site.report({ category: 'SEXT', in_danger: true, text: 'Më kërcënon.', where: 'page', address: 'https://faqe.example/x' });
    assert.equal(sent.status, 201, sent.text);
    const row = await until('it at the desk', async () => (await officer.get('/api/v1/reports?state=new')).json.reports.find((r) => !known.has(r.id)));
    const opened = await officer.get(`/api/v1/reports/${row.id}`);
    assert.equal(opened.status, 200, opened.text);
    assert.equal(opened.json.text, 'Më kërcënon.');
    assert.equal((await site.follow(sent.json.receipt)).status, 200);
    assert.match(site.run(['audit', 'verify', '--data', site.data]), /^whole/);
  } finally {
    await site.remove();
  }
});
