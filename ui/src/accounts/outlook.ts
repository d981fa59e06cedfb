//! What an account's state means for the person. Pure: the broker's words in, the window's out.

import type { AccountReply, AccountState, Code, PromptReply, StatusReply } from "../generated/api";
import { sentence, TEXTS } from "../texts";
import { momentInSentence, parse, timeLeft } from "../time";

export type Tone = "ok" | "soon" | "need";

export interface Outlook {
  tone: Tone;
  /** Whether Lanyard gets the next token without the person. */
  renews: boolean;
  /** Whether only time, or the network, can help. */
  waits: boolean;
  /** When the person is asked next, as far as known. */
  asksAt: number | null;
  /** The end that is shown: the token's, or that of the sign-in if it comes first. */
  endsAt: number | null;
  /** The part of the token's life that is left, from 0 to 1. */
  left: number;
}

const TONES: Record<AccountState, Tone> = {
  ok: "ok",
  expiring: "soon",
  expired: "need",
  "sign-in-required": "need",
  error: "need",
  locked: "ok",
  unknown: "ok",
};

/** Errors that pass without the person. */
const TRANSIENT: readonly Code[] = ["provider-unreachable", "timed-out"];

export function outlook(account: AccountReply, now: number): Outlook {
  const waits =
    account.state === "error" && TRANSIENT.includes(account.last_error?.code ?? "failed");
  const tokenEnds = parse(account.token_expires_at);
  const grantEnds = parse(account.grant_expires_at);
  const tone = waits ? "soon" : TONES[account.state];
  const asksAt = tone === "need" ? now : account.renews ? grantEnds : tokenEnds;
  const outlastsToken = asksAt === null || (tokenEnds !== null && asksAt > tokenEnds);
  const renews = account.renews && tone !== "need" && outlastsToken;
  const endsAt = renews || tone === "need" ? (tokenEnds ?? grantEnds) : asksAt;
  const begun = parse(account.token_obtained_at);
  const left = endsAt === null || begun === null ? 0 : (endsAt - now) / (endsAt - begun);
  return {
    tone: tone === "ok" && !renews ? "soon" : tone,
    renews,
    waits,
    asksAt,
    endsAt,
    left: Math.min(1, Math.max(0, left || 0)),
  };
}

/** What stands at the right of a badge, and the moment that it means. */
export interface Standing {
  main: string;
  sub: string;
  time: number | null;
}

export function standing(account: AccountReply, now: number): Standing {
  const { tone, renews, waits, endsAt } = outlook(account, now);
  if (account.state === "locked") return { main: TEXTS.lockedAccount, sub: "", time: null };
  if (waits) return { main: TEXTS.noToken, sub: TEXTS.triesAgain, time: null };
  const isOver = endsAt === null || endsAt <= now;
  if (isOver && (tone === "need" || !account.renews)) {
    const since = endsAt === null ? "" : momentInSentence(endsAt, now);
    return { main: TEXTS.ended, sub: since, time: endsAt };
  }
  if (isOver) return { main: TEXTS.ready, sub: TEXTS.whenAsked, time: null };
  const then = renews ? TEXTS.renewsItself : TEXTS.thenAsksYou;
  return {
    main: timeLeft(endsAt, now),
    sub: tone === "need" ? TEXTS.thenStops : then,
    time: endsAt,
  };
}

/** Why an account wants attention; nothing where it wants none. */
export function reason(account: AccountReply, now: number): string | null {
  const { tone, waits, asksAt } = outlook(account, now);
  if (tone === "need" || waits) {
    return account.last_error ? sentence(account.last_error.message) : TEXTS.reasonEnded;
  }
  if (account.state !== "expiring" || asksAt === null) return null;
  return TEXTS.reasonEnding(momentInSentence(asksAt, now));
}

/** What needs the person first, then what will soon; else as the broker lists them. */
export function inOrder(accounts: AccountReply[], now: number): AccountReply[] {
  const rank = (account: AccountReply) => {
    const { tone, waits } = outlook(account, now);
    return tone === "need" ? 0 : waits || account.state === "expiring" ? 1 : 2;
  };
  return accounts.toSorted((a, b) => rank(a) - rank(b));
}

export function hasAccount({ accounts }: StatusReply, profile: string): boolean {
  return accounts.some((account) => account.profile === profile);
}

/** Whether a program waits for a sign-in to the profile. */
export function isPrompted({ prompts }: StatusReply, profile: string): boolean {
  return prompts.some((prompt) => prompt.kind === "sign-in" && prompt.profile === profile);
}

/** The questions that are answered on a card; a wanted sign-in stands on its account's badge. */
export function questions({ prompts }: StatusReply): PromptReply[] {
  return prompts.filter((prompt) => prompt.kind !== "sign-in");
}
