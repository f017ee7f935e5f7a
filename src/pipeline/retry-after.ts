const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

const month = MONTHS.join("|");
const shortDay = DAYS.map((day) => day.slice(0, 3)).join("|");
const time = "(?<hour>\\d{2}):(?<minute>\\d{2}):(?<second>\\d{2})";

/** RFC 9110 section 5.6.7: the one form that is sent, and the two that must still be understood. */
const imfFixdate = new RegExp(
  `^(?<weekday>${shortDay}), (?<day>\\d{2}) (?<month>${month}) (?<year>\\d{4}) ${time} GMT$`,
);
const rfc850 = new RegExp(
  `^(?<weekday>${DAYS.join("|")}), (?<day>\\d{2})-(?<month>${month})-(?<year>\\d{2}) ${time} GMT$`,
);
const asctime = new RegExp(
  `^(?<weekday>${shortDay}) (?<month>${month}) (?<day>[ \\d]\\d) ${time} (?<year>\\d{4})$`,
);

/**
 * Reads an HTTP date in any of its three forms, strictly: no other zone, no overflow (30 Feb), the weekday right.
 *
 * @param now ms; decides the century of a two-digit year (RFC 9110: not more than 50 years ahead)
 * @returns ms since the epoch, or undefined where the text is not an HTTP date
 */
export function parseHttpDate(text: string, now: number): number | undefined {
  const groups = (imfFixdate.exec(text) ?? rfc850.exec(text) ?? asctime.exec(text))?.groups;
  if (groups === undefined) return undefined;
  const part = (name: string): number => Number(groups[name]);
  let year = part("year");
  if (groups["year"]?.length === 2) {
    const thisYear = new Date(now).getUTCFullYear();
    year += thisYear - (thisYear % 100);
    if (year > thisYear + 50) year -= 100;
  }
  const monthIndex = MONTHS.indexOf(groups["month"] ?? "");
  const [day, hour, minute, second] = [part("day"), part("hour"), part("minute"), part("second")];
  // A leap second is legal in the grammar; it counts as the last one that a JavaScript clock knows.
  const date = new Date(Date.UTC(year, monthIndex, day, hour, minute, Math.min(second, 59)));
  const real =
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute &&
    second <= 60;
  return real && DAYS[date.getUTCDay()]?.startsWith(groups["weekday"] ?? "-") === true
    ? date.getTime()
    : undefined;
}

/**
 * How long `Retry-After` asks to wait (RFC 9110 section 10.2.3). A date is measured against the answer's own `date`,
 * so that a wrong local clock does not stretch or cut the wait.
 *
 * @returns ms, 0 for a time that has passed; undefined where there is no header or it cannot be read
 */
export function retryAfter(headers: Headers, now: number): number | undefined {
  const value = headers.get("retry-after")?.trim();
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const at = parseHttpDate(value, now);
  if (at === undefined) return undefined;
  return Math.max(0, at - (parseHttpDate(headers.get("date") ?? "", now) ?? now));
}
