/** The page's whole style: it is part of the page, so that a copy on a disk looks the same. */
export const style = `
:root { color-scheme: light; --ink: #1a2230; --soft: #5a6577; --line: #d9dee6; --tint: #f4f6f9; --good: #0b6b3a; --bad: #a3171c; --wait: #7a5200; }
* { box-sizing: border-box; }
body { margin: 0; background: #fff; color: var(--ink); font: 15px/1.6 system-ui, -apple-system, "Segoe UI", "Noto Sans", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
main { max-width: 1040px; margin: 0 auto; padding: 40px 28px 80px; }
header { border-bottom: 3px solid var(--ink); padding-bottom: 20px; }
h1 { font-size: 28px; line-height: 1.25; margin: 4px 0 8px; }
h2 { font-size: 19px; margin: 44px 0 12px; padding-top: 12px; border-top: 1px solid var(--line); }
h3 { font-size: 16px; margin: 24px 0 8px; }
p { margin: 8px 0; max-width: 76ch; }
.eyebrow { color: var(--soft); font-size: 13px; letter-spacing: .04em; }
.soft { color: var(--soft); }
.mark { display: inline-block; border: 1px solid currentColor; border-radius: 4px; padding: 0 8px; margin-right: 6px; font-size: 13px; font-weight: 600; }
.good { color: var(--good); } .bad { color: var(--bad); } .wait { color: var(--wait); }
.warning { border-left: 4px solid var(--wait); background: #fdf6e7; padding: 10px 16px; margin: 16px 0; }
.alarm { border-left: 4px solid var(--bad); background: #fdeeee; padding: 10px 16px; margin: 16px 0; }
dl { display: grid; grid-template-columns: minmax(130px, max-content) 1fr; gap: 4px 20px; margin: 12px 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
.mark, td .good, td .bad { white-space: nowrap; }
td.number + td:not(.number), th.number + th:not(.number) { padding-left: 16px; }
.wide { overflow-x: auto; margin: 12px 0; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
caption { text-align: left; color: var(--soft); padding-bottom: 6px; }
th, td { text-align: left; vertical-align: top; padding: 7px 12px 7px 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; white-space: nowrap; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.when { white-space: nowrap; font-variant-numeric: tabular-nums; }
code { font: 13px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "Noto Sans Mono", monospace; overflow-wrap: anywhere; }
td code { font-size: 12px; }
pre { background: var(--tint); padding: 12px 16px; overflow-x: auto; }
footer { margin-top: 48px; padding-top: 16px; border-top: 1px solid var(--line); color: var(--soft); font-size: 13px; }
@media print { main { max-width: none; padding: 0; } h2 { break-after: avoid; } tr { break-inside: avoid; } .wide { overflow: visible; } }
`
