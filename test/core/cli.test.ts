import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runCli } from '../../core/cli.ts'
import about from '../../package.json' with { type: 'json' }

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const printed = { out: '', err: '' }
  const code = await runCli(args, {
    out(text) { printed.out += `${text}\n` },
    err(text) { printed.err += `${text}\n` },
  })
  return { code, ...printed }
}

const helped: { args: string[]; says: RegExp[] }[] = [
  { args: ['--help'], says: [/gatehouse start \[--config FILE\] +Runs/, /gatehouse check FILE +Validates/] },
  { args: ['-h'], says: [/gatehouse start/] },
  { args: ['start', '--help'], says: [/^Usage: gatehouse start \[--config FILE\]\n/, /--config FILE {3}The config/, /SIGHUP/] },
  { args: ['check', 'house.yaml', '-h'], says: [/^Usage: gatehouse check FILE\n/, /Exit code 0/] },
  { args: ['--version'], says: [new RegExp(`^${about.version}\\n$`)] },
]
for (const { args, says } of helped) {
  test(`gatehouse ${args.join(' ')}: on stdout, exit code 0`, async () => {
    const { code, out, err } = await run(...args)
    assert.deepEqual([code, err], [0, ''])
    for (const pattern of says) assert.match(out, pattern)
    assert.ok(out.split('\n').every(line => line.length <= 120))
  })
}

const misused: { args: string[]; says: RegExp }[] = [
  { args: [], says: /gatehouse start/ },
  { args: ['strat'], says: /there is no command "strat"; did you mean "start"\?\nSee gatehouse --help\./ },
  { args: ['constructor'], says: /there is no command "constructor"\n/ },
  { args: ['frobnicate'], says: /there is no command "frobnicate"\n/ },
  { args: ['start', '--confg', 'x'], says: /unknown option '--confg'; did you mean "--config"\?\nSee gatehouse start --help\./ },
  { args: ['start', '--config'], says: /option '-c, --config <value>' argument missing/ },
  { args: ['start', 'house.yaml'], says: /expected options only, got "house.yaml"/ },
  { args: ['check'], says: /expected FILE, got nothing/ },
  { args: ['check', 'a.yaml', 'b.yaml'], says: /expected FILE, got "a.yaml" "b.yaml"/ },
]
for (const { args, says } of misused) {
  test(`gatehouse ${args.join(' ')}: on stderr, exit code 2`, async () => {
    const { code, out, err } = await run(...args)
    assert.deepEqual([code, out], [2, ''])
    assert.match(err, says)
  })
}
