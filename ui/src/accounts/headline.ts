import type { StatusReply } from "../generated/api";
import { TEXTS } from "../texts";
import { moment, momentInSentence } from "../time";
import { hasAccount, isPrompted, outlook, questions } from "./outlook";

/** The first two lines of the window. */
export interface Headline {
  title: string;
  line: string;
}

export function headline(status: StatusReply, now: number): Headline {
  const { accounts, profiles, broker, config_problem } = status;
  if (broker.locked) return { title: TEXTS.locked, line: TEXTS.lockedLine };
  const waitingQuestions = questions(status).length;
  if (waitingQuestions > 0) {
    return { title: TEXTS.questions(waitingQuestions), line: TEXTS.questionsLine };
  }
  if (config_problem) return { title: TEXTS.configProblem, line: TEXTS.configProblemLine };

  const outlooks = accounts.map((account) => outlook(account, now));
  const fine = outlooks.filter(({ tone, waits }) => tone !== "need" && !waits);
  const waiting = outlooks.filter(({ waits }) => waits).length;
  const asked = profiles.filter(
    ({ name }) => !hasAccount(status, name) && isPrompted(status, name),
  );
  const need = outlooks.filter(({ tone }) => tone === "need").length + asked.length;
  const due = Math.min(...fine.map(({ asksAt }) => asksAt ?? Infinity));

  if (need > 0) {
    if (waiting > 0) return { title: TEXTS.needYou(need), line: TEXTS.keepsTrying };
    if (fine.length === 0) return { title: TEXTS.needYou(need), line: TEXTS.needOnly(need) };
    const next = Number.isFinite(due) ? TEXTS.nextDue(momentInSentence(due, now)) : "";
    return { title: TEXTS.needYou(need), line: `${TEXTS.othersFine(fine.length)}${next}.` };
  }
  if (accounts.length === 0) {
    return {
      title: TEXTS.nobody,
      line: profiles.length === 0 ? TEXTS.noProfilesLine : TEXTS.nobodyLine,
    };
  }
  if (waiting > 0) return { title: TEXTS.waiting(waiting), line: TEXTS.keepsTrying };
  if (!Number.isFinite(due)) return { title: TEXTS.allGood, line: TEXTS.allRenew(accounts.length) };
  return { title: TEXTS.allGoodUntil(moment(due, now)), line: TEXTS.thenAsks(accounts.length) };
}
