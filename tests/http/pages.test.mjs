// Pages without script and without cookies: the language goes on from step to step, and nothing typed is lost.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Instance, request } from '../lib/instance.mjs';

let site;
before(async () => { site = await Instance.start(); });
after(() => site.remove());

const encoded = { 'content-type': 'application/x-www-form-urlencoded' };
const lang = (page) => /<html lang="(\w+)">/.exec(page.text)?.[1];
// Where the page's form leads that holds this text, as a browser would follow it.
const action = (page, holds) => {
  const form = page.text.split('<form ').slice(1).find((f) => f.split('</form>')[0].includes(holds));
  assert.ok(form, `a form with ${holds} in ${page.text}`);
  return /action="([^"]*)"/.exec(form)[1].replaceAll('&amp;', '&');
};
const post = (target, fields) => request(site.portal, 'POST', target, { headers: encoded, body: new URLSearchParams(fields).toString() });

test('without cookies the chosen language stays through the form, the receipt and the thread', async () => {
  let page = await request(site.portal, 'GET', '/raporto?lang=en');
  assert.equal(lang(page), 'en');
  const answers = { where: 'none', choice: 'question', text: 'a question', submission: 'ab'.repeat(16) };
  for (const [step, go] of [['where', 'next'], ['what', 'next'], ['text', 'review'], ['review', 'send']]) {
    page = await post(action(page, 'name="go"'), { ...answers, step, go, language: 'en' });
    assert.equal(page.status, 200, page.text);
    assert.equal(lang(page), 'en', `after ${step}`);
  }
  const receipt = /name="receipt" value="([^"]+)"/.exec(page.text)[1];
  page = await post(action(page, 'name="receipt"'), { receipt });
  assert.equal(lang(page), 'en', 'the thread');
  page = await post(action(page, 'value="say"'), { receipt, go: 'say', text: 'one thing more', submission: 'cd'.repeat(16) });
  assert.equal(lang(page), 'en', 'after a message');
  assert.ok(page.text.includes('one thing more'));
  page = await post(action(page, 'value="say"'), { receipt: 'nonsense' });
  assert.equal(page.status, 422);
  page = await post(action(page, 'name="receipt"'), { receipt });
  assert.equal(page.status, 200);
  assert.equal(lang(page), 'en', 'from the page that asks for the code');
  page = await post(action(page, 'value="say"'), { receipt, lang: 'sq' }); // the switch is a button of the same form
  assert.equal(lang(page), 'sq');
});
