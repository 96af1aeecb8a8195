import { type Deployment, moveDeployment, openDeployments } from '../../compute/index.ts'
import { capability, httpProblem, type Kernel, Problem } from '../../kernel/index.ts'
import type { EcgAnswer } from '../ecg/contract.ts'
import type { EcgInput } from '../ecg/pipeline.ts'
import { problem } from '../problems.ts'
import type { InferOptions } from '../runtimes/runtime.ts'
import type { StoredVersion } from '../version/store.ts'
import { type Accounting, type Inference, outcomeOf } from './accounting.ts'
import { readDeployment, versionOf } from './deployments.ts'
import type { RecordingSent } from './ecg/messages.ts'
import { type OpenVersion, openVersion } from './open-version.ts'

/** A deployment as this base runs it. */
export interface ServedVersion {
  readonly deployment: Deployment
  readonly version: StoredVersion
  readonly projectSlug: string
  readonly open: OpenVersion
}

const actor = capability('scheduler')
// What could not be opened, or broke, is opened again this often: a full disk or a lost thread may have passed.
const retryEveryMs = 60_000

/** Runs what is deployed: each base opens every deployment that is not stopped, and follows their changes. */
export class Serving {
  readonly #kernel: Kernel
  readonly #accounting: Accounting
  readonly #served = new Map<string, ServedVersion>()
  readonly #opening = new Map<string, Promise<void>>()
  readonly #failed = new Set<string>()
  #stopped = new AbortController()

  constructor(kernel: Kernel, accounting: Accounting) {
    this.#kernel = kernel
    this.#accounting = accounting
    this.#stopped.abort()
  }

