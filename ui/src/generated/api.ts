// Written by `cargo test -p lanyard-api`. Do not edit.

export type Code = "failed" | "usage" | "config-invalid" | "sign-in-required" | "account-ambiguous" | "refused" | "provider-unreachable" | "timed-out" | "cache-unavailable" | "wrong-key" | "keyring-unavailable" | "locked" | "provider-refused" | "prompt-pending" | "unknown";

export type AccountState = "ok" | "expiring" | "expired" | "sign-in-required" | "error" | "locked" | "unknown";

export type Problem = { 
/**
 * `about:blank`: `code` says what kind it is.
 */
type: string, 
/**
 * What happened, in words.
 */
title: string, 
/**
 * The HTTP status.
 */
status: number, 
/**
 * What views and scripts branch on.
 */
code: Code, 
/**
 * What the person can do.
 */
action: string | null, 
/**
 * More for a bug report.
 */
detail: string | null, };

export type LastErrorReply = { 
/**
 * What views branch on.
 */
code: Code, 
/**
 * What happened.
 */
message: string, };

export type AccountReply = { 
/**
 * The profile it signed in through.
 */
profile: string, 
/**
 * The provider's id.
 */
provider: string, 
/**
 * The issuer that vouches for the person; of Entra, the authority.
 */
issuer: string, 
/**
 * Opaque and stable.
 */
account: string, 
/**
 * What the person types to sign in.
 */
username: string, 
/**
 * The person's name.
 */
display_name: string | null, 
/**
 * The tenant's id.
 */
tenant: string | null, 
/**
 * The tenant's name.
 */
tenant_name: string | null, 
/**
 * How it stands.
 */
state: AccountState, 
/**
 * Whether there is a grant that gets new tokens by itself.
 */
renews: boolean, 
/**
 * When the longest token of this tenant ends.
 */
token_expires_at: string | null, 
/**
 * When that token was got.
 */
token_obtained_at: string | null, 
/**
 * When the grant ends, as far as the provider said.
 */
grant_expires_at: string | null, 
/**
 * When a token was last got.
 */
last_refresh_at: string | null, 
/**
 * What went wrong last.
 */
last_error: LastErrorReply | null, };

export type SignOutReply = { 
/**
 * Who was signed out.
 */
account: string, 
/**
 * Their user name.
 */
username: string, 
/**
 * Whether the provider ended the grant too.
 */
revoked: boolean, 
/**
 * What the person should know.
 */
message: string, };

export type StrapReply = { 
/**
 * On a light surface, as `#rrggbb`.
 */
light: string, 
/**
 * On a dark surface.
 */
dark: string, };

export type FieldReply = { 
/**
 * The key in the config file.
 */
key: string, 
/**
 * `text`, `url`, `flag`, `texts`, `ports` or `secret-ref`.
 */
kind: string, 
/**
 * Whether it must be filled in.
 */
required: boolean, 
/**
 * Its name.
 */
label: string, 
/**
 * One sentence of help.
 */
help: string, 
/**
 * A value to show as an example.
 */
example: string, 
/**
 * The value that counts where there is none.
 */
default: string | null, };

export type MethodReply = { 
/**
 * The value of `method` in the config file.
 */
id: string, 
/**
 * Its name in words.
 */
label: string, 
/**
 * The form's fields in order.
 */
fields: Array<FieldReply>, };

export type ProviderReply = { 
/**
 * The value of `provider` in the config file.
 */
id: string, 
/**
 * The name that people know it by.
 */
label: string, 
/**
 * One sentence on what it is for.
 */
summary: string, 
/**
 * The colour of its badges.
 */
strap: StrapReply, 
/**
 * How one can sign in.
 */
methods: Array<MethodReply>, };

export type ProfileReply = { 
/**
 * Its name.
 */
name: string, 
/**
 * The provider's id.
 */
provider: string, 
/**
 * The method's id.
 */
method: string, 
/**
 * What tokens are for where a caller does not say.
 */
scopes: Array<string>, 
/**
 * Whether it is meant where none is named.
 */
default: boolean, };

export type SignInPhase = "starting" | "visit" | "device" | "finishing" | "done" | "failed" | "unknown";

export type SignInCall = { 
/**
 * The profile; without it the default one is meant.
 */
profile: string | null, 
/**
 * Whom the provider's page should suggest.
 */
username: string | null, 
/**
 * The tenant, where it is not the profile's.
 */
tenant: string | null, 
/**
 * Whether the person wants a code to enter on another device, whatever the profile's method.
 */
device: boolean, };

export type DeviceReply = { 
/**
 * The code.
 */
user_code: string, 
/**
 * The page to enter it on.
 */
verification_uri: string, 
/**
 * The page with the code in it already.
 */
verification_uri_complete: string | null, 
/**
 * When the code ends.
 */
expires_at: string, 
/**
 * The page as a QR code: a line for each row, `#` for a dark square; empty where the address is
 * too long for one.
 */
qr: Array<string>, };

export type SignInReply = { 
/**
 * What to ask about it with.
 */
id: string, 
/**
 * The profile.
 */
profile: string, 
/**
 * How far it is.
 */
phase: SignInPhase, 
/**
 * The provider's page, to be opened in the system browser.
 */
authorization_url: string | null, 
/**
 * Where the provider sends the browser back to.
 */
redirect_uri: string | null, 
/**
 * The code to enter.
 */
device: DeviceReply | null, 
/**
 * Who signed in.
 */
account: string | null, 
/**
 * Their user name.
 */
username: string | null, 
/**
 * Whether this call joined a sign-in that was under way.
 */
joined: boolean, 
/**
 * Why it failed.
 */
problem: Problem | null, };

export type PromptKind = "sign-in" | "pick-account" | "approve" | "confirm-config" | "act" | "unknown";

