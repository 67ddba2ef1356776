// Markdown tables that read as well in a terminal. Pure. Called by the bench's tables.

/** A table whose first column holds words and whose others hold figures. */
export function markdown(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...lines.map(line => line[column]?.length ?? 0)))
  const write = ([name = '', ...figures]: readonly string[]) =>
    `| ${[name.padEnd(widths[0] ?? 0), ...figures.map((figure, index) => figure.padStart(widths[index + 1] ?? 0))].join(' | ')} |`
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  return [head, rule, ...lines].map(write).join('\n')
}
