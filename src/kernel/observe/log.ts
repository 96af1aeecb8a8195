import { type Logger, pino } from 'pino'

/** The log of a base: JSON lines on standard error, so that standard output stays for what was asked. */
export function openLog(level: string): Logger {
  return pino({ level, base: null, serializers: { err: plainError } }, pino.destination(2))
}

interface PlainError {
  readonly type: string
  readonly message: string
  readonly code?: string
  readonly stack?: string
  readonly cause?: PlainError
}

/** An error by these fields alone: errors of drivers carry connections, and those carry credentials. */
export function plainError(error: unknown): PlainError {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) }
  const { code } = error as { code?: unknown }
  return {
    type: error.name,
    message: error.message,
    ...(typeof code === 'string' ? { code } : {}),
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(error.cause === undefined ? {} : { cause: plainError(error.cause) }),
  }
}
