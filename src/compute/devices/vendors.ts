/** The variable by which each vendor's runtime is told which accelerators it may see, by index. */
export const selectionVariables = {
  nvidia: 'CUDA_VISIBLE_DEVICES',
  ascend: 'ASCEND_RT_VISIBLE_DEVICES',
  hygon: 'HIP_VISIBLE_DEVICES',
  cambricon: 'MLU_VISIBLE_DEVICES',
} as const satisfies Record<string, string>

export type Vendor = keyof typeof selectionVariables
