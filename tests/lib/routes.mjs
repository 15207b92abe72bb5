// Every route of the running programs, from isigurt-openapi: {method, path, permission, program, api}.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { build } from './instance.mjs';

export function routes() {
  return execFileSync(path.join(build, 'isigurt-openapi'), ['--routes'], { encoding: 'utf8', env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=0' } })
    .trim().split('\n').map((line) => {
      const [method, target, permission, program] = line.split(' ');
      return { method, path: target, permission, program, api: target.startsWith('/api/') };
    });
}
