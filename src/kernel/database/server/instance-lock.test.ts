import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { Problem } from '../../errors/problem.ts'
import { lockDataFolder } from './instance-lock.ts'

const folder = await mkdtemp(path.join(tmpdir(), 'pilotbase-lock-'))
after(() => rm(folder, { recursive: true }))

/** Another process that takes the lock, says so, and holds it until it is killed. */
async function holderProcess(dataFolder: string) {
  const script = `
    const { lockDataFolder } = await import(process.argv[1])
    try { await lockDataFolder(process.argv[2]); console.log('held') } catch (error) { console.log(error.code) }
    setInterval(() => {}, 1000)`
  const module = new URL('./instance-lock.ts', import.meta.url).href
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, module, dataFolder])
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  const kill = async () => {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  return { pid: child.pid, said: said.toString().trim(), kill }
}

test('a second base is refused a data folder and told which process has it', async () => {
  const holder = await holderProcess(folder)
  assert.equal(holder.said, 'held')
  await assert.rejects(lockDataFolder(folder), (error) => {
    assert.ok(error instanceof Problem)
    assert.equal(error.code, 'kernel.data-folder-busy')
    assert.equal(error.params['pid'], holder.pid)
    return true
  })
  await holder.kill()
})

test('a data folder is free at once when its base is killed', async () => {
  const holder = await holderProcess(folder)
  await holder.kill()
  const lock = await lockDataFolder(folder)
  await lock.release()
})

test('a released data folder can be taken again', async () => {
  const first = await lockDataFolder(folder)
  await assert.rejects(lockDataFolder(folder), { code: 'kernel.data-folder-busy' })
  await first.release()
  const second = await lockDataFolder(folder)
  await second.release()
})

test('of many bases that start on a killed one at the same moment exactly one gets the folder', async () => {
  const killed = await holderProcess(folder)
  await killed.kill()
  const contenders = await Promise.all(Array.from({ length: 4 }, () => holderProcess(folder)))
  assert.deepEqual(contenders.map(({ said }) => said).sort(), [
    'held',
    'kernel.data-folder-busy',
    'kernel.data-folder-busy',
    'kernel.data-folder-busy',
  ])
  await Promise.all(contenders.map(({ kill }) => kill()))
})
