// docs/openapi.yaml says exactly what the programs do.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { build } from '../lib/instance.mjs';

const source = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../..');

test('the description is the one that the routes give', () => {
  const live = execFileSync(path.join(build, 'isigurt-openapi'), { encoding: 'utf8', env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' } });
  assert.equal(fs.readFileSync(path.join(source, 'docs/openapi.yaml'), 'utf8'), live, 'renew it with: build/isigurt-openapi > docs/openapi.yaml');
});

test('the indicators are those that the program counts', () => {
  const live = execFileSync(path.join(build, 'isigurt'), ['plan', 'indicators'], { encoding: 'utf8', env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' } });
  assert.equal(fs.readFileSync(path.join(source, 'docs/indicators.md'), 'utf8'), live, 'renew it with: build/isigurt plan indicators > docs/indicators.md');
  assert.equal(live.match(/^\| [0-9X]/gm).length, 69);
});

test('every path stands once', () => {
  const paths = fs.readFileSync(path.join(source, 'docs/openapi.yaml'), 'utf8').match(/^ {2}\/api\/\S+:$/gm);
  assert.deepEqual(paths.filter((p, i) => paths.indexOf(p) !== i), []);
});
