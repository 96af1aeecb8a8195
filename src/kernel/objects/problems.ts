import { catalogue } from '../errors/problem.ts'

export const problem = catalogue({
  'kernel.object-missing': {
    status: 404,
    retry: false,
    en: {
      title: 'The object {sha256} is not in {place}',
      fix: 'Put it there again from its source, or restore the storage from its backup',
    },
    zh: { title: '{place} 中没有对象 {sha256}', fix: '请从来源重新存入，或从备份恢复存储' },
  },
  'kernel.object-damaged': {
    status: 500,
    retry: false,
    en: {
      title: 'The object {sha256} in {place} is damaged: its content does not have its digest',
      fix: 'Do not use what was read. Put the object again from its source, and check the disk',
    },
    zh: {
      title: '{place} 中的对象 {sha256} 已损坏：内容与摘要不符',
      fix: '请勿使用已读出的内容。请从来源重新存入，并检查磁盘',
    },
  },
  'kernel.object-not-as-announced': {
    status: 422,
    retry: true,
    en: { title: 'What arrived has the digest {found}, not {expected} as announced', fix: 'Send it again' },
    zh: { title: '收到内容的摘要为 {found}，与声明的 {expected} 不符', fix: '请重新发送' },
  },
  'kernel.object-range': {
    status: 416,
    retry: false,
    en: {
      title: 'Bytes {start} to {end} were asked for, of an object of {sizeBytes} bytes',
      fix: 'Ask for bytes inside the object',
    },
    zh: { title: '请求的字节范围为 {start} 至 {end}，而对象只有 {sizeBytes} 字节', fix: '请在对象范围内请求' },
  },
  'kernel.digest-wrong': {
    status: 422,
    retry: false,
    en: { title: 'Not a SHA-256: {digest}', fix: 'Give 64 lower-case hexadecimal digits' },
    zh: { title: '不是 SHA-256：{digest}', fix: '请给出 64 位小写十六进制数' },
  },
  'kernel.disk-full': {
    status: 507,
    retry: true,
    en: {
      title: 'The storage {place} is full: nothing of the object was kept',
      fix: 'Free space there, or collect what nothing refers to, then repeat the request',
    },
    zh: { title: '存储 {place} 已满：未保存该对象的任何内容', fix: '请释放空间或清理无引用的对象，然后重试' },
  },
  'kernel.storage-unwritable': {
    status: 500,
    retry: false,
    en: {
      title: 'The storage {place} cannot be used: {detail}',
      fix: 'Give the account that runs the base the right to read and write there, or name another place',
    },
    zh: { title: '存储 {place} 无法使用：{detail}', fix: '请授予运行系统的账户读写权限，或改用其他位置' },
  },
  'kernel.storage-unreachable': {
    status: 503,
    retry: true,
    en: {
      title: 'The storage {place} does not answer: {detail}',
      fix: 'Check its address and that it runs, then repeat',
    },
    zh: { title: '存储 {place} 没有响应：{detail}', fix: '请检查其地址及运行状态后重试' },
  },
  'kernel.storage-address-wrong': {
    status: 422,
    retry: false,
    en: {
      title: 'Not an address of a storage: {address}',
      fix: 'Give a folder, or s3://BUCKET/PREFIX?endpoint=URL&region=NAME',
    },
    zh: { title: '不是存储地址：{address}', fix: '请给出文件夹，或 s3://BUCKET/PREFIX?endpoint=URL&region=NAME' },
  },
})
