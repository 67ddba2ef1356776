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
  {
    args: ['--help'],
    says: [
      /gatehouse start \[--config FILE\] +Runs/, /gatehouse check FILE .*Validates/, /gatehouse processor new NAME/,
      /; the version: gatehouse --version\n$/,
    ],
  },
  { args: ['-h'], says: [/gatehouse start/] },
  { args: ['start', '--help'], says: [/^Usage: gatehouse start \[--config FILE\]\n/, /--config FILE {3}The config/, /SIGHUP/] },
  { args: ['check', 'house.yaml', '-h'], says: [/^Usage: gatehouse check FILE /, /Exit code 0/] },
  {
    args: ['processor', '--help'],
    says: [
      /^.+\n\n {2}gatehouse processor new NAME \[--dir DIR\] +Writes .+\n {2}gatehouse processor test FILE .+\n\n/,
      /\nMore on a command: gatehouse processor COMMAND --help\n$/,
    ],
  },
  { args: ['processor', 'new', '-h'], says: [/^Usage: gatehouse processor new NAME \[--dir DIR\]\n/, /Exit code 0/] },
  { args: ['processor', 'test', '--help'], says: [/^Usage: gatehouse processor test FILE \[--options JSON\] \[--quick\]\n/, /Exit code 0/] },
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
  { args: ['processor'], says: /gatehouse processor new NAME .+\n +gatehouse processor test FILE / },
  { args: ['processor', 'tets', 'pii'], says: /no command "tets"; did you mean "test"\?\nSee gatehouse processor --help\./ },
  { args: ['processor', '--version'], says: /there is no command "--version"\n/ },
  { args: ['processor', 'test'], says: /expected FILE, got nothing\nSee gatehouse processor test --help\./ },
  { args: ['processor', 'new', 'a', '--dri', 'b'], says: /did you mean "--dir"\?\nSee gatehouse processor new --help\./ },
]
for (const { args, says } of misused) {
  test(`gatehouse ${args.join(' ')}: on stderr, exit code 2`, async () => {
    const { code, out, err } = await run(...args)
    assert.deepEqual([code, out], [2, ''])
    assert.match(err, says)
  })
}
