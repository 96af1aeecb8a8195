import type { FastifyInstance } from 'fastify'
import type { z } from 'zod'
import type { Action } from '../access/domain.ts'
import type { Actor, ProjectSeen } from '../database/actor.ts'
import type { Tx } from '../database/database.ts'

/**
 * Who may call: anyone; anyone signed in; an operator of the base; or whoever's roles in the project allow the action.
 * With an action the path begins with `/api/projects/:project/`.
 */
export type Access = 'anyone' | 'signed-in' | 'operator' | Action

export type Person = Extract<Actor, { kind: 'person' }>

/** What a handler is given. The transaction commits when the handler returns, together with its audit row. */
export interface Call<Params, Query, Body> {
  readonly tx: Tx
  /** The caller; on a route for anyone this may be a stranger. */
  readonly actor: Actor
  readonly project: ProjectSeen
  readonly params: Params
  readonly query: Query
  readonly body: Body
  readonly requestId: string
  /** Names what the deed was done to, for the audit row. */
  target(kind: string, id: string, detail?: Readonly<Record<string, unknown>>): void
  /** Runs `act` once the transaction is committed, and never where it is not. What it throws is logged. */
  afterCommit(act: () => void | Promise<void>): void
}

type Shape<S> = S extends z.ZodType ? z.infer<S> : undefined

export interface RouteShape<P, Q, B, R extends z.ZodType> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  /** `noun.verb`, unique: the operationId in OpenAPI and the action in the audit row. */
  readonly operation: string
  readonly summary: string
  readonly access: Access
  readonly params?: P
  readonly query?: Q
  readonly body?: B
  readonly reply: R
  readonly status?: number
  /** True on a read about a person, which is written to the audit log like a change. Changes always are. */
  readonly audited?: boolean
  /** Largest body in bytes; 1 MiB where none is given. */
  readonly bodyLimitBytes?: number
}

export interface Route
  extends RouteShape<z.ZodType | undefined, z.ZodType | undefined, z.ZodType | undefined, z.ZodType> {
  readonly handle: (call: Call<never, never, never>) => Promise<unknown>
}

/** Declares a route: its contract, who may call it, and the handler that returns a value. */
export function route<
  P extends z.ZodType | undefined = undefined,
  Q extends z.ZodType | undefined = undefined,
  B extends z.ZodType | undefined = undefined,
  R extends z.ZodType = z.ZodType,
>(shape: RouteShape<P, Q, B, R>, handle: (call: Call<Shape<P>, Shape<Q>, Shape<B>>) => Promise<z.input<R>>): Route {
  return { ...shape, handle: handle as Route['handle'] }
}

/** Routes that answer with a stream (files, live events, tensors) write their own replies. */
export type Mount = (app: FastifyInstance) => void | Promise<void>
