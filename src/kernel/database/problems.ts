import { catalogue } from '../errors/problem.ts'

export const problem = catalogue({
  'kernel.database-newer': {
    status: 500,
    retry: false,
    en: {
      title: 'The database was written by a newer Pilot Base (migration {migration} is unknown here)',
      fix: 'Start the newer version, or point --data or DATABASE_URL at another place',
    },
    zh: {
      title: '数据库由更新版本的 Pilot Base 写入（此处不认识迁移 {migration}）',
      fix: '请启动更新的版本，或改用其他 --data 或 DATABASE_URL',
    },
  },
  'kernel.migration-changed': {
    status: 500,
    retry: false,
    en: {
      title: 'Migration {migration} is not the one this database was built with',
      fix: 'Restore the published file: an applied migration is never edited, a new one is added',
    },
    zh: {
      title: '迁移 {migration} 与此数据库建立时所用的不一致',
      fix: '请恢复发布的文件：已执行的迁移不可修改，只能新增',
    },
  },
  'kernel.database-unreachable': {
    status: 503,
    retry: true,
    en: {
      title: 'The database does not answer: {reason}',
      fix: 'Check DATABASE_URL and that the server runs, then try again',
    },
    zh: { title: '数据库没有响应：{reason}', fix: '请检查 DATABASE_URL 及数据库是否运行，然后重试' },
  },
  'kernel.conflict': {
    status: 409,
    retry: true,
    en: { title: 'Someone else changed this at the same moment', fix: 'Read it again and repeat the change' },
    zh: { title: '他人同时修改了此内容', fix: '请重新读取后再修改' },
  },
})
