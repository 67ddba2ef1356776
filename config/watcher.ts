// Tells when the config file has changed, however it was written: in place, by an editor that renames a new file over
// it, or by a link somewhere above it that now leads elsewhere (as Kubernetes mounts do). Called by the supervisor.
import { statSync, watch, type FSWatcher } from 'node:fs'
import { dirname } from 'node:path'

/** Milliseconds in which a file must not change before it counts as written. */
const QUIET = 100
/** Milliseconds between looks that nothing has asked for: links may lead to folders that nobody watches. */
const ANYWAY = 5_000

/**
 * Calls `changed` when the file is another than before and has been left alone for a moment. While it is absent nothing
 * is called; when it is back, `changed` is called if it differs from what was there. The folder is watched, since a
 * watched file is lost as soon as another takes its name.
 */
export function watchConfig(file: string, changed: () => void): { close(): void } {
  let known = fingerprint(file)
  let latest = known
  let pending: NodeJS.Timeout | undefined

  const look = (): void => {
    pending = undefined
    const now = fingerprint(file)
    if (now === undefined || now === known) return
    if (now !== latest) {
      latest = now
      soon()
      return
    }
    known = now
    changed()
  }
  const soon = (): void => { pending ??= setTimeout(look, QUIET) }

  const watcher = watchFolder(dirname(file), soon)
  const anyway = setInterval(soon, ANYWAY)
  return {
    close() {
      watcher?.close()
      clearInterval(anyway)
      clearTimeout(pending)
    },
  }
}

/** Without a watcher, where the folder is gone or the system has none left to give, the regular looks remain. */
function watchFolder(folder: string, touched: () => void): FSWatcher | undefined {
  try {
    return watch(folder, touched).on('error', () => {})
  } catch {
    return undefined
  }
}

/** What tells one state of a file from another, whichever links lead there; undefined where there is none. */
function fingerprint(file: string): string | undefined {
  try {
    const { dev, ino, size, ctimeNs } = statSync(file, { bigint: true })
    return `${dev}:${ino}:${size}:${ctimeNs}`
  } catch {
    return undefined
  }
}
