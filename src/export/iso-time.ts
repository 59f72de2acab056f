/** Times as the trace writes them. Made by hand, since a clock is not for this layer to have. */

const MS_PER_DAY = 86_400_000;
const DAYS_PER_ERA = 146_097;
/** From 0000-03-01 to 1970-01-01. */
const DAYS_TO_EPOCH = 719_468;
const TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{3})Z$/;

/** RFC 3339 in UTC, to the millisecond; `at` in milliseconds since 1970, for years 0 to 9999. */
export function toIsoTime(at: number): string {
  const whole = Math.floor(at);
  const day = Math.floor(whole / MS_PER_DAY);
  const { year, month, date } = civil(day);
  const ms = whole - day * MS_PER_DAY;
  const clock = [
    Math.floor(ms / 3_600_000),
    Math.floor(ms / 60_000) % 60,
    Math.floor(ms / 1000) % 60,
  ];
  const [hours, minutes, seconds] = clock.map((part) => pad(part, 2));
  const milliseconds = pad(ms % 1000, 3);
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(date, 2)}T${hours}:${minutes}:${seconds}.${milliseconds}Z`;
}

/** The reverse; undefined where the text is not of that form. */
export function fromIsoTime(text: string): number | undefined {
  const parts = TIME.exec(text)?.slice(1).map(Number);
  if (parts === undefined) return undefined;
  const [year = 0, month = 0, date = 0, hours = 0, minutes = 0, seconds = 0, ms = 0] = parts;
  const at = dayOf(year, month, date) * MS_PER_DAY + hours * 3_600_000 + minutes * 60_000;
  const whole = at + seconds * 1000 + ms;
  return toIsoTime(whole) === text ? whole : undefined;
}

const pad = (value: number, digits: number): string => String(value).padStart(digits, '0');

/** Howard Hinnant, “chrono-compatible low-level date algorithms”: years begin in March. */
function civil(day: number): {
  readonly year: number;
  readonly month: number;
  readonly date: number;
} {
  const shifted = day + DAYS_TO_EPOCH;
  const era = Math.floor(shifted / DAYS_PER_ERA);
  const dayOfEra = shifted - era * DAYS_PER_ERA;
  const leaps =
    Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leaps) / 365);
  const leapDays = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  const dayOfYear = dayOfEra - (365 * yearOfEra + leapDays);
  const march = Math.floor((5 * dayOfYear + 2) / 153);
  const date = dayOfYear - Math.floor((153 * march + 2) / 5) + 1;
  const month = march < 10 ? march + 3 : march - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, date };
}

function dayOf(year: number, month: number, date: number): number {
  const from = month <= 2 ? year - 1 : year;
  const era = Math.floor(from / 400);
  const yearOfEra = from - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + date - 1;
  const leapDays = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  return era * DAYS_PER_ERA + yearOfEra * 365 + leapDays + dayOfYear - DAYS_TO_EPOCH;
}
