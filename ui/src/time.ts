//! How moments and spans are worded. The wording takes `now`; only the tick reads the clock.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const WEEKDAY = new Intl.DateTimeFormat("en-GB", { weekday: "short" });
const DATE = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const ABSOLUTE = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "short" });

/** Returns the moment that a reply names, in milliseconds. */
export function parse(moment: string | null): number | null {
  return moment === null ? null : Date.parse(moment);
}

/** "14:05". */
export function timeOfDay(time: number): string {
  return CLOCK.format(time);
}

/** "14:05", "tomorrow 09:00", "Thu 09:00", "3 Dec". */
export function moment(time: number, now: number): string {
  const clock = timeOfDay(time);
  const days = Math.round((midnight(time) - midnight(now)) / DAY);
  if (days === 0) return clock;
  if (days === 1) return `tomorrow ${clock}`;
  if (days === -1) return `yesterday ${clock}`;
  return days > 1 && days < 7 ? `${WEEKDAY.format(time)} ${clock}` : DATE.format(time);
}

/** "at 14:05", "tomorrow 09:00", "on Thu 09:00", "on 3 Dec". */
export function momentInSentence(time: number, now: number): string {
  const words = moment(time, now);
  if (/^\d\d:/.test(words)) return `at ${words}`;
  return /^(tomorrow|yesterday)/.test(words) ? words : `on ${words}`;
}

/** "41 min", "3 h 52 min"; from twelve hours on, the moment itself. */
export function timeLeft(until: number, now: number): string {
  const minutes = Math.max(1, Math.ceil((until - now) / MINUTE));
  if (minutes >= 12 * 60) return moment(until, now);
  const hours = Math.floor(minutes / 60);
  const rest = String(minutes % 60).padStart(2, "0");
  return hours === 0 ? `${minutes} min` : `${hours} h ${rest} min`;
}

/** "Saturday 21 November 2026 at 14:05", for hover and for screen readers. */
export function absolute(time: number): string {
  return ABSOLUTE.format(time);
}

/** Calls `tick` at every full minute. */
export function everyMinute(tick: () => void): void {
  setTimeout(
    () => {
      tick();
      everyMinute(tick);
    },
    MINUTE - (Date.now() % MINUTE),
  );
}

function midnight(time: number): number {
  return new Date(time).setHours(0, 0, 0, 0);
}
