import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, mock, test } from 'node:test'
import { watchConfig } from '../../config/watcher.ts'

/** A watch that counts, and lets a test wait for the next change. */
class Witness {
  count = 0
  #seen: (() => void) | undefined
  readonly #watch: { close(): void }

  constructor(file: string) {
    this.#watch = watchConfig(file, () => {
      this.count++
      this.#seen?.()
    })
  }

  async after(change: () => Promise<unknown>): Promise<void> {
    const seen = new Promise<void>(resolve => { this.#seen = resolve })
    await change()
    await seen
  }

  close(): void {
    this.#watch.close()
  }
}

describe('a change of the config is seen', { timeout: 10_000 }, () => {
  let folder = ''
  let file = ''
  let witness: Witness
  const at = (name: string): string => join(folder, name)
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gatehouse-watcher-'))
    file = at('gateway.yaml')
    await writeFile(file, 'one')
    witness = new Witness(file)
  })
  afterEach(async () => {
    witness.close()
    await rm(folder, { recursive: true })
  })

  test('written in place', async () => {
    await witness.after(() => writeFile(file, 'two'))
    await witness.after(() => writeFile(file, 'six'))
    assert.equal(witness.count, 2)
  })

  test('renamed over, as editors do, again and again', async () => {
    for (const text of ['two', 'three', 'four']) {
      await witness.after(async () => {
        await writeFile(at('.gateway.yaml.swp'), text)
        await rename(at('.gateway.yaml.swp'), file)
      })
    }
    assert.equal(witness.count, 3)
  })

  test('a link that leads elsewhere at once, as in a mounted Kubernetes ConfigMap', async () => {
    await mkdir(at('..v1'))
    await mkdir(at('..v2'))
    await writeFile(at('..v1/mounted.yaml'), 'one')
    await writeFile(at('..v2/mounted.yaml'), 'two')
    await symlink('..v1', at('..data'))
    await symlink('..data/mounted.yaml', at('mounted.yaml'))
    const mounted = new Witness(at('mounted.yaml'))
    await mounted.after(async () => {
      await symlink('..v2', at('..data_tmp'))
      await rename(at('..data_tmp'), at('..data'))
    })
    mounted.close()
    assert.equal(mounted.count, 1)
  })

  test('in a folder that is not there yet, or only linked to: at the next regular look', async () => {
    mock.timers.enable({ apis: ['setInterval'] })
    try {
      const late = new Witness(at('later/gateway.yaml'))
      await late.after(async () => {
        await mkdir(at('later'))
        await writeFile(at('later/gateway.yaml'), 'one')
        mock.timers.tick(5000)
      })
      await symlink('later/gateway.yaml', at('linked.yaml'))
      const linked = new Witness(at('linked.yaml'))
      await linked.after(async () => {
        await writeFile(at('later/gateway.yaml'), 'two')
        mock.timers.tick(5000)
      })
      late.close()
      linked.close()
      assert.deepEqual([late.count > 0, linked.count], [true, 1])
    } finally {
      mock.timers.reset()
    }
  })
})

/** The regular look, and the second one that finds the file at rest. A tick runs only what was due when it began. */
function lookTwice(): void {
  for (const milliseconds of [5000, 100, 100]) mock.timers.tick(milliseconds)
}

/** Time by hand: what is seen here does not hang on how fast the machine writes. */
describe('a change of the config is seen, once', () => {
  let folder = ''
  let file = ''
  let witness: Witness
  beforeEach(async () => {
    mock.timers.enable({ apis: ['setInterval', 'setTimeout'] })
    folder = await mkdtemp(join(tmpdir(), 'gatehouse-watcher-'))
    file = join(folder, 'gateway.yaml')
    await writeFile(file, 'one')
    witness = new Witness(file)
    mock.timers.tick(5000)
  })
  afterEach(async () => {
    witness.close()
    mock.timers.reset()
    await rm(folder, { recursive: true })
  })

  test('when it has been left alone', async () => {
    for (let piece = 1; piece < 9; piece++) {
      await writeFile(file, 'x'.repeat(10 * piece))
      mock.timers.tick(100)
      assert.equal(witness.count, 0)
    }
    mock.timers.tick(100)
    assert.equal(witness.count, 1)
    lookTwice()
    assert.equal(witness.count, 1)
  })

  test('when it is back, if it was gone for a while', async () => {
    await rm(file)
    lookTwice()
    assert.equal(witness.count, 0)
    await writeFile(file, 'back')
    lookTwice()
    assert.equal(witness.count, 1)
  })

  test('never, where only other files change', async () => {
    await writeFile(join(folder, 'other'), 'x')
    lookTwice()
    assert.equal(witness.count, 0)
  })

  test('never after close, even if a look was under way', async () => {
    await writeFile(file, 'two')
    mock.timers.tick(100)
    witness.close()
    lookTwice()
    assert.equal(witness.count, 0)
  })
})
