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

/** Returns the command that adds the profile; `NAME` stands where it has none. */
export function addCommand(name: string, provider: string, settings: [string, string][]): string {
  const set = settings
    .filter(([, text]) => text !== "")
    .map(([key, text]) => ["--set", `${key}=${text}`]);
  const words = [
    "lanyard",
    "profile",
    "add",
    name || "NAME",
    "--provider",
    provider,
    ...set.flat(),
  ];
  return words.map(quoted).join(" ");
}

function words(text: string): string[] {
  return text.split(/[\s,]+/).filter(Boolean);
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
