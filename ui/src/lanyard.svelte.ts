import { createContext } from "svelte";

import * as bridge from "./bridge";
import type {
  AccountReply,
  AnswerCall,
  DeviceReply,
  DoneReply,
  LockReply,
  Problem,
  PromptReply,
  ProviderReply,
  SignInPhase,
  SignInReply,
  SignOutReply,
  StatusReply,
} from "./generated/api";
import { sentence, TEXTS } from "./texts";
import { everyMinute } from "./time";

/** A sign-in as the window shows it: under way, or failed with a problem. */
export interface SignInView {
  id: string | null;
  phase: SignInPhase;
  joined: boolean;
  device: DeviceReply | null;
  problem: Problem | null;
}

const STARTING: SignInView = {
  id: null,
  phase: "starting",
  joined: false,
  device: null,
  problem: null,
};

/** What the window knows: the broker's last whole state, and what this window started itself. */
export class Lanyard {
  status = $state.raw<StatusReply | null>(null);
  gone = $state.raw<Problem | null>(null);
  now = $state(Date.now());
  note = $state("");
  #attempts = $state<Record<string, SignInView>>({});
  #cancelled = new Set<string>();

  /** Follows the broker and the clock, for as long as the page is open. */
  async start(): Promise<void> {
    everyMinute(() => (this.now = Date.now()));
    try {
      await bridge.watch({
        onStatus: (status) => this.#show(status),
        onGone: (problem) => this.#lose(problem),
      });
      // What was sent before the page listened is asked for; what came since is newer.
      const status = await bridge.call<StatusReply>("GET", "/v1/status");
      if (this.status === null) this.#show(status);
    } catch (problem) {
      this.#lose(problem as Problem);
    }
  }

  provider(id: string): ProviderReply | undefined {
    return this.status?.providers.find((provider) => provider.id === id);
  }

  /** The sign-in of a profile: this window's own, or one that another program started. */
  signInOf(profile: string): SignInView | undefined {
    return this.#attempts[profile] ?? this.#underWayElsewhere(profile);
  }

  async signIn(profile: string): Promise<void> {
    this.#attempts[profile] = STARTING;
    this.note = "";
    try {
      let reply = await bridge.signIn(profile);
      const joined = reply.joined;
      while (isUnderWay(reply)) {
        this.#attempts[profile] = { ...reply, joined };
        reply = await bridge.call<SignInReply>("GET", `/v1/sign-in/${reply.id}`);
      }
      this.#settle(reply);
    } catch (problem) {
      this.#attempts[profile] = { ...STARTING, phase: "failed", problem: problem as Problem };
    }
  }

  async cancel(profile: string): Promise<void> {
    const id = this.#attempts[profile]?.id ?? this.#underWayElsewhere(profile)?.id;
    if (!id) return;
    this.#cancelled.add(id);
    await this.#say(bridge.call<SignInReply>("DELETE", `/v1/sign-in/${id}`).then(() => ""));
  }

  /** Opens the page for the code of this window's sign-in. */
  async openCodePage(profile: string): Promise<void> {
    const id = this.#attempts[profile]?.id;
    if (id) await this.#say(bridge.openCodePage(id).then(() => ""));
  }

  /** Hands over the address that a browser on another machine ended at. Says whether it was taken. */
  async paste(profile: string, url: string): Promise<boolean> {
    const id = this.#attempts[profile]?.id;
    if (!id) return false;
    let taken = false;
    const reply = bridge.call<SignInReply>("POST", `/v1/sign-in/${id}/return`, { url });
    await this.#say(reply.then(() => ((taken = true), "")));
    return taken;
  }

  async signOut(account: AccountReply): Promise<void> {
    const reply = bridge.call<SignOutReply>("DELETE", `/v1/accounts/${account.account}`);
    const said = reply.then(({ message }) => sentence(message));
    await this.#say(said.then((words) => `${TEXTS.signedOut(account.username)} ${words}`));
  }

  /** Answers a question; says why where that did not work. */
  answer(prompt: PromptReply, answer: AnswerCall): Promise<Problem | null> {
    const path = `/v1/prompts/${prompt.id}/answer`;
    const isConfig = prompt.kind === "confirm-config";
    const said = answer.answer === "refuse"
      ? isConfig ? TEXTS.kept : TEXTS.refused(prompt.program)
      : isConfig ? TEXTS.agreed : TEXTS.allowed(prompt.program);
    return this.#try(bridge.call<DoneReply>("POST", path, answer), said);
  }

  async lock(): Promise<void> {
    await this.#say(bridge.call<LockReply>("POST", "/v1/lock").then(() => ""));
  }

  /** Ends the lock. The passphrase passes through once and is kept nowhere. */
  unlock(passphrase: string | null): Promise<Problem | null> {
    return this.#try(bridge.call<LockReply>("POST", "/v1/unlock", { passphrase }), TEXTS.unlocked);
  }

  #show(status: StatusReply): void {
    for (const [profile, { problem }] of Object.entries(this.#attempts)) {
      // A failure is history once the profile's accounts stand otherwise than when it happened.
      const changed = standOf(status, profile) !== standOf(this.status, profile);
      if (problem && changed) delete this.#attempts[profile];
    }
    this.status = status;
    this.gone = null;
    this.now = Date.now();
  }

  #lose(problem: Problem): void {
    this.gone = problem;
    this.note = "";
  }

  #settle(reply: SignInReply): void {
    if (reply.problem && !this.#cancelled.has(reply.id)) {
      this.#attempts[reply.profile] = reply;
      return;
    }
    delete this.#attempts[reply.profile];
    if (reply.phase === "done") this.note = TEXTS.signedIn(reply.username ?? reply.profile);
  }

  #underWayElsewhere(profile: string): SignInReply | undefined {
    return this.status?.sign_ins.find((reply) => reply.profile === profile && isUnderWay(reply));
  }

  async #try(done: Promise<unknown>, said: string): Promise<Problem | null> {
    try {
      await done;
      this.note = said;
      return null;
    } catch (problem) {
      return problem as Problem;
    }
  }

  async #say(words: Promise<string>): Promise<void> {
    this.note = await words.catch((problem: Problem) => sentence(problem.title));
  }
}

export function isUnderWay({ phase }: SignInView): boolean {
  return phase !== "done" && phase !== "failed";
}

function standOf(status: StatusReply | null, profile: string): string {
  const accounts = status?.accounts.filter((account) => account.profile === profile) ?? [];
  return accounts.map(({ account, state }) => `${account} ${state}`).join();
}

export const [useLanyard, provideLanyard] = createContext<Lanyard>();
