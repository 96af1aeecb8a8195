import { catalogue } from '../../kernel/index.ts'

export const problem = catalogue({
  'compute.executor-unknown': {
    status: 422,
    retry: false,
    en: { title: 'There is no executor called {name}', fix: 'Choose one of: {known}' },
    zh: { title: '没有名为 {name} 的执行器', fix: '请从以下选择：{known}' },
  },
  'compute.executor-options': {
    status: 422,
    retry: false,
    en: {
      title: 'The options of executor {name} are wrong at {path}: {wrong}',
      fix: 'Correct them in the configuration',
    },
    zh: { title: '执行器 {name} 的选项在 {path} 处有误：{wrong}', fix: '请在配置中更正' },
  },
  'compute.executor-system': {
    status: 501,
    retry: false,
    en: {
      title: 'Jobs cannot run locally on {system}: process groups and signals of POSIX are needed',
      fix: 'Run the base on Linux or macOS, or use an executor of a cluster',
    },
    zh: {
      title: '{system} 上无法在本机运行任务：需要 POSIX 进程组与信号',
      fix: '请在 Linux 或 macOS 上运行，或使用集群执行器',
    },
  },
  'compute.executor-folder': {
    status: 500,
    retry: false,
    en: {
      title: 'The folder {folder} cannot be entered by the unprivileged users that jobs run as',
      fix: 'Put the data folder where every parent has mode o+x (for example under /var/lib), or allow it: chmod o+x {folder}',
    },
    zh: {
      title: '任务以非特权用户运行，无法进入文件夹 {folder}',
      fix: '请将数据文件夹放在各级目录均有 o+x 权限的位置（例如 /var/lib 下），或执行 chmod o+x {folder}',
    },
  },
  'compute.attempt-id': {
    status: 422,
    retry: false,
    en: {
      title: 'The attempt id {attemptId} is not a DNS label',
      fix: 'Use 1 to 63 lower-case letters, digits and inner hyphens',
    },
    zh: { title: '尝试编号 {attemptId} 不是合法的 DNS 标签', fix: '请使用 1 至 63 个小写字母、数字及中间的连字符' },
  },
  'compute.attempt-command': {
    status: 422,
    retry: false,
    en: {
      title: 'The command is empty, begins with a hyphen or contains a null character',
      fix: 'Name a program and its arguments',
    },
    zh: { title: '命令为空、以连字符开头或含有空字符', fix: '请给出程序及其参数' },
  },
  'compute.attempt-environment': {
    status: 422,
    retry: false,
    en: {
      title: 'The environment variable {variable} has a malformed name or a null character in its value',
      fix: 'Use letters, digits and underscores in names, not starting with a digit',
    },
    zh: {
      title: '环境变量 {variable} 的名称不合法，或其值含有空字符',
      fix: '名称请只用字母、数字和下划线，且不以数字开头',
    },
  },
  'compute.attempt-limits': {
    status: 422,
    retry: false,
    en: { title: 'The limit {limit} is {value}', fix: 'Give a finite number above zero' },
    zh: { title: '限制 {limit} 的值为 {value}', fix: '请给出大于零的有限数值' },
  },
  'compute.attempt-work-folder': {
    status: 422,
    retry: false,
    en: {
      title: 'The work folder {folder} does not exist, or is not an absolute path to a folder',
      fix: 'Make the folder and stage its inputs before the launch',
    },
    zh: { title: '工作文件夹 {folder} 不存在，或不是文件夹的绝对路径', fix: '请在启动前创建该文件夹并放好输入' },
  },
  'compute.attempt-users': {
    status: 503,
    retry: true,
    en: {
      title: 'All {count} user ids for jobs are in use',
      fix: 'Wait until jobs have ended and were collected, or widen the range in the configuration',
    },
    zh: { title: '供任务使用的 {count} 个用户编号均已占用', fix: '请等待任务结束并完成收集，或在配置中扩大范围' },
  },
  'compute.attempt-not-started': {
    status: 503,
    retry: true,
    en: {
      title: 'The supervisor of attempt {attemptId} could not be started: {cause}',
      fix: 'Launch the attempt again',
    },
    zh: { title: '无法启动尝试 {attemptId} 的监督进程：{cause}', fix: '请重新启动该尝试' },
  },
  'compute.attempt-unknown': {
    status: 404,
    retry: false,
    en: { title: 'There is no record of attempt {attemptId}', fix: 'Launch it, or drop the handle: it was forgotten' },
    zh: { title: '没有尝试 {attemptId} 的记录', fix: '请先启动它；若已清除，请丢弃该句柄' },
  },
  'compute.attempt-not-ended': {
    status: 409,
    retry: true,
    en: { title: 'Attempt {attemptId} has not ended', fix: 'Cancel it, or wait for its end' },
    zh: { title: '尝试 {attemptId} 尚未结束', fix: '请取消它，或等待其结束' },
  },
})