  /** Opens what is deployed and watches until the returned function is called, which answers what was accepted first. */
  async start(): Promise<() => Promise<void>> {
    this.#stopped = new AbortController()
    this.#failed.clear()
    const watching = this.#watch()
    const stopRetries = this.#kernel.every(retryEveryMs, () => {
      this.#failed.clear()
      this.#follow().catch((error: Error) =>
        this.#kernel.log.error({ err: error }, 'deployments could not be followed'),
      )
    })
    return async () => {
      stopRetries()
      this.#stopped.abort()
      await watching
      await Promise.all(this.#opening.values())
      await Promise.all([...this.#served.values()].map(({ open }) => open.close()))
      this.#served.clear()
    }
  }

  /** What is ready here, by the project's slug and the deployment's name. */
  find(projectSlug: string, name: string): ServedVersion | undefined {
    for (const served of this.#served.values())
      if (served.projectSlug === projectSlug && served.deployment.name === name) return served
    return undefined
  }

  list(): ServedVersion[] {
    return [...this.#served.values()]
  }

  /** What answers for a deployment, once it is open, or the problem that says why nothing does. */
  async serving(deployment: Deployment): Promise<ServedVersion> {
    const { id, name, state } = deployment
    if (!this.#served.has(id) && state !== 'stopped') {
      // It may have been committed a moment ago: who asks first waits for it instead of being sent away.
      await this.#follow()
      await this.#opening.get(id)
    }
    const served = this.#served.get(id)
    if (served !== undefined) return served
    if (state === 'stopped') throw httpProblem('kernel.not-found', { kind: 'deployment', id: name })
    throw problem('models.deployment-not-ready', { name, state: this.#failed.has(id) ? 'degraded' : state })
  }

  /** Answers a recording by name of a project's deployment. */
  async analyse(projectId: string, name: string, input: EcgInput, options?: InferOptions): Promise<EcgAnswer> {
    const deployment = await this.#kernel.database.transaction(actor, (tx) => readDeployment(tx, projectId, name))
    return this.account(await this.serving(deployment), 'call', ({ open }) => open.analyse(input, options))
  }

  /** Answers a recording as JSON. */
  answer(served: ServedVersion, recording: RecordingSent, options: InferOptions): Promise<Uint8Array> {
    return this.account(served, 'ecg', ({ open }) => open.answer(recording, options))
  }

  /** Runs one inference and counts it; a model that broke under it is marked and opened again. */
  async account<T>(
    served: ServedVersion,
    endpoint: Inference['endpoint'],
    run: (served: ServedVersion) => Promise<T>,
  ): Promise<T> {
    const startedAt = performance.now()
    let outcome = 'answered'
    try {
      return await run(served)
    } catch (error) {
      outcome = outcomeOf(error)
      if (outcome === 'models.runtime-broken') await this.broke(served, error)
      throw error
    } finally {
      this.#note(served, endpoint, outcome, performance.now() - startedAt)
    }
  }

  #note(
    { projectSlug, deployment, version }: ServedVersion,
    endpoint: Inference['endpoint'],
    outcome: string,
    latencyMs: number,
  ) {
    this.#accounting.note({
      project: projectSlug,
      deployment: deployment.name,
      version: version.label,
      endpoint,
      outcome,
      latencyMs,
    })
  }

  /** Takes a deployment out of service whose model no longer runs. */
  async broke(served: ServedVersion, error: unknown): Promise<void> {
    const { deployment, open } = served
    if (this.#served.get(deployment.id) !== served) return
    this.#served.delete(deployment.id)
    await this.#degrade(deployment, error)
    await open.close()
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stopped
    while (!signal.aborted) {
      // Asked for before reading: what is committed meanwhile wakes us once more.
      const woken = this.#kernel.bus.next(signal)
      try {
        await this.#follow()
      } catch (error) {
        this.#kernel.log.error({ err: error }, 'deployments could not be followed')
      }
      await woken
    }
  }

  /** Opens what is deployed and not open yet, closes what was stopped. Openings go on beside it. */
  async #follow(): Promise<void> {
    const wanted = await this.#kernel.database.transaction(actor, openDeployments)
    const ids = new Set(wanted.map(({ id }) => id))
    for (const [id, { open }] of this.#served) {
      if (ids.has(id)) continue
      this.#served.delete(id)
      open
        .close()
        .catch((error: Error) => this.#kernel.log.error({ err: error, deployment: id }, 'model did not close'))
    }
    for (const id of this.#failed) if (!ids.has(id)) this.#failed.delete(id)
    for (const deployment of wanted) {
      const { id } = deployment
      if (this.#served.has(id) || this.#opening.has(id) || this.#failed.has(id) || this.#stopped.signal.aborted)
        continue
      const opening = this.#open(deployment)
        .catch((error: Error) =>
          this.#kernel.log.error({ err: error, deployment: id }, 'deployment could not be moved'),
        )
        .finally(() => this.#opening.delete(id))
      this.#opening.set(id, opening)
    }
  }

  async #open(deployment: Deployment): Promise<void> {
    let served: ServedVersion
    try {
      const [version, projectSlug] = await this.#kernel.database.transaction(actor, async (tx) => {
        const project = await tx.one<{ slug: string }>('select slug from kernel.project where id = $1', [
          deployment.projectId,
        ])
        return [await versionOf(tx, deployment), project.slug] as const
      })
      const open = await openVersion(this.#kernel, version, deployment.replicas)
      served = { deployment, version, projectSlug, open }
    } catch (error) {
      await this.#degrade(deployment, error)
      return
    }
    // Stopped while it was being opened: nobody may call it any more.
    if (!(await this.#becomeReady(deployment))) return served.open.close()
    this.#served.set(deployment.id, served)
  }

  /** False where the deployment was stopped meanwhile. */
  async #becomeReady({ id, projectId }: Deployment): Promise<boolean> {
    return this.#kernel.database.transaction(actor, async (tx) => {
      const now = await readDeployment(tx, projectId, id)
      if (now.state === 'stopped') return false
      return now.state === 'ready' || moveDeployment(tx, now, 'ready')
    })
  }

  async #degrade({ id, projectId, name }: Deployment, error: unknown): Promise<void> {
    this.#failed.add(id)
    const foreseen = error instanceof Problem
    const refusal = foreseen ? error : httpProblem('kernel.unexpected', { requestId: id })
    this.#kernel.log[foreseen ? 'warn' : 'error']({ err: error, deployment: name }, 'deployment does not answer')
    const { title: en } = refusal.words('en')
    const { title: zh } = refusal.words('zh')
    await this.#kernel.database.transaction(actor, async (tx) => {
      const now = await readDeployment(tx, projectId, id)
      if (now.state === 'pending' || now.state === 'ready')
        await moveDeployment(tx, now, 'degraded', { code: refusal.code, en, zh })
    })
  }
}
