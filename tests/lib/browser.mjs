// Chromium for the tests: contexts that notice every word on the console and every foreign request, and what is looked at on
// each page.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before } from 'node:test';
import { chromium } from 'playwright-core';
import { Instance, Session, totp, until } from './instance.mjs';

const program = process.env.ISIGURT_CHROMIUM ?? '/usr/bin/chromium';
const axeSource = fs.readFileSync(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');

export function launch() {
  return chromium.launch({ executablePath: program, args: [
    ...(process.getuid() === 0 ? ['--no-sandbox'] : []), '--disable-gpu', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--disable-quic', '--disable-dev-shm-usage',
  ] });
}

// What the tests of one file share: an instance and a browser, there before the first and gone after the last of them.
export let site, browser;
export function stage(more) { // more: what the file needs besides
  before(async () => {
    site = await Instance.start();
    browser = await launch();
    await more?.();
  });
  after(async () => {
    await browser?.close();
    await site?.remove();
  });
}

// A visitor: {context, page, troubles}. troubles holds everything that must not happen: words on the console (a breach of the
// content security policy is one), errors of scripts, requests to another host. A page whose answer is an error says so on the
// console too; expect(status) allows that for the next navigation.
export async function visitor(browser, site, { width = 390, height = 844, script = true, dark = false, language, session, ...more } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, javaScriptEnabled: script, colorScheme: dark ? 'dark' : 'light',
    locale: language === 'en' ? 'en-GB' : 'sq-AL', timezoneId: 'Europe/Tirane', ...more });
  context.setDefaultTimeout(20000);
  const hosts = [new URL(site.portal).host, new URL(site.desk).host];
  const troubles = [];
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (!/^(data|blob):$/.test(url.protocol) && !hosts.includes(url.host)) troubles.push(`request to ${request.url()}`);
  });
  context.on('weberror', (error) => troubles.push(`script: ${error.error().stack}`));
  context.on('console', (message) => {
    if (!['error', 'warning'].includes(message.type())) return;
    const at = message.location().url;
    if (/Failed to load resource: the server responded with a status of 4\d\d/.test(message.text()) && at === message.page()?.url()) return;
    troubles.push(`console: ${message.text()} (${at})`);
  });
  if (session) await context.addCookies(cookies(site, session));
  return { context, page: await context.newPage(), troubles, script };
}

// All of them go, {name: visitor}; none had a trouble.
export async function leave(visitors) {
  for (const [who, v] of Object.entries(visitors)) assert.deepEqual(v.troubles, [], who);
  for (const v of Object.values(visitors)) await v.context.close();
}

function cookies(site, session) {
  return session.cookies.split('; ').map((pair) => {
    const at = pair.indexOf('=');
    return { name: pair.slice(0, at), value: pair.slice(at + 1), url: site.desk };
  });
}

// Signs in by the page, as a person does.
export async function signIn(site, page, role, at = () => true) {
  const account = site.accounts.find((a) => a.role === role && at(a));
  const step = () => Math.floor(site.now() / 30);
  if (account.step >= step()) site.advance((account.step + 1 - step()) * 30);
  account.step = step();
  await page.goto(`${site.desk}/sign-in`);
  await page.locator('#username').fill(account.username);
  await page.locator('#password').fill(account.password);
  await page.locator('#totp').fill(totp(account.totp_secret, site.now()));
  await Promise.all([page.waitForURL((url) => url.pathname !== '/sign-in'), page.locator('main button').first().click()]);
}

// A child in danger answers question by question, touching cards and buttons, up to the last page before it is sent.
export async function tell(site, page, { address, text }) {
  const next = () => page.locator('button[value="next"]').click();
  const choose = (name, value) => page.locator(`input[name="${name}"][value="${value}"]`).check();
  const at = (step) => page.locator(`input[name="step"][value="${step}"]`).waitFor({ state: 'attached' });
  await page.goto(site.portal);
  await page.locator('a.button[href^="/raporto"]').click();
  await at('where');
  await choose('where', 'page');
  await next();
  await at('address');
  await page.locator('#address').fill(address);
  await next();
  await at('what');
  await choose('choice', 'threat_images');
  await next();
  await at('danger');
  await choose('in_danger', 'yes');
  await next();
  await at('who');
  await page.locator('.danger a[href="tel:116111"]').waitFor(); // the numbers stand at the top at once
  await choose('reporter', 'child');
  await next();
  await at('age');
  await choose('age_band', '13-15');
  await next();
  await at('county');
  await page.locator('#county').selectOption('Korçë');
  await next();
  await at('municipality');
  await next();
  await at('seen');
  await page.locator('#seen').fill('Dje në mbrëmje, në grupin e klasës.');
  await next();
  await at('text');
  await page.locator('#text').fill(text);
  await next();
  await at('contact');
  await next();
  await at('review');
}

