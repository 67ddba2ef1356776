// Runs a processor that nobody has reviewed: in an isolate, in a process of its own that has nothing to steal. Made by
// executors.ts for `run: sandbox`.
import type { Executor } from '../executor.ts'
import type { Hosts, Sandboxed, SandboxSource } from '../sandbox/hosts.ts'

/** Calls across to a sandbox host. Every result is a promise. */
export class SandboxExecutor implements Executor {
  readonly name = 'sandbox'
  readonly #hosts: Hosts
  readonly #processor: Sandboxed

  private constructor(hosts: Hosts, processor: Sandboxed) {
    this.#hosts = hosts
    this.#processor = processor
  }

  /** Sets the processor up. Rejects with a sentence where that fails. */
  static async open(hosts: Hosts, source: SandboxSource): Promise<SandboxExecutor> {
    return new SandboxExecutor(hosts, await hosts.open(source))
  }

  /** The methods that the processor has. */
  get methods(): ReadonlySet<string> { return this.#processor.methods }

  call(method: string, args: readonly unknown[], timeout: number): Promise<unknown> {
    return this.#hosts.call(this.#processor, method, args, timeout)
  }

  /** Gives the isolates back once the calls in flight are answered. */
  close(): void {
    this.#hosts.shut(this.#processor)
  }
}