export type EvidenceReply = { 
/**
 * Its process.
 */
pid: number | null, 
/**
 * The path of its executable.
 */
executable: string | null, 
/**
 * The script or module that it runs.
 */
script: string | null, 
/**
 * The folder that it works in.
 */
folder: string | null, 
/**
 * Its ancestors, nearest first.
 */
ancestors: Array<string>, 
/**
 * Whether it belongs to a terminal.
 */
terminal: boolean, 
/**
 * The agent that it is or works for, with where that was seen.
 */
agent: string | null, 
/**
 * Why the program counts as unknown.
 */
unknown: string | null, };

export type ChoiceReply = { 
/**
 * The account.
 */
account: string, 
/**
 * Its user name.
 */
username: string, 
/**
 * Its tenant.
 */
tenant: string | null, };

export type ChangeReply = { 
/**
 * The key, with its tables.
 */
place: string, 
/**
 * What holds until the person agrees.
 */
was: string, 
/**
 * What the file says.
 */
becomes: string, };

export type PromptReply = { 
/**
 * What to answer it by.
 */
id: string, 
/**
 * What is asked.
 */
kind: PromptKind, 
/**
 * The profile it is about, where it is about one.
 */
profile: string | null, 
/**
 * The program that asked, as the system names it.
 */
program: string, 
/**
 * What else the system says of the program.
 */
evidence: EvidenceReply, 
/**
 * The account that a token is asked of.
 */
account: string | null, 
/**
 * Its user name.
 */
username: string | null, 
/**
 * What the token is for.
 */
audience: string | null, 
/**
 * Why it is asked, in words.
 */
why: string | null, 
/**
 * The accounts to choose from.
 */
choices: Array<ChoiceReply>, 
/**
 * What the config file loosens.
 */
changes: Array<ChangeReply>, 
/**
 * What a program wants to do that is the person's: `read-audit`, `read-approvals`, `unlock`,
 * `rekey`, `keys-to-keyring`, `keys-to-passphrase`, `keys-to-keyfile` or `backup`.
 */
act: string | null, 
/**
 * When it was first asked.
 */
asked_at: string, 
/**
 * When it goes away by itself.
 */
ends_at: string | null, };

export type AnswerKind = "allow" | "refuse" | "account";

export type AnswerCall = { 
/**
 * What the person says.
 */
answer: AnswerKind, 
/**
 * The chosen account.
 */
account: string | null, };

export type LockReply = { 
/**
 * Whether it is.
 */
locked: boolean, };

export type Showing = "tray" | "window";

export type DoneReply = Record<symbol, never>;

export type BrokerReply = { 
/**
 * The program's version.
 */
version: string, 
/**
 * Its process id.
 */
pid: number, 
/**
 * Whether it is locked.
 */
locked: boolean, 
/**
 * The path of the cache.
 */
cache: string, 
/**
 * Where the cache's keys come from.
 */
key: string, };

export type StatusReply = { 
/**
 * The broker.
 */
broker: BrokerReply, 
/**
 * The accounts, one entry for each tenant.
 */
accounts: Array<AccountReply>, 
/**
 * The profiles of the config file.
 */
profiles: Array<ProfileReply>, 
/**
 * The providers of these profiles.
 */
providers: Array<ProviderReply>, 
/**
 * Questions that wait for the person.
 */
prompts: Array<PromptReply>, 
/**
 * Sign-ins under way.
 */
sign_ins: Array<SignInReply>, 
/**
 * How early an end is announced, in seconds.
 */
notify_before: number, 
/**
 * What is wrong with the config file, if it cannot be used.
 */
config_problem: Problem | null, };

export type AuditReply = { 
/**
 * When.
 */
at: string, 
/**
 * What was done: `token`, `refresh`, `sign-in`, `sign-out`, `prompt`, `answer`, `approval`,
 * `config`, `lock`, `unlock`, `cache`.
 */
action: string, 
/**
 * The program that asked.
 */
caller: string, 
/**
 * The path of its executable.
 */
executable: string | null, 
/**
 * The folder that it worked in.
 */
folder: string | null, 
/**
 * The profile.
 */
profile: string, 
/**
 * The account.
 */
account: string | null, 
/**
 * What it was for.
 */
audience: string | null, 
/**
 * The code, or nothing where it worked.
 */
code: Code | null, 
/**
 * What else there is to say: why it was locked, which question was asked.
 */
detail: string | null, };

export type AuditCheckReply = { 
/**
 * Whether every entry fits the one before it, and none is missing at the end.
 */
whole: boolean, 
/**
 * How many entries there are.
 */
entries: number, 
/**
 * When the oldest was made.
 */
first: string | null, 
/**
 * When the newest was made.
 */
last: string | null, 
/**
 * The number of the first entry that does not fit.
 */
broken_at: number | null, 
/**
 * The number of the last entry that an older version wrote without a chain.
 */
unchained_until: number | null, };

export type ApprovalReply = { 
/**
 * What to revoke it by.
 */
id: string, 
/**
 * The program.
 */
program: string, 
/**
 * The path of its executable.
 */
executable: string | null, 
/**
 * The folder that it works in.
 */
folder: string | null, 
/**
 * The account.
 */
account: string, 
/**
 * Its user name.
 */
username: string, 
/**
 * The profile.
 */
profile: string, 
/**
 * What the tokens are for.
 */
audience: string, 
/**
 * Whether it was allowed.
 */
allowed: boolean, 
/**
 * When the person answered.
 */
created_at: string, 
/**
 * When the answer ends; a lock ends it sooner.
 */
expires_at: string, };

export type Event = { "event": "state", 
/**
 * What `/v1/status` would answer.
 */
status: StatusReply, } | { "event": "show" } | { "event": "unknown" };

