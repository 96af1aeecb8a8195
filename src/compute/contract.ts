export { deploymentName, deploymentSchema } from './deployment/contract.ts'
export {
  type Job,
  jobAccepted,
  jobPage,
  jobSchema,
  type JobSpec,
  jobSpec,
  metricSeries,
  newMetrics,
} from './job/contract.ts'
