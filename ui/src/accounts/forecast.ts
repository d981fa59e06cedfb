//! The strip of the day: where on it what ends. Pure, like everything that takes `now`.

import type { AccountReply } from "../generated/api";
import { TEXTS } from "../texts";
import { momentInSentence, timeOfDay } from "../time";
import { outlook, type Tone } from "./outlook";

export interface Mark {
  /** From 0, the strip's left end, to 1. */
  at: number;
  tone: Tone;
  /** What ends there, one sentence for each account. */
  says: string[];
}

export interface Label {
  at: number;
  words: string;
}

export interface Forecast {
  marks: Mark[];
  labels: Label[];
  /** Up to where nothing asks the person. */
  goodUntil: number;
}

const HOUR = 3_600_000;
const SHORTEST = 4 * HOUR;
const LONGEST = 24 * HOUR;
/** Where "now" stands: its mark needs room on its left. */
const NOW_AT = 0.04;
/** Marks nearer than this are one mark; labels, of which only the first is shown. */
const MARK_WIDTH = 0.045;
const LABEL_WIDTH = 0.14;
const MOST_TICKS = 6;

interface End {
  time: number;
  tone: Tone;
  says: string;
}

export function forecast(accounts: AccountReply[], now: number): Forecast {
  const ends = accounts
    .flatMap((account) => endsOf(account, now))
    .filter(({ time }) => time - now <= LONGEST)
    .sort((a, b) => a.time - b.time);
  const last = ends.at(-1)?.time ?? now;
  const span = Math.min(LONGEST, Math.max(SHORTEST, (last - now) * 1.15));
  const place = (time: number) => NOW_AT + ((time - now) / span) * (1 - NOW_AT);
  const asks = ends.filter(({ tone }) => tone === "soon");
  const first = asks[0];
  return {
    marks: gather(ends, place),
    labels: spread([
      { at: NOW_AT, words: TEXTS.now },
      ...[...asks, ...ends].map(({ time }) => ({ at: place(time), words: timeOfDay(time) })),
      ...ticks(now, span).map((time) => ({ at: place(time), words: timeOfDay(time) })),
    ]),
    goodUntil: first ? place(first.time) : 1,
  };
}

function endsOf(account: AccountReply, now: number): End[] {
  const { tone, renews, waits, endsAt, asksAt } = outlook(account, now);
  const name = account.username;
  if (account.state === "locked" || waits) return [];
  if (tone === "need") return [{ time: now, tone, says: TEXTS.needsNow(name) }];
  const ends: End[] = [];
  if (asksAt !== null && asksAt > now) {
    const says = TEXTS.asksAt(name, momentInSentence(asksAt, now));
    ends.push({ time: asksAt, tone: "soon", says });
  }
  if (renews && endsAt !== null && endsAt > now) {
    const says = TEXTS.renewsAt(name, momentInSentence(endsAt, now));
    ends.push({ time: endsAt, tone: "ok", says });
  }
  return ends;
}

function gather(ends: End[], place: (time: number) => number): Mark[] {
  const marks: Mark[] = [];
  for (const { time, tone, says } of ends) {
    const at = place(time);
    const near = marks.at(-1);
    if (!near || at - near.at > MARK_WIDTH) {
      marks.push({ at, tone, says: [says] });
      continue;
    }
    near.says.push(says);
    if (near.tone === "ok") near.tone = tone;
  }
  return marks;
}

function spread(labels: Label[]): Label[] {
  const shown: Label[] = [];
  for (const label of labels) {
    const fits = label.at < 1 - LABEL_WIDTH / 2 + NOW_AT;
    if (fits && shown.every(({ at }) => Math.abs(at - label.at) >= LABEL_WIDTH)) shown.push(label);
  }
  return shown;
}

/** Full hours, in steps that leave room for the words. */
function ticks(now: number, span: number): number[] {
  const step = Math.max(1, Math.ceil(span / HOUR / MOST_TICKS));
  const hour = new Date(now).setMinutes(0, 0, 0);
  const first = step - (new Date(now).getHours() % step);
  return Array.from(
    { length: MOST_TICKS },
    (_, index) => hour + (first + index * step) * HOUR,
  ).filter((time) => time <= now + span);
}