// What axe-core finds on the page as it stands. Evaluated from outside, so the page's own policy stays in force. Where scripts
// are off no timer runs, so there axe's short waits become turns of the queue of promises.
export async function axe({ page, script }, options = {}) {
  if (!script) await page.evaluate(() => { globalThis.setTimeout = (run) => { Promise.resolve().then(() => run()); return 1; }; });
  await page.evaluate(axeSource);
  const found = await page.evaluate((o) => globalThis.axe.run(document, { resultTypes: ['violations'], preload: false, ...o }), options);
  return found.violations.map((v) => `${v.id}: ${v.help}\n${v.nodes.map((n) => `    ${n.html.slice(0, 200)}\n      ${n.failureSummary?.replaceAll('\n', ' ')}`).join('\n')}`);
}

// What every page must be, whatever it is about; gives the list of what is wrong.
export async function faults(page, language) {
  return page.evaluate((lang) => {
    const wrong = [];
    const root = document.documentElement;
    if (root.lang !== lang) wrong.push(`lang is "${root.lang}", not "${lang}"`);
    if (!/^\S.* – isigurt$/.test(document.title)) wrong.push(`title is "${document.title}"`);
    const h1 = document.querySelectorAll('h1');
    if (h1.length !== 1) wrong.push(`${h1.length} h1`);
    for (const e of document.querySelectorAll('h1,h2,h3,legend,label,th,dt,summary,button:not([aria-hidden]),a,option,caption')) {
      const said = (e.textContent + (e.getAttribute('aria-label') ?? '')).trim();
      if (!said) wrong.push(`empty ${e.outerHTML.slice(0, 120)}`);
    }
    // Words that people read or hear: no hole left unfilled, no name of a message in the place of its sentence.
    const words = [document.title];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) if (!/^(script|style)$/i.test(walk.currentNode.parentElement.tagName)) words.push(walk.currentNode.data);
    for (const e of document.querySelectorAll('[aria-label],[alt],[placeholder],[title]'))
      for (const name of ['aria-label', 'alt', 'placeholder', 'title']) words.push(e.getAttribute(name) ?? '');
    for (const text of words) {
      if (/\{\{?\s*[a-z_]+\s*\}/i.test(text)) wrong.push(`a hole is left: ${text.trim()}`);
      if (/\b(report|html|web|people|desk|text|job|pack)_[a-z]+(_[a-z]+)*\b|\bMSG_/.test(text)) wrong.push(`a name, not a sentence: ${text.trim()}`);
      if (/\(null\)|\bundefined\b|\bNaN\b|\bnull\b/.test(text)) wrong.push(`not for people: ${text.trim()}`);
    }
    const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
    for (const id of new Set(ids)) if (ids.filter((i) => i === id).length > 1) wrong.push(`id "${id}" stands twice`);
    for (const e of document.querySelectorAll('[style],style')) wrong.push(`a style in the page: ${e.outerHTML.slice(0, 80)}`);
    return wrong;
  }, language);
}

// How far the page can be pushed to the side, in pixels; and what sticks out.
export function overflow(page) {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth, over = document.documentElement.scrollWidth - width;
    if (over <= 0) return '';
    const out = [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > width + 1 && !e.matches('.off, .skip'));
    return `${over} px: ${out.slice(0, 4).map((e) => e.outerHTML.slice(0, 100)).join(' | ')}`;
  });
}

// Things to be touched that are too small: buttons, links that stand alone, fields. inline: links inside sentences do not count.
export function smallTargets(page, least) {
  return page.evaluate((px) => {
    const small = [];
    for (const e of document.querySelectorAll('button, .button, a, select, textarea, summary, .choice, input:not([type=hidden],[type=radio],[type=checkbox])')) {
      const box = e.getBoundingClientRect();
      if (e.matches('.off, .skip') || e.closest('[hidden], details:not([open]) > :not(summary)') || box.width === 0) continue;
      if (e.matches('a') && getComputedStyle(e).display === 'inline') continue;
      if (box.height < px - 0.5 || box.width < px - 0.5) small.push(`${Math.round(box.width)}×${Math.round(box.height)} ${e.outerHTML.slice(0, 100)}`);
    }
    return small;
  }, least);
}

// Presses Tab until the wanted thing has the focus; gives how many presses that took. Nothing but the keyboard.
export async function tabTo(page, selector, most = 60) {
  for (let pressed = 0; pressed <= most; pressed++) {
    if (await page.evaluate((s) => document.activeElement?.matches(s) ?? false, selector)) return pressed;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${selector} is not reached by ${most} presses of Tab on ${page.url()}`);
}

export { Session, until };
