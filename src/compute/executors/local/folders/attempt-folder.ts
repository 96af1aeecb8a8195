import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { checkAttemptId } from '../../launch-spec.ts'
import type { LaunchSpec, LogStream, Observation } from '../../executor.ts'
import { type Claim, parseClaim, parseExit, parseReason, type Evidence } from './verdict.ts'

/**
 * What the executor keeps of one attempt. Calls are synchronous: each is a few system calls on small local files, and a
 * trip to the thread pool costs more than all of them.
 *
 *   attempts/ID/             the base's own, 0711
 *     attempt.json           spec and user id
 *     reason                 why the base ends it, written before it does
 *     end.json               the final observation: nothing is looked up again after this
 *     stdout stderr          the attempt may write them, and not put anything else in their place
 *     own/                   the supervisor's, 0700: claim, exit, reason; whoever runs as the attempt may write here,
 *                            so it is read without following links, without waiting on pipes, and not believed blindly
 */
export class AttemptFolder {
  readonly attemptId: string
  readonly path: string
  readonly own: string

  constructor(attempts: string, attemptId: string) {
    checkAttemptId(attemptId)
    this.attemptId = attemptId
    this.path = join(attempts, attemptId)
    this.own = join(this.path, 'own')
  }

  exists(): boolean {
    return statSync(this.path, { throwIfNoEntry: false }) !== undefined
  }

  /** Makes everything under a passing name and then renames it: the folder is there whole, or not at all. */
  make(record: AttemptRecord): 'made' | 'there-already' {
    const making = join(this.path, '..', `${makingPrefix}${process.pid}-${this.attemptId}`)
    rmSync(making, { recursive: true, force: true })
    mkdirSync(join(making, 'own'), { recursive: true })
    for (const stream of ['stdout', 'stderr']) {
      writeFileSync(join(making, stream), '', { mode: 0o600 })
      giveTo(join(making, stream), record.uid)
    }
    chmodSync(join(making, 'own'), 0o700)
    giveTo(join(making, 'own'), record.uid)
    writeFileSync(join(making, 'attempt.json'), JSON.stringify(record), { mode: 0o600 })
    chmodSync(making, 0o711)
    try {
      renameSync(making, this.path)
      return 'made'
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error
      rmSync(making, { recursive: true, force: true })
      return 'there-already'
    }
  }

  record(): AttemptRecord {
    return JSON.parse(readFileSync(join(this.path, 'attempt.json'), 'utf8')) as AttemptRecord
  }

  claim(): Claim | null {
    return parseClaim(readUntrusted(join(this.own, 'claim')))
  }

  /** Takes the attempt so that no supervisor can any more; false when one was first. */
  claimForNobody(): boolean {
    return writeFirst(join(this.own, 'claim'), 'never\n')
  }

  giveReason(reason: string): void {
    writeFirst(join(this.path, 'reason'), `${reason}\nend\n`)
  }

  evidence(isAlive: (claim: Claim) => boolean): Evidence {
    const claim = this.claim()
    // looked at before the exit is read: a supervisor writes its exit and then goes
    const supervisorAlive = claim !== null && isAlive(claim)
    return {
      claim,
      supervisorAlive,
      exit: parseExit(readUntrusted(join(this.own, 'exit'))),
      baseReason: parseReason(readUntrusted(join(this.path, 'reason'))),
      timerReason: parseReason(readUntrusted(join(this.own, 'reason'))),
    }
  }

  /** When the supervisor claimed the attempt, and when it recorded the exit, by the file system's clock. */
  startedAt(): number | null {
    return modifiedAt(join(this.own, 'claim'))
  }

  exitedAt(): number | null {
    return modifiedAt(join(this.own, 'exit'))
  }

  end(): Observation | null {
    const text = readUntrusted(join(this.path, 'end.json'))
    return text === null ? null : (JSON.parse(text) as Observation)
  }

  writeEnd(observation: Observation): void {
    const path = join(this.path, 'end.json')
    writeFileSync(`${path}.part`, JSON.stringify(observation), { mode: 0o600 })
    renameSync(`${path}.part`, path)
  }

  logPath(stream: LogStream): string {
    return join(this.path, stream)
  }

  remove(): void {
    const going = join(this.path, '..', `${makingPrefix}going-${this.attemptId}`)
    renameSync(this.path, going)
    rmSync(going, { recursive: true, force: true })
  }
}

export interface AttemptRecord {
  readonly spec: LaunchSpec
  /** null: the attempt runs as the base's own user. */
  readonly uid: number | null
}

const makingPrefix = '.making-'

/** The attempts on disk; what a killed base left half made or half removed is cleared away. */
export function listAttempts(attempts: string): string[] {
  const ids: string[] = []
  for (const name of readdirSync(attempts)) {
    if (name.startsWith(makingPrefix)) rmSync(join(attempts, name), { recursive: true, force: true })
    else ids.push(name)
  }
  return ids.sort()
}

export function giveTo(path: string, uid: number | null): void {
  if (uid !== null) chownSync(path, uid, uid)
}

function writeFirst(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

const largestRecordBytes = 4096

/** The text of a small regular file; null where there is none, or something else in its place. */
function readUntrusted(path: string): string | null {
  let file: number
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    // ELOOP: a link; ENXIO: a socket or the like; EMLINK is ELOOP's name on some BSDs
    if (code === 'ENOENT' || code === 'ELOOP' || code === 'ENXIO' || code === 'EMLINK') return null
    throw error
  }
  try {
    if (!fstatSync(file).isFile()) return null
    const buffer = Buffer.alloc(largestRecordBytes)
    return buffer.toString('utf8', 0, readSync(file, buffer, 0, largestRecordBytes, 0))
  } finally {
    closeSync(file)
  }
}

function modifiedAt(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? null
}
