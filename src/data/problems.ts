import { catalogue } from '../kernel/index.ts'

export const problem = catalogue({
  'data.path-unsafe': {
    status: 422,
    retry: false,
    en: {
      title: 'The file name {path} leaves the snapshot or is not a plain relative path',
      fix: 'Use relative names with / and without ..',
    },
    zh: { title: '文件名 {path} 超出快照范围，或不是普通相对路径', fix: '请使用以 / 分隔且不含 .. 的相对路径' },
  },
  'data.path-twice': {
    status: 422,
    retry: false,
    en: { title: 'The file name {path} stands in the manifest twice', fix: 'Name each file once' },
    zh: { title: '清单中文件名 {path} 重复', fix: '每个文件只能出现一次' },
  },
  'data.content-missing': {
    status: 422,
    retry: false,
    en: {
      title: '{count} files of the manifest are not stored yet, the first is {path}',
      fix: 'Upload their content, then create the snapshot',
    },
    zh: { title: '清单中有 {count} 个文件尚未上传，第一个是 {path}', fix: '请先上传内容，再创建快照' },
  },
  'data.pack-broken': {
    status: 422,
    retry: false,
    en: { title: 'The upload is not a pack: {reason}', fix: 'Send it again with pilotbase data add' },
    zh: { title: '上传内容不是有效的数据包：{reason}', fix: '请用 pilotbase data add 重新上传' },
  },
  'data.digest-differs': {
    status: 422,
    retry: false,
    en: {
      title: '{path} arrived with digest {actual}, the sender named {expected}',
      fix: 'Send it again; the file may have changed meanwhile',
    },
    zh: {
      title: '{path} 收到的摘要为 {actual}，与发送方声明的 {expected} 不符',
      fix: '请重新发送；文件可能在此期间被修改',
    },
  },
})
