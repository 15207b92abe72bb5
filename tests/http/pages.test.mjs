// Pages without script and without cookies: the language goes on from step to step, and nothing typed is lost.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Instance, request, sleep } from '../lib/instance.mjs';

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

test('an officer\'s answer comes back on its page while the keeper hangs, and can be sent again', async (t) => {
  const officer = await site.signIn('duty_officer');
  const [report] = (await officer.get('/api/v1/reports?state=new')).json.reports;
  assert.equal((await officer.post(`/api/v1/reports/${report.id}/take`)).status, 200);
  const send = (fields) => request(site.desk, 'POST', `/reports/${report.id}/answer`,
    { headers: { ...encoded, cookie: officer.cookies }, body: new URLSearchParams(fields).toString() });
  site.kill('keeper', 'SIGSTOP');
  t.after(() => site.kill('keeper', 'SIGCONT'));
  await sleep(5500); // the desk remembers a session for 5 s
  const page = await send({ csrf: officer.csrf, text: 'Të dëgjojmë.\nA je në shtëpi?' });
  site.kill('keeper', 'SIGCONT');
  assert.equal(page.status, 503, page.text);
  const text = /<textarea[^>]*>\n?([^<]*)</.exec(page.text)?.[1];
  assert.equal(text, 'Të dëgjojmë.\nA je në shtëpi?');
  const csrf = /name="csrf" value="([^"]*)"/.exec(page.text)[1];
  const again = await send({ csrf, text });
  assert.equal(again.status, 303, again.text);
  const opened = (await officer.get(`/api/v1/reports/${report.id}`)).json;
  assert.equal(opened.messages.filter((m) => m.text === text).length, 1);
  site.kill('keeper', 'SIGSTOP'); // who has no session learns nothing and brings nothing onto a page
  const stranger = await request(site.desk, 'POST', `/reports/${report.id}/answer`, { headers: { ...encoded, origin: 'https://keq.example' }, body: 'text=marker' });
  assert.equal(stranger.status, 303);
  assert.ok(!stranger.text.includes('marker'));
});
