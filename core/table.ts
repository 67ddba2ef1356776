// A report as somebody reads it on a terminal: columns, those of numbers flush right. Used by the commands that read the
// ledger.
import { reportCsv, reportObjects, type Report } from '../sdk/usage-report.ts'

/** How a report can be printed. */
export type Format = 'table' | 'csv' | 'json'

/** True for the name of a format. */
export function isFormat(name: string): name is Format {
  return name === 'table' || name === 'csv' || name === 'json'
}

/** A report, without its last line break. No control character of what it tells is in it. */
export function formatted(report: Report, format: Format): string {
  if (format === 'csv') return reportCsv(report).slice(0, -1)
  if (format === 'table') return tableOf(report)
  return JSON.stringify(reportObjects(report), null, 2).replace(/[\x7f-\x9f\p{Cf}]/gu, escaped)
}

function tableOf({ names, rows }: Report): string {
  const lines = [names, ...rows].map(row => row.map(cell => String(cell).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escaped)))
  const widths = names.map((_, column) => Math.max(...lines.map(line => line[column]!.length)))
  const isNumber = names.map((_, column) => rows.length > 0 && rows.every(row => /^-?\d+(?:\.\d+)?$/.test(String(row[column]))))
  return lines.map(line => line.map((cell, column) =>
    isNumber[column] === true ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)).join('  ').trimEnd()).join('\n')
}

/** Code unit by code unit, as JSON wants it. */
const escaped = (characters: string): string =>
  characters.replace(/[^]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
