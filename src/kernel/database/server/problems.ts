import { catalogue } from '../../errors/problem.ts'

export const problem = catalogue({
  'kernel.data-folder-busy': {
    status: 409,
    retry: true,
    en: {
      title: 'Another Pilot Base (process {pid}) already works in {folder}',
      fix: 'Use that one, stop it, or start this one with another --data folder',
    },
    zh: {
      title: '另一个 Pilot Base（进程 {pid}）正在使用 {folder}',
      fix: '请使用已运行的实例或先停止它，或用 --data 指定其他目录启动',
    },
  },
  'kernel.data-folder-copied': {
    status: 409,
    retry: false,
    en: {
      title: '{folder} is a copy of {original}, and both name the same database',
      fix: 'Restore a backup into an empty folder instead, or remove cluster-id from the copy to start it with an empty database',
    },
    zh: {
      title: '{folder} 是 {original} 的副本，两者指向同一数据库',
      fix: '请改为将备份恢复到空目录，或删除副本中的 cluster-id 文件，以空数据库启动',
    },
  },
  'kernel.postgres-missing': {
    status: 500,
    retry: false,
    en: {
      title: 'This system ({platform}) has no packaged PostgreSQL',
      fix: 'Set DATABASE_URL to a PostgreSQL 15 or newer, for example postgresql://user:password@host/pilotbase',
    },
    zh: {
      title: '此系统（{platform}）没有随附的 PostgreSQL',
      fix: '请将 DATABASE_URL 设为 PostgreSQL 15 或更新版本的地址，例如 postgresql://user:password@host/pilotbase',
    },
  },
  'kernel.cluster-newer': {
    status: 500,
    retry: false,
    en: {
      title: 'The database in {folder} was made by PostgreSQL {found}, this program carries {ours}',
      fix: 'Start the newer Pilot Base that made it; going back needs a backup taken with the older one',
    },
    zh: {
      title: '{folder} 中的数据库由 PostgreSQL {found} 创建，而本程序自带的是 {ours}',
      fix: '请启动创建它的较新版本 Pilot Base；如需回退，请使用旧版本制作的备份',
    },
  },
  'kernel.cluster-older': {
    status: 500,
    retry: false,
    en: {
      title: 'The database in {folder} was made by PostgreSQL {found}, this program carries {ours}',
      fix: 'Take a backup with the Pilot Base that made it and restore it here',
    },
    zh: {
      title: '{folder} 中的数据库由 PostgreSQL {found} 创建，而本程序自带的是 {ours}',
      fix: '请用创建它的 Pilot Base 版本制作备份，再在此处恢复',
    },
  },
  'kernel.cluster-init-failed': {
    status: 500,
    retry: true,
    en: {
      title: 'The database could not be created in {folder}: {reason}',
      fix: 'Nothing half-made was left behind: remove the cause and start again',
    },
    zh: {
      title: '无法在 {folder} 中创建数据库：{reason}',
      fix: '未留下任何半成品：请排除原因后重新启动',
    },
  },
  'kernel.database-disk-full': {
    status: 507,
    retry: true,
    en: {
      title: 'No space is left for the database in {folder}',
      fix: 'Free at least 200 MB there, or choose another place with --data, and start again',
    },
    zh: {
      title: '{folder} 所在磁盘已无空间存放数据库',
      fix: '请至少腾出 200 MB，或用 --data 选择其他位置，然后重新启动',
    },
  },
  'kernel.postgres-failed': {
    status: 503,
    retry: true,
    en: {
      title: 'The database server did not start: {reason}',
      fix: 'Its log is {log}; remove the cause and start again',
    },
    zh: {
      title: '数据库服务未能启动：{reason}',
      fix: '日志在 {log}；请排除原因后重新启动',
    },
  },
  'kernel.socket-folder-unsafe': {
    status: 500,
    retry: false,
    en: {
      title: '{folder} belongs to someone else or can be opened by others',
      fix: 'Remove it, or choose another place for the data with --data',
    },
    zh: {
      title: '{folder} 属于其他用户，或可被其他用户访问',
      fix: '请删除该目录，或用 --data 将数据放到其他位置',
    },
  },
})
