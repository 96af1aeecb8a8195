import { brokenConstraint, recordEvent, type Tx } from '../../kernel/index.ts'
import type { DeploymentReason, DeploymentShown } from './contract.ts'
import { canMoveDeployment, type DeploymentState } from './domain.ts'
import { problem } from './problems.ts'

/** A deployment with the project it belongs to. */
export interface Deployment extends DeploymentShown {
  readonly projectId: string
}

interface DeploymentRow {
  id: string
  project_id: string
  name: string
  version_id: string
  state: DeploymentState
  replicas: number
  is_demo: boolean
  reason: DeploymentReason | null
  created_at: Date
  changed_at: Date
}

const columns = 'id, project_id, name, version_id, state, replicas, is_demo, reason, created_at, changed_at'

function deploymentOf(row: DeploymentRow): Deployment {
  return {
    id: row.id,
    projectId: row.project_id,
    name: row.name,
    versionId: row.version_id,
    state: row.state,
    replicas: row.replicas,
    demo: row.is_demo,
    reason: row.reason,
    createdAt: row.created_at.toISOString(),
    changedAt: row.changed_at.toISOString(),
  }
}

/** What crosses the API of a deployment. */
export function shownDeployment({ projectId: _project, ...shown }: Deployment): DeploymentShown {
  return shown
}

export interface NewDeployment {
  readonly name: string
  readonly versionId: string
  readonly replicas: number
  readonly isDemo: boolean
}

/** Adds a pending deployment and tells those who open it; refuses a name that is in use. */
export async function insertDeployment(tx: Tx, projectId: string, wish: NewDeployment): Promise<Deployment> {
  const creator = tx.actor.kind === 'person' ? tx.actor.userId : null
  try {
    const row = await tx.one<DeploymentRow>(
      `insert into compute.deployment (project_id, name, version_id, replicas, is_demo, created_by)
       values ($1, $2, $3, $4, $5, $6) returning ${columns}`,
      [projectId, wish.name, wish.versionId, wish.replicas, wish.isDemo, creator],
    )
    await recordEvent(tx, {
      projectId,
      kind: 'deployment.pending',
      subjectId: row.id,
      detail: { name: wish.name, versionId: wish.versionId },
    })
    return deploymentOf(row)
  } catch (error) {
    if (brokenConstraint(error) === 'deployment_name_once')
      throw problem('compute.deployment-name-taken', { name: wish.name }, error)
    throw error
  }
}

/**
 * Moves a deployment from the state it is known in, and tells those who watch; false where it is no longer in that
 * state. The reason belongs to `degraded` alone.
 */
export async function moveDeployment(
  tx: Tx,
  deployment: Deployment,
  to: DeploymentState,
  reason: DeploymentReason | null = null,
): Promise<boolean> {
  const { id, name, projectId, state } = deployment
  if (!canMoveDeployment(state, to)) throw problem('compute.deployment-changed', { name, state, to })
  const moved = await tx.change(
    `update compute.deployment set state = $3, reason = $4, changed_at = clock_timestamp() where id = $1 and state = $2`,
    [id, state, to, reason],
  )
  if (moved === 1)
    await recordEvent(tx, {
      projectId,
      kind: `deployment.${to}`,
      subjectId: id,
      detail: { name, ...(reason === null ? {} : { code: reason.code }) },
    })
  return moved === 1
}

/** By id, or by the name of one that is not stopped. */
export async function findDeployment(tx: Tx, projectId: string, key: string): Promise<Deployment | null> {
  const row = await tx.maybe<DeploymentRow>(
    `select ${columns} from compute.deployment
      where project_id = $1 and ((name = $2 and state <> 'stopped') or id::text = $2)
      order by (name = $2) desc limit 1`,
    [projectId, key],
  )
  return row === null ? null : deploymentOf(row)
}

/** All that are to be served, of every project: for the base itself. */
export async function openDeployments(tx: Tx): Promise<Deployment[]> {
  const rows = await tx.rows<DeploymentRow>(
    `select ${columns} from compute.deployment where state <> 'stopped' order by created_at, id`,
  )
  return rows.map(deploymentOf)
}

/** Newest first; `after` is the id of the last one seen. */
export async function pageDeployments(
  tx: Tx,
  projectId: string,
  after: string | null,
  limit: number,
): Promise<Deployment[]> {
  const rows = await tx.rows<DeploymentRow>(
    `select ${columns} from compute.deployment
      where project_id = $1
        and ($2::uuid is null or (created_at, id) < (select d.created_at, d.id from compute.deployment d where d.id = $2))
      order by created_at desc, id desc limit $3`,
    [projectId, after, limit],
  )
  return rows.map(deploymentOf)
}
