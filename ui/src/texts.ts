//! Every word that the window says, in one place.

import type { Code, SignInPhase } from "./generated/api";

/** What went wrong, in a few words. A new code without words does not compile. */
const CODES: Record<Code, string> = {
  failed: "Something failed",
  usage: "The request was not understood",
  "config-invalid": "The config file has a mistake",
  "sign-in-required": "A sign-in is needed",
  "account-ambiguous": "Several accounts match",
  refused: "It was refused",
  "provider-unreachable": "The provider could not be reached",
  "timed-out": "It took too long",
  "cache-unavailable": "The cache cannot be used",
  "wrong-key": "The key does not fit the cache",
  "keyring-unavailable": "The keyring cannot be used",
  locked: "Lanyard is locked",
  "provider-refused": "The provider refused",
  "prompt-pending": "A question waits for you",
  unknown: "Something went wrong that this window does not know",
};

/** How a sign-in under way stands; the last two are over and say nothing here. */
export const PHASES: Record<SignInPhase, string> = {
  starting: "Opening your browser…",
  visit: "Waiting for you in the browser…",
  device: "Waiting for you to enter a code…",
  finishing: "You are back; getting the tokens…",
  unknown: "The sign-in is under way…",
  done: "",
  failed: "",
};

/** What a program may ask to do that is the person's: in a headline, and what it comes to. */
export const ACTS: Record<string, { asks: string; effect: string }> & {
  unknown: { asks: string; effect: string };
} = {
  "read-audit": {
    asks: "asks to read the audit trail",
    effect: "It sees which programs asked for what, when, and for which account.",
  },
  "read-approvals": {
    asks: "asks to read what you allowed",
    effect: "It sees which programs you allowed what.",
  },
  unlock: {
    asks: "asks to unlock Lanyard",
    effect: "Programs get tokens again.",
  },
  rekey: {
    asks: "asks to give the cache new keys",
    effect: "The cache is encrypted anew. Whoever has the old keys has nothing of the new file.",
  },
  "keys-to-keyring": {
    asks: "asks to keep the cache's keys in the keyring",
    effect: "They are open to your own programs while your login keyring is.",
  },
  "keys-to-passphrase": {
    asks: "asks to wrap the cache's keys by a passphrase",
    effect: "Whoever does not know the passphrase that the program gave has to sign in everywhere anew.",
  },
  "keys-to-keyfile": {
    asks: "asks to keep the cache's keys in a file",
    effect: "They are in the clear: whoever reads the file reads the cache.",
  },
  backup: {
    asks: "asks to copy the cache",
    effect: "Whoever has the copy and its passphrase can sign in as you.",
  },
  unknown: {
    asks: "asks to do what only you may",
    effect: "This window does not know what it comes to. Refuse it, or update Lanyard.",
  },
};

/** What stands in the audit trail. */
export const ACTIONS: Record<string, string> = {
  token: "Token",
  refresh: "Renewed",
  "sign-in": "Signed in",
  "sign-out": "Signed out",
  prompt: "Question",
  answer: "Answer",
  lock: "Locked",
  unlock: "Unlocked",
};

