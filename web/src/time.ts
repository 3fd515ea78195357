// Times in the words of the owner's own language and zone. Pure: what time it is, is handed in.

const DAY_MS = 86_400_000;

/** The local day, as a number that goes up by one at each midnight. */
function dayNumber(date: Date): number {
  return Math.round(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / DAY_MS);
}

export const isSameDay = (a: Date, b: Date): boolean => dayNumber(a) === dayNumber(b);

/** "Today", "Yesterday", "Wednesday", "Tuesday 3 March", "Tuesday, 3 March 2020". */
export function dayWords(date: Date, now: Date, locale?: string): string {
  const age = dayNumber(now) - dayNumber(date);
  const words = nearWords(age, locale);
  if (words) return words.charAt(0).toLocaleUpperCase(locale) + words.slice(1);
  if (age > 0 && age < 7) return date.toLocaleDateString(locale, { weekday: "long" });
  return date.toLocaleDateString(locale, { weekday: "long", ...dateParts(date, now) });
}

/** A day in the middle of a sentence: "today", "yesterday", "3 March", "3 March 2020". */
export function dateWords(date: Date, now: Date, locale?: string): string {
  const words = nearWords(dayNumber(now) - dayNumber(date), locale);
  return words ?? date.toLocaleDateString(locale, dateParts(date, now));
}

function nearWords(age: number, locale?: string): string | null {
  if (age !== 0 && age !== 1) return null;
  return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(-age, "day");
}

function dateParts(date: Date, now: Date): Intl.DateTimeFormatOptions {
  const isThisYear = date.getFullYear() === now.getFullYear();
  return { day: "numeric", month: "long", ...(isThisYear ? {} : { year: "numeric" }) };
}

export const clockWords = (date: Date, locale?: string): string =>
  date.toLocaleTimeString(locale, { timeStyle: "short" });

export const fullWords = (date: Date, locale?: string): string =>
  date.toLocaleString(locale, { dateStyle: "full", timeStyle: "medium" });

/** "less than a minute", "about 4 minutes", "about 2 hours". */
export function durationWords(seconds: number): string {
  if (seconds < 60) return "less than a minute";
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `about ${minutes} ${minutes === 1 ? "minute" : "minutes"}`;
  return `about ${Math.round(minutes / 60)} hours`;
}
