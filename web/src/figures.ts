// Sizes as a person says them.

/** "640 kB", "93 MB", "2.5 GB". */
export function sizeWords(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  if (bytes >= 1e6) return `${Math.round(bytes / 1e6)} MB`;
  return `${Math.round(bytes / 1e3)} kB`;
}

export const rateWords = (bytesPerSecond: number): string => `${sizeWords(bytesPerSecond)}/s`;
