import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseCnmon, parseHySmi, parseNpuSmi, parseNvidiaSmi } from './accelerators.ts'
import { groupDevices, takeInventory } from './inventory.ts'

const recorded = (name: string): Promise<string> => readFile(join(import.meta.dirname, 'fixtures', name), 'utf8')
const mib = 2 ** 20

test('what nvidia-smi prints becomes devices', async () => {
  const found = parseNvidiaSmi(await recorded('nvidia-smi.csv'))
  const model = 'NVIDIA GeForce RTX 3090'
  const alike = { vendor: 'nvidia', model, memoryBytes: 24576 * mib, driverVersion: '580.126.09' }
  assert.deepEqual(found, [
    { ...alike, index: 0 },
    { ...alike, index: 1 },
  ])
})

test('memory that nvidia-smi does not know is unknown, and no devices are no devices', () => {
  assert.equal(parseNvidiaSmi('0, NVIDIA GB10, [N/A], 580.95.05\n')[0]?.memoryBytes, null)
  assert.deepEqual(parseNvidiaSmi('No devices were found\n'), [])
})

test('what npu-smi prints of training cards becomes devices with their HBM', async () => {
  const alike = { vendor: 'ascend', model: '910B2C', memoryBytes: 65536 * mib, driverVersion: '25.0.rc1.1' }
  assert.deepEqual(parseNpuSmi(await recorded('npu-smi-910b.txt')), [
    { ...alike, index: 0 },
    { ...alike, index: 1 },
  ])
})

test('two chips of one inference card are two devices', async () => {
  const alike = { vendor: 'ascend', model: '310P3', driverVersion: '25.3.rc1' }
  assert.deepEqual(parseNpuSmi(await recorded('npu-smi-310p.txt')), [
    { ...alike, index: 0, memoryBytes: 44278 * mib },
    { ...alike, index: 1, memoryBytes: 43693 * mib },
  ])
})

test('what cnmon prints becomes devices, in its newer and its older form', async () => {
  const newer = { vendor: 'cambricon', model: 'MLU370-X8', memoryBytes: 23374 * mib, driverVersion: '5.10.13' }
  assert.deepEqual(parseCnmon(await recorded('cnmon-5.txt')), [
    { ...newer, index: 0 },
    { ...newer, index: 1 },
  ])
  assert.deepEqual(parseCnmon(await recorded('cnmon-4.txt')), [
    { vendor: 'cambricon', index: 0, model: 'MLU370-X4', memoryBytes: 23308 * mib, driverVersion: '4.20.11' },
  ])
})

test('what hy-smi prints becomes devices', async () => {
  const found = parseHySmi(await recorded('hy-smi.json'), await recorded('hy-smi-driver.txt'))
  const alike = { vendor: 'hygon', model: 'BW', memoryBytes: 65520 * mib, driverVersion: '6.3.31-V1.5.0a' }
  assert.deepEqual(found, [
    { ...alike, index: 0 },
    { ...alike, index: 1 },
  ])
})

test('tables of anything are read without a fault', () => {
  const cell = fc.stringMatching(/^[ |:/0-9A-Za-z.%-]*$/)
  fc.assert(
    fc.property(fc.array(cell), (lines) => {
      const text = lines.join('\n')
      for (const parse of [parseNvidiaSmi, parseNpuSmi, parseCnmon]) assert.ok(Array.isArray(parse(text)))
    }),
  )
})

test('devices that are alike form one group, with the variable that selects them', async () => {
  const groups = groupDevices([
    ...parseNvidiaSmi(await recorded('nvidia-smi.csv')),
    ...parseNpuSmi(await recorded('npu-smi-310p.txt')),
  ])
  assert.deepEqual(
    groups.map(({ kind, model, indices, count, variable }) => [kind, model, indices, count, variable]),
    [
      ['gpu', 'NVIDIA GeForce RTX 3090', [0, 1], 2, 'CUDA_VISIBLE_DEVICES'],
      ['npu', '310P3', [0, 1], 2, 'ASCEND_RT_VISIBLE_DEVICES'],
    ],
  )
})

test('a group has the memory of its smallest device, and none known where one is not', async () => {
  const chips = parseNpuSmi(await recorded('npu-smi-310p.txt'))
  assert.equal(groupDevices(chips)[0]?.memoryBytes, 43693 * mib)
  const [first, ...others] = chips
  assert.ok(first)
  assert.equal(groupDevices([{ ...first, memoryBytes: null }, ...others])[0]?.memoryBytes, null)
  assert.deepEqual(groupDevices([]), [])
})

test('a tool that fails is told as a fault, one that is absent is not', async () => {
  const inventory = await takeInventory(tmpdir(), async (tool) => {
    if (tool === 'npu-smi') throw new Error('the driver does not answer')
    return tool === 'cnmon' ? recorded('cnmon-5.txt') : null
  })
  assert.deepEqual(inventory.faults, [{ tool: 'npu-smi', cause: 'the driver does not answer' }])
  assert.deepEqual(
    inventory.devices.map((group) => [group.vendor, group.count]),
    [['cambricon', 2]],
  )
})

test('this machine has a processor, memory and disk', async () => {
  const { cpu, memoryBytes, disk } = await takeInventory(tmpdir())
  assert.ok(cpu.count >= 1 && cpu.model.length > 0)
  assert.ok(memoryBytes > 100 * mib)
  assert.ok(disk.totalBytes >= disk.freeBytes && disk.totalBytes > 0)
})
