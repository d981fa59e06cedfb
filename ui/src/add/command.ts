//! The command line that a filled-in form stands for.

import type { FieldReply } from "../generated/api";

export type SecretStore = "keyring" | "env" | "file";

/** What stands in a field, before it is worded for the config file. */
export interface Entry {
  text: string;
  flag: boolean;
  store: SecretStore;
}

export function emptyEntry(): Entry {
  return { text: "", flag: false, store: "keyring" };
}

export function isProfileName(name: string): boolean {
  return /^[a-z\d][\w.-]{0,63}$/i.test(name);
}

/** Returns a field's value as the config file has it, and nothing where it is left out. */
export function value({ kind }: FieldReply, { text, flag, store }: Entry): string {
  const trimmed = text.trim();
  if (kind === "flag") return flag ? "true" : "";
  if (trimmed === "") return "";
  if (kind === "texts")
    return `[${words(trimmed)
      .map((word) => JSON.stringify(word))
      .join(", ")}]`;
  if (kind === "ports") return `[${words(trimmed).join(", ")}]`;
  if (kind === "secret-ref") return `{ ${store} = ${JSON.stringify(trimmed)} }`;
  return trimmed;
}

/** A profile as a form describes it; an empty setting is left out. */
export interface NewProfile {
  name: string;
  provider: string;
  /** Only where it is not the provider's first. */
  method: string | null;
  settings: [string, string][];
}

/** Returns the command that adds the profile; `NAME` stands where it has none. */
export function addCommand({ name, provider, method, settings }: NewProfile): string {
  const set = settings.filter(([, text]) => text !== "");
  const options = [
    ["--provider", provider],
    ...(method === null ? [] : [["--method", method]]),
    ...set.map(([key, text]) => ["--set", `${key}=${text}`]),
  ];
  return ["lanyard", "profile", "add", name || "NAME", ...options.flat()].map(quoted).join(" ");
}

function words(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
