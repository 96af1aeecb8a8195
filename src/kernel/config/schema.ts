import { z } from 'zod'

/** One schema for flags (`--http-port`… as `--port`), environment (`PILOTBASE_PORT`) and `pilotbase.yaml` (`port:`). */
export const configSchema = z.strictObject({
  data: z.string().default('.pilotbase').describe('Folder that holds the database, objects and keys'),
  host: z.string().default('127.0.0.1').describe('Address to listen on'),
  port: z.coerce.number().int().min(0).max(65535).default(8080).describe('Port to listen on; 0 takes a free one'),
  publicUrl: z.url().optional().describe('Address by which browsers reach the base, when it is behind a proxy'),
  databaseUrl: z.string().optional().describe('An outside PostgreSQL (15 or newer); without it the base runs its own'),
  objects: z
    .string()
    .optional()
    .describe('s3://bucket/prefix for an S3 store; without it objects lie in the data folder'),
  concurrency: z.coerce.number().int().min(1).max(64).default(6).describe('Pieces of queued work at a time'),
  jobSlots: z.coerce.number().int().min(1).max(256).default(4).describe('Jobs running at a time on this machine'),
  demo: z
    .preprocess((value) => (value === 'false' || value === '0' ? false : value), z.coerce.boolean())
    .default(true)
    .describe('Create the demo project on an empty data folder'),
  logLevel: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('Least level logged'),
  oidcIssuer: z.url().optional().describe('OpenID Connect issuer for sign-in'),
  oidcClientId: z.string().optional().describe('Client id at the issuer'),
  oidcClientSecret: z.string().optional().describe('Client secret at the issuer'),
})

export type Config = z.infer<typeof configSchema>
export type ConfigKey = keyof Config
export const configKeys = Object.keys(configSchema.shape) as ConfigKey[]

/** Values that `pilotbase config` never prints. */
export const secretKeys: readonly ConfigKey[] = ['databaseUrl', 'oidcClientSecret']
