// Every line of good.jsonl and bad.jsonl, through the portal and to the desk.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Instance, shared, until } from '../lib/instance.mjs';

const lines = (name) => fs.readFileSync(path.join(shared, 'reports', name), 'utf8').trim().split('\n').map((l) => JSON.parse(l));
const fields = (line) => Object.fromEntries(Object.entries({
  language: line.lang, where: line.where, address: line.address, app: line.app, account: line.account, category: line.what,
  reporter: line.who, age_band: line.age, county: line.county, in_danger: line.danger, text: line.text,
}).filter(([, v]) => v !== undefined && v !== null));

let site, analyst;
const ids = {}; // line id → report id
before(async () => {
  site = await Instance.start();
  analyst = await site.signIn('analyst');
});
after(() => site.remove());

// All reports that are not in known, once as many as wanted have come in.
async function fresh(known, wanted) {
  return until(`${wanted} new reports`, async () => {
    const all = [];
    for (let next = ''; next !== null;) {
      const page = (await analyst.get(`/api/v1/reports?state=new${next ? `&after=${next}` : ''}`)).json;
      all.push(...page.reports);
      next = page.next ?? null;
    }
    const found = all.filter((r) => !known.has(r.id));
    return found.length >= wanted ? found : null;
  });
}

test('good lines are accepted with the computed urgency, page and links', async (t) => {
  const known = new Set((await fresh(new Set(), 31)).map((r) => r.id)); // the samples of the demo
  for (const line of lines('good.jsonl')) {
    await t.test(line.id, async () => {
      const answer = await site.report(fields(line));
      assert.equal(answer.status, 201, answer.text);
      const [report] = await fresh(known, 1);
      known.add(report.id);
      ids[line.id] = report.id;
      assert.equal(report.urgency, line.expect.urgency);
      const expected = line.expect.same_as ? ids[line.expect.same_as] : null;
      const opened = await until('its links', async () => {
        const r = (await analyst.get(`/api/v1/reports/${report.id}`)).json;
        return !expected || r.same_page.includes(expected) ? r : null;
      });
      if (line.expect.address) assert.equal(opened.page, line.expect.address);
      if (line.expect.same_host_as) await until('the host link', async () =>
        (await analyst.get(`/api/v1/reports/${report.id}`)).json.same_host.includes(ids[line.expect.same_host_as]));
      site.advance(40); // opens are bounded by the minute
    });
  }
});

test('bad lines are refused with a sentence, or accepted without harm', async (t) => {
  const field = { b01: 'address', b02: 'address', b03: 'address', b04: 'category', b05: 'text', b09: 'address', b10: 'text', b11: 'address', b14: 'age_band', b15: 'county', b16: 'age_band' };
  for (const line of lines('bad.jsonl')) {
    await t.test(line.id, async () => {
      const answer = await site.report(fields(line));
      if (line.expect.startsWith('refused')) {
        assert.equal(answer.status, 422, answer.text.slice(0, 300));
        const said = answer.json.errors.find((e) => e.field === field[line.id]);
        assert.ok(said, `${field[line.id]} in ${JSON.stringify(answer.json.errors)}`);
        assert.ok(said.message.length > 15 && /[a-zë]/.test(said.message));
        const english = await site.report({ ...fields(line), language: 'en' });
        assert.notEqual(english.json.errors.find((e) => e.field === field[line.id]).message, said.message, 'in the reporter\'s language');
      } else {
        assert.equal(answer.status, 201, answer.text);
      }
    });
  }
});