export const TEXTS = {
  app: "Lanyard",

  question: "A question for you",
  questions: (count: number) =>
    count === 1 ? "One question waits for you" : `${capital(inWords(count))} questions wait for you`,
  questionsLine: "Look at who asks before you answer.",
  moreWait: (count: number) => (count === 1 ? "One more waits" : `${capital(inWords(count))} more wait`),
  someProgram: "An unknown program",
  asksToken: "asks for a token of",
  asksAccount: "asks which account to use in",
  asksSomething: "has a question that this window does not know",
  configAsks: "The config file allows more than before",
  withProfile: "with the profile",
  evidence: "Who asks for what",
  who: "Program",
  asksFor: "Asks for",
  why: "Asked because",
  runs: "runs",
  inFolder: "in",
  startedBy: "started by",
  inTerminal: "In a terminal",
  noTerminal: "Without a terminal",
  processId: (pid: number) => `process ${pid}`,
  agent: "Agent:",
  unknownProgram: "Unknown program:",
  notNamed: "the system does not say which program it is",
  place: "Place",
  was: "Was",
  becomes: "Becomes",
  nothing: "(nothing)",
  answers: {
    program: { allow: "Allow", refuse: "Refuse" },
    config: { allow: "Agree", refuse: "Keep as it was" },
  },
  approveEffect:
    "“Allow” holds for this program, account and purpose until you lock, 12 hours at most; “Refuse” for ten minutes. It stops mistakes and careless programs. A program of yours that is out to harm cannot be stopped by this.",
  actEffect: "“Allow” counts once; “Refuse” holds for ten minutes.",
  pickEffect: "Your choice is remembered for this program. “Refuse” holds for ten minutes.",
  configEffect:
    "Until you agree, what was before holds. The file itself stays as it is; “Keep as it was” holds for ten minutes.",
  allowed: (program: string) => `${program} may go on.`,
  refused: (program: string) => `${program} was refused.`,
  agreed: "The config file holds as it is.",
  kept: "What was before holds.",

  activity: "Activity",
  approvals: "What you answered",
  approvedUntil: (allowed: boolean, when: string) =>
    allowed ? `Allowed; ends ${when}, or with a lock` : `Refused; ends ${when}`,
  revoke: "Take back",
  trail: "What was asked for",
  noActivity: "Nothing was asked for yet.",

  lock: "Lock",
  unlock: "Unlock",
  unlocking: "Unlocking…",
  unlocked: "Unlocked.",
  passphrase: "Passphrase",
  wrongPassphrase: "That is not the passphrase",
  lockByKeyring:
    "The lock makes programs wait outside. While your login keyring is open it does not hide the keys from your own programs; a passphrase does: `lanyard cache rekey --to passphrase`.",
  lockByPassphrase:
    "The keys of the cache are wrapped by your passphrase, and no longer in memory. After wrong ones the next attempt has to wait, each time longer.",

  search: "Find an account",
  about: "About Lanyard",
  close: "Close",
  dismiss: "Dismiss",
  details: "Details",
  code: "Code",
  detail: "Detail",

  loading: "Loading your accounts",

  gone: "The broker ended",
  goneLine: "It is being started again; this window then opens anew.",
  locked: "Lanyard is locked",
  lockedLine: "Programs get no tokens until you unlock it.",
  configProblem: "The config file has a mistake",
  configProblemLine: "Accounts that you signed in to before are kept.",

  nobody: "Nobody is signed in yet",
  nobodyLine: "Choose how you want to sign in.",
  noProfilesLine: "First say how you sign in: that is a profile.",
  noProfilesHow: "In a terminal, name a profile and its provider:",
  noProfilesCommand: "lanyard profile add NAME --provider PROVIDER",
  noProfilesForm: "Build the command in a form",

  needYou: (count: number) =>
    count === 1 ? "One account needs you" : `${capital(inWords(count))} accounts need you`,
  needOnly: (count: number) =>
    count === 1 ? "Sign in again and it goes on." : "Sign in again and they go on.",
  othersFine: (count: number) =>
    count === 1 ? "The other one is fine" : `The other ${inWords(count)} are fine`,
  nextDue: (when: string) => `; the next sign-in is due ${when}`,
  keepsTrying: "Lanyard tries again by itself where a provider does not answer.",
  waiting: (count: number) =>
    count === 1
      ? "One account waits for its provider"
      : `${capital(inWords(count))} accounts wait for their providers`,
  allGood: "All good",
  allGoodUntil: (when: string) => `All good until ${when}`,
  allRenew: (count: number) =>
    ["It renews itself.", "Both renew themselves."][count - 1] ??
    `All ${inWords(count)} renew themselves.`,
  thenAsks: (count: number) =>
    count === 1
      ? "Then it asks you to sign in again."
      : `Then one of the ${inWords(count)} asks you to sign in again.`,

  forecast: "What ends when",
  now: "now",
  needsNow: (name: string) => `${name} needs you now`,
  asksAt: (name: string, when: string) => `${name} asks you ${when}`,
  renewsAt: (name: string, when: string) => `${name} renews itself ${when}`,

  accounts: "Accounts",
  notSignedIn: "Not signed in",
  noMatch: (query: string) => `No account matches “${query}”.`,
  renewsItself: "renews itself",
  thenAsksYou: "then asks you",
  thenStops: "then it stops",
  ended: "Ended",
  noToken: "No token",
  triesAgain: "tries again",
  lockedAccount: "Locked",
  ready: "Ready",
  whenAsked: "when asked",

  reasonEnded: "The sign-in is over and nothing renews it.",
  reasonEnding: (when: string) => `It asks you ${when}. Sign in now and nothing stops.`,
  waitsFor: (program: string) => `${program} waits for it.`,

  signIn: "Sign in",
  cancel: "Cancel",
  joined: "It was under way already; this window joined it.",
  enterCode: "Enter this code on the provider’s page, in a browser on any machine:",
  onlyYou:
    "Only go on if you started this yourself. Whoever made you enter a code gets your sign-in.",
  openCodePage: "Open the page",
  qr: (page: string) => `QR code of ${page}`,
  codeEnds: (left: string) => `The code ends in ${left}.`,
  codeEnded: "The code is over.",
  elsewhere: "The browser is on another machine?",
  elsewhereLine: "Paste the whole address that it ends at here.",
  returnAddress: "Return address",
  handOver: "Hand over",
  signedIn: (who: string) => `${who} is signed in.`,

  signOut: "Sign out",
  signedOut: (who: string) => `${who} is signed out.`,
  signOutQuestion: (name: string) => `Sign ${name} out?`,
  signOutEffect: (tenants: number) =>
    tenants === 1
      ? "Programs get no more tokens for it until you sign in again."
      : `Programs get no more tokens for it in all ${inWords(tenants)} tenants until you sign in again.`,
  staySignedIn: "Stay signed in",

  profile: "Profile",
  method: "Method",
  person: "Name",
  tenant: "Tenant",
  accountId: "Account id",
  tokenUntil: "Token until",
  grantUntil: "Sign-in until",
  lastRefresh: "Last renewed",
  lastError: "Last error",

  addAccount: "Add account",
  addWithProfile: "Sign in with a profile",
  addWithProvider: "Or describe a new way to sign in",
  chooseProvider: "Choose a provider",
  profileName: "Profile name",
  profileNameHelp: "What you call it on the command line: letters, digits, “-”, “_” and “.”.",
  optional: "optional",
  listHelp: "Several are separated by spaces.",
  defaultIs: (value: string) => `Without it: ${value}.`,
  secretStore: "Where the secret is kept",
  secretStores: { keyring: "Keyring", env: "Environment variable", file: "File" },
  commandHelp: "Run this in a terminal; the profile then appears here.",
  commandMissing: (labels: string) => `Still to fill in: ${labels}.`,
  copy: "Copy",
  copied: "Copied",

  version: "Version",
  process: "Process",
  cache: "Cache",
  key: "Key from",
  brokerRunning: "Broker running · cache encrypted",
  brokerLocked: "Locked · cache encrypted",
  brokerGone: "Broker not running",
} as const;

const WORDS = [
  "no",
  "one",
  "two",
  "three",
  "four",
  "five",
  "six",
  "seven",
  "eight",
  "nine",
  "ten",
  "eleven",
  "twelve",
];

/** "The provider refused (provider-refused)": the words, and what a bug report needs. */
export function codeInWords(code: Code): string {
  return `${CODES[code]} (${code})`;
}

/** Makes a sentence of a message that the broker words without capital and full stop. */
export function sentence(message: string): string {
  // A host or a path keeps its case; a word does not.
  const words = message.trim().replace(/^\p{Ll}+(?=\s)/u, capital);
  return /[.!?…]$/.test(words) ? words : `${words}.`;
}

/** Shows what would turn the reading direction, break the line or stay unseen as a mark. */
export function visible(name: string): string {
  return name.replace(/[\p{Cc}\u061C\u200B\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu, "\uFFFD");
}

function inWords(count: number): string {
  return WORDS[count] ?? String(count);
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
