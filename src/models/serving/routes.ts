import { z } from 'zod'
import { pageDeployments } from '../../compute/index.ts'
import { projectParams, type Route, route } from '../../kernel/index.ts'
import { deploymentPage, newDeployment, servedDeployment } from './contract.ts'
import { deployVersion, describeDeployment, readDeployment, stopDeployment } from './deployments.ts'

const deploymentParams = z.strictObject({ ...projectParams.shape, deployment: z.string().max(63) })

export const deploymentRoutes: Route[] = [
  route(
    {
      method: 'GET',
      path: '/api/projects/:project/deployments',
      operation: 'deployment.list',
      summary: 'Deployments, newest first, stopped ones among them',
      access: 'model.read',
      params: projectParams,
      query: z.strictObject({
        after: z.uuid().optional(),
        limit: z.coerce.number().int().min(1).max(200).default(50),
      }),
      reply: deploymentPage,
    },
    async ({ tx, project, query }) => {
      const page = await pageDeployments(tx, project.id, query.after ?? null, query.limit)
      const deployments = []
      for (const deployment of page) deployments.push(await describeDeployment(tx, project, deployment))
      return { deployments, next: page.length === query.limit ? (page.at(-1)?.id ?? null) : null }
    },
  ),
  route(
    {
      method: 'POST',
      path: '/api/projects/:project/deployments',
      operation: 'deployment.create',
      summary: 'Make a version callable',
      access: 'deployment.manage',
      params: projectParams,
      body: newDeployment,
      reply: servedDeployment,
      status: 201,
    },
    async ({ tx, project, body, target }) => {
      const made = await deployVersion(tx, project, body)
      target('deployment', made.id, { name: made.name, model: made.model, label: made.label })
      return made
    },
  ),
  route(
    {
      method: 'GET',
      path: '/api/projects/:project/deployments/:deployment',
      operation: 'deployment.read',
      summary: 'One deployment, by id or by the name of one that is not stopped',
      access: 'model.read',
      params: deploymentParams,
      reply: servedDeployment,
    },
    async ({ tx, project, params }) =>
      describeDeployment(tx, project, await readDeployment(tx, project.id, params.deployment)),
  ),
  route(
    {
      method: 'POST',
      path: '/api/projects/:project/deployments/:deployment/stop',
      operation: 'deployment.stop',
      summary: 'Stop a deployment for good; what it has accepted is still answered',
      access: 'deployment.manage',
      params: deploymentParams,
      reply: servedDeployment,
    },
    async ({ tx, project, params, target }) => {
      const stopped = await stopDeployment(tx, project, params.deployment)
      target('deployment', stopped.id, { name: stopped.name })
      return stopped
    },
  ),
]
